/** Which ticket came from which: the family tree of runs. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { axis, layout, styleOf } from './theme.js';

/**
 * One point for each ticket: generation across (operators since the initialised network), one line for each run; lines join parent
 * and child. A parent of another run is joined across lines.
 * @param levels from `toLevels`
 */
export function lineage(levels: Table, title = 'Lineage of tickets'): Figure {
  checkColumns('lineage', levels, ['key', 'arm', 'replicate', 'level', 'density', 'ticket', 'parent', 'operator']);
  const rows = toRows(levels);
  const byTicket = new Map(rows.map((row) => [row.ticket, row]));
  // Runs that start alike share a ticket: a parent is looked for in the same run first.
  const own = new Map(rows.map((row) => [`${row.key} ${row.ticket}`, row]));
  const lines = sortArms(rows.map((row) => String(row.arm))).flatMap((arm) => [
    ...new Set(rows.filter((row) => row.arm === arm).map((row) => String(row.key))),
  ]);
  const x = (row: TableRow): number => generation(row, byTicket);
  const y = (row: TableRow): number => lines.indexOf(String(row.key));
  const edges = rows.flatMap((row) => {
    const parent = row.parent === null ? undefined : (own.get(`${row.key} ${row.parent}`) ?? byTicket.get(row.parent ?? null));
    return parent === undefined ? [] : [[parent, row] as const];
  });
  const links: JsonObject = {
    ...{ type: 'scatter', mode: 'lines', hoverinfo: 'skip', showlegend: false, line: { color: '#999999', width: 1.5 } },
    x: edges.flatMap(([parent, row]) => [x(parent), x(row), null]),
    y: edges.flatMap(([parent, row]) => [y(parent), y(row), null]),
  };
  const operators = [...new Set([...rows].sort((a, b) => x(a) - x(b)).map((row) => String(row.operator)))];
  const nodes = operators.map((operator, i): JsonObject => {
    const made = rows.filter((row) => String(row.operator) === operator);
    const { color, symbol } = styleOf('', i);
    return {
      ...{ type: 'scatter', mode: 'markers', name: escapeText(operator), marker: { color, symbol, size: 11 }, hoverinfo: 'text' },
      ...{ x: made.map(x), y: made.map(y), hovertext: made.map(describe) },
    };
  });
  const names = lines.map((key) => {
    const row = rows.find((r) => r.key === key);
    return escapeText(`${armLabel(String(row?.arm))}, replicate ${row?.replicate}`);
  });
  return {
    data: [links, ...nodes],
    layout: layout(escapeText(title), {
      height: 150 + 28 * Math.max(3, lines.length),
      xaxis: axis('generation (operators since the initialised network)', { dtick: 1, showgrid: false }),
      yaxis: axis('', { tickvals: lines.map((_, i) => i), ticktext: names, range: [lines.length - 0.4, -0.6], showgrid: false }),
    }),
  };
}

function generation(row: TableRow, byTicket: ReadonlyMap<unknown, TableRow>): number {
  const seen = new Set<unknown>([row.ticket]);
  let count = 0;
  // Records are hostile input: a ring of parents must not hang.
  for (let parent = row.parent; parent !== null && parent !== undefined && !seen.has(parent); count++) {
    seen.add(parent);
    const next = byTicket.get(parent);
    if (next === undefined) return count + 1;
    parent = next.parent;
  }
  return count;
}

function describe(row: TableRow): string {
  const lines = [
    `ticket ${String(row.ticket).slice(0, 12)}`,
    `${row.operator}, level ${row.level}`,
    `density ${Number(Number(row.density).toPrecision(3))}`,
  ];
  return lines.map(escapeText).join('<br>');
}
