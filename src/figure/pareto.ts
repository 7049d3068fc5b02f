/** Accuracy against cost: what is worth its price. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { axis, layout, styleOf } from './theme.js';

export interface ParetoOptions {
  /** Column of the cost, less is better. Default `kept`. */
  readonly cost?: string;
  /** Its name and unit. Default `kept weights`. */
  readonly costTitle?: string;
  /** Column of the value, more is better. Default `testAtEarlyStop`. */
  readonly value?: string;
  /** Its name and unit. Default `test accuracy (share)`. */
  readonly valueTitle?: string;
  /** The column that tells the markers apart. Default `arm`. */
  readonly group?: string;
  /** Default true: costs span orders of magnitude. */
  readonly log?: boolean;
  readonly title?: string;
}

/**
 * The points that no other point beats in both: cost no higher and value no lower, one of them better. In order of cost.
 * @example frontier([[1, 0.9], [2, 0.8], [3, 0.95]]).map(([cost]) => cost) // => [1, 3]
 */
export function frontier(points: readonly (readonly [cost: number, value: number])[]): (readonly [number, number])[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || b[1] - a[1]);
  let best = Number.NEGATIVE_INFINITY;
  return sorted.filter(([, value]) => {
    if (value <= best) return false;
    best = value;
    return true;
  });
}

/**
 * One point a row, and the frontier as steps.
 * @param table such as from `toLevels`
 */
export function pareto(table: Table, options: ParetoOptions = {}): Figure {
  const {
    cost = 'kept',
    costTitle = 'kept weights',
    value = 'testAtEarlyStop',
    valueTitle = 'test accuracy (share)',
    group = 'arm',
    log = true,
  } = options;
  checkColumns('pareto', table, [cost, value, group]);
  const isFinitePoint = (row: TableRow): boolean =>
    [cost, value].every((name) => typeof row[name] === 'number' && Number.isFinite(row[name]));
  const rows = toRows(table).filter((row) => isFinitePoint(row) && (!log || Number(row[cost]) > 0));
  const best = frontier(rows.map((row) => [Number(row[cost]), Number(row[value])] as const));
  const line: JsonObject = {
    ...{
      type: 'scatter',
      mode: 'lines',
      name: 'frontier',
      hoverinfo: 'skip',
      line: { color: '#666666', dash: 'dot', width: 1.5, shape: 'hv' },
    },
    ...{ x: best.map(([x]) => x), y: best.map(([, y]) => y) },
  };
  const groups = sortArms(rows.map((row) => String(row[group]))).map((name, i): JsonObject => {
    const own = rows.filter((row) => String(row[group]) === name);
    const { color, symbol } = styleOf(name, i);
    const label = escapeText(armLabel(name));
    return {
      ...{ type: 'scatter', mode: 'markers', name: label, marker: { color, symbol, size: 8, opacity: 0.85 }, hoverinfo: 'text' },
      ...{ x: own.map((row) => Number(row[cost])), y: own.map((row) => Number(row[value])) },
      hovertext: own.map(
        (row) =>
          `<b>${label}</b><br>${escapeText(`${costTitle}: ${row[cost]}`)}<br>${escapeText(`${valueTitle}: ${Number(row[value]).toFixed(4)}`)}`,
      ),
    };
  });
  return {
    data: [line, ...groups],
    layout: layout(escapeText(options.title ?? 'Accuracy and cost'), {
      xaxis: axis(escapeText(costTitle), log ? { type: 'log', dtick: 1, exponentformat: 'power' } : { rangemode: 'tozero' }),
      yaxis: axis(escapeText(valueTitle)),
    }),
  };
}
