/** Slices of a surface over depth and density: one curve for each depth. */
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, densityAxis, layout, ordinal, styleOf } from './theme.js';

export interface DepthSlicesOptions {
  /** The column on the y axis. Default `testAtEnd`. */
  readonly value?: string;
  /** Its name and unit. Default `test accuracy (share)`. */
  readonly valueTitle?: string;
  readonly band?: Band;
  readonly title?: string;
}

/**
 * The value by density, a curve for each depth from dark (shallow) to light (deep), with a band over replicates.
 * @param cells from `surfaceCells`
 */
export function depthSlices(cells: Table, options: DepthSlicesOptions = {}): Figure {
  const { value = 'testAtEnd', valueTitle = 'test accuracy (share)', band = 'range', title = 'Slices by depth' } = options;
  checkColumns('depthSlices', cells, ['depth', 'density', value]);
  const rows = toRows(cells).map((row): TableRow => ({ ...row, rounded: Number(Number(row.density).toPrecision(2)) }));
  const depths = [...new Set(rows.map((row) => Number(row.depth)))].sort((a, b) => a - b);
  const name = valueTitle.split(' (')[0] as string;
  const data = depths.flatMap((depth, i) => {
    const own = rows.filter((row) => Number(row.depth) === depth);
    const points = groupRows(own, ['rounded'])
      .flatMap((same) => {
        const [summary, density] = [summarise(same.map((row) => row[value])), summarise(same.map((row) => row.density))];
        return summary === undefined || density === undefined ? [] : [{ x: density.mean, summary }];
      })
      .sort((a, b) => b.x - a.x);
    const style = { ...styleOf('', i), color: ordinal(depths.length < 2 ? 0 : i / (depths.length - 1)) };
    const hover = { x: (x: number) => `density ${Number(x.toPrecision(3))}`, y: (v: number) => `${name} ${v.toFixed(4)}` };
    return series(points, { name: `depth ${depth}`, style, band, hover });
  });
  return {
    data,
    layout: layout(escapeText(title), { xaxis: densityAxis(rows.map((row) => Number(row.density))), yaxis: axis(escapeText(valueTitle)) }),
  };
}
