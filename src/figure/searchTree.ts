/** The tree of a recursive search: which extensions were tried, and which were taken. */
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { axis, layout, sequential } from './theme.js';

/** How far before its column an edge turns down, in iterations. */
const ELBOW = 0.12;
/** Letters that fit beside a node. */
const LONG = 16;

export interface SearchTreeOptions {
  /** Which run; default the first of the table. */
  readonly key?: string;
  readonly title?: string;
}

/**
 * Tickets are nodes, operators the edges that lead to them: a column for each iteration, the ticket that was taken on the top line with
 * its test accuracy and density, those that were not below it, best score first. Colour is depth.
 * @param levels from `toLevels`
 * @param tried from `toPoints(records, 'candidate')`
 */
export function searchTree(levels: Table, tried: Table, options: SearchTreeOptions = {}): Figure {
  checkColumns('searchTree', levels, ['key', 'level', 'ticket', 'depth', 'density', 'testAtEnd', 'operator']);
  checkColumns('searchTree', tried, ['key', 'level']);
  const { key = String(toRows(levels)[0]?.key ?? ''), title = 'What was tried, and on top what was taken: test accuracy, density' } =
    options;
  const trained = toRows(levels).filter((row) => row.key === key);
  const nodes = [
    ...trained.filter(({ level }) => level === 0).map((row) => ({ row, x: 0, y: 0, text: 'seed', chosen: true })),
    ...groupRows(
      toRows(tried).filter((row) => row.key === key),
      ['level'],
    ).flatMap((group) => {
      const order = [...group].sort((a, b) => Number(b.chosen) - Number(a.chosen) || Number(b.score ?? 0) - Number(a.score ?? 0));
      return order.map((row, i) => ({ row, x: Number(row.level), y: 0 - i, text: String(row.text), chosen: row.chosen === true }));
    }),
  ];
  const resultOf = (row: TableRow): TableRow | undefined => trained.find(({ ticket }) => ticket === row.ticket);
  const lines = (chosen: boolean): JsonObject => {
    const own = nodes.filter((node) => node.x > 0 && node.chosen === chosen);
    return {
      ...{ type: 'scatter', mode: 'lines', hoverinfo: 'skip', showlegend: false },
      line: chosen ? { color: '#222222', width: 2.5 } : { color: '#bbbbbb', width: 1 },
      // Down just before the column, so that no edge crosses a label.
      x: own.flatMap(({ x }) => [x - 1, x - ELBOW, x - ELBOW, x, null]),
      y: own.flatMap(({ y }) => [0, 0, y, y, null]),
    };
  };
  const high = nodes.some(({ text }) => partsOf(text).length > 2) ? 44 : 30;
  const broken = (text: string): string => partsOf(text).map(escapeText).join('<br>');
  const label = ({ row, text, chosen }: (typeof nodes)[number]): string => {
    if (!chosen) return broken(text);
    const result = resultOf(row);
    const numbers =
      result === undefined ? '' : `<br>${(100 * Number(result.testAtEnd)).toFixed(2)} %, ${Number(result.density).toFixed(2)}`;
    return `<b>${broken(text)}</b>${numbers}`;
  };
  const most = Math.max(1, ...nodes.map(({ x }) => x));
  const deepest = Math.min(-2, ...nodes.map(({ y }) => y));
  const points: JsonObject = {
    ...{ type: 'scatter', mode: 'markers+text', showlegend: false, hoverinfo: 'text' },
    x: nodes.map(({ x }) => x),
    y: nodes.map(({ y }) => y),
    text: nodes.map(label),
    textposition: nodes.map(({ chosen }) => (chosen ? 'top center' : 'middle right')),
    textfont: { size: 10, color: '#222222' },
    hovertext: nodes.map((node) => describe(node.text, node.row, resultOf(node.row))),
    marker: {
      ...{ size: nodes.map(({ chosen }) => (chosen ? 15 : 9)), line: { color: '#444444', width: 1 } },
      ...{ color: nodes.map(({ row }) => Number(row.depth)), colorscale: sequential, showscale: true },
      colorbar: { title: { text: 'depth (layers)', side: 'right', font: { size: 12 } }, thickness: 12, dtick: 1 },
    },
  };
  return {
    data: [lines(false), lines(true), points],
    layout: layout(escapeText(title), {
      ...{ width: 960, height: 210 + high * -deepest },
      xaxis: axis('iteration (extensions so far)', { dtick: 1, range: [-0.5, most + 0.95], showgrid: false }),
      yaxis: axis('', { visible: false, range: [deepest - 0.6, 2] }),
    }),
  };
}

/** The operator above what it was applied to, and long names after a dot, so that labels of neighbours do not meet. */
function partsOf(text: string): string[] {
  const [operator = '', ...words] = text.split(' ');
  const target = words.join(' ');
  const dot = target.lastIndexOf('.') + 1;
  const parts = dot > 0 && target.length > LONG ? [target.slice(0, dot), target.slice(dot)] : [target];
  return [operator, ...parts].filter((part) => part !== '');
}

function describe(text: string, row: TableRow, result: TableRow | undefined): string {
  const own = [
    `<b>${escapeText(text)}</b>`,
    `depth ${row.depth}, density ${Number(row.density).toFixed(3)}, ${row.parameters} parameters`,
    typeof row.score === 'number' ? `score ${row.score.toPrecision(4)}` : '',
    typeof row.accuracy === 'number' ? `validation ${(100 * row.accuracy).toFixed(2)} % after its trial` : '',
    result === undefined ? '' : `test ${(100 * Number(result.testAtEnd)).toFixed(2)} % after its training`,
  ];
  return own.filter((line) => line !== '').join('<br>');
}
