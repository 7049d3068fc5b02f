/** How much luck there is in one draw of random coefficients. */
import { quantile } from '../analysis/confidence.js';
import { checkColumns, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { axis, colors, layout, translucent } from './theme.js';

export interface ApproximationDrawsOptions {
  /** Other measurements to lay beside, by number of coefficients. */
  readonly reference?: { readonly name: string; readonly count: readonly number[]; readonly accuracy: readonly number[] };
  readonly title?: string;
}

/**
 * Every draw of coefficients as a point, the median as a line.
 * @param points from `toPoints(records, 'approximation')`, of runs with more than one draw
 */
export function approximationDraws(
  points: Table,
  { reference, title = 'One draw of random coefficients beside another' }: ApproximationDrawsOptions = {},
): Figure {
  checkColumns(`the figure '${title}'`, points, ['count', 'accuracy']);
  const rows = toRows(points).map((row) => ({ count: Number(row.count), accuracy: Number(row.accuracy) }));
  const counts = [...new Set(rows.map(({ count }) => count))].sort((a, b) => a - b);
  const text = (accuracy: number, what: string): string => `${what}<br>test accuracy ${(100 * accuracy).toFixed(2)} %`;
  const accuracies = (count: number): number[] =>
    rows
      .filter((row) => row.count === count)
      .map(({ accuracy }) => accuracy)
      .sort((a, b) => a - b);
  const medians = counts.map((count) => quantile(accuracies(count), 0.5));
  const blue = colors[0] as string;
  const data: JsonObject[] = [
    {
      ...{ type: 'scatter', mode: 'markers', name: 'one draw', x: rows.map(({ count }) => count), y: rows.map(({ accuracy }) => accuracy) },
      marker: { color: translucent(blue, 0.35), size: 7 },
      ...{ hoverinfo: 'text', hovertext: rows.map(({ count, accuracy }) => text(accuracy, `one draw of ${count} coefficients`)) },
    },
    {
      ...{ type: 'scatter', mode: 'lines', name: 'median of all draws', x: counts, y: medians, line: { color: blue, width: 2 } },
      ...{ hoverinfo: 'text', hovertext: medians.map((accuracy, i) => text(accuracy, `median at ${counts[i]} coefficients`)) },
    },
  ];
  if (reference !== undefined)
    data.push({
      ...{ type: 'scatter', mode: 'markers', name: escapeText(reference.name), x: [...reference.count], y: [...reference.accuracy] },
      marker: { color: colors[1] as string, symbol: 'x', size: 10 },
      ...{ hoverinfo: 'text', hovertext: reference.accuracy.map((accuracy) => text(accuracy, escapeText(reference.name))) },
    });
  return {
    data,
    layout: layout(escapeText(title), { xaxis: axis('random coefficients for each weight'), yaxis: axis('test accuracy') }),
  };
}
