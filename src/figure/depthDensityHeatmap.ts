/** A value over depth and density at once. */
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { summarise } from './summarise.js';
import { axis, layout, sequential } from './theme.js';

export interface DepthDensityHeatmapOptions {
  /** The column that colours the cells. Default `testAtEarlyStop`. */
  readonly value?: string;
  /** Its name and unit for people. Default `test accuracy (share)`. */
  readonly valueTitle?: string;
  readonly title?: string;
  /** Least and greatest value of the colours, to compare two surfaces. Default: those of the data. */
  readonly range?: readonly [number, number];
}

/**
 * Mean over replicates by depth (layers with kernels) and density, densities rounded to two digits. Cells are equally wide: both axes
 * are lists of what was run. Cells without a run stay white.
 * @param levels from `toLevels`
 */
export function depthDensityHeatmap(levels: Table, options: DepthDensityHeatmapOptions = {}): Figure {
  const { value = 'testAtEarlyStop', valueTitle = 'test accuracy (share)', title = 'Depth and density', range } = options;
  checkColumns('depthDensityHeatmap', levels, ['depth', 'density', value]);
  const rows = toRows(levels).map((row) => ({ ...row, density: Number(Number(row.density).toPrecision(2)) }));
  const cells = new Map(
    groupRows(rows, ['depth', 'density']).map((group) => [
      `${group[0]?.depth} ${group[0]?.density}`,
      summarise(group.map((row) => row[value as 'density'])),
    ]),
  );
  const depths = [...new Set(rows.map((row) => Number(row['depth' as 'density'])))].sort((a, b) => a - b);
  const densities = [...new Set(rows.map((row) => row.density))].sort((a, b) => b - a);
  const at = (depth: number, density: number) => cells.get(`${depth} ${density}`);
  const trace: JsonObject = {
    ...(range && { zmin: range[0], zmax: range[1] }),
    ...{ type: 'heatmap', x: densities.map(String), y: depths.map(String) },
    z: depths.map((depth) => densities.map((density) => at(depth, density)?.mean ?? null)),
    ...{
      colorscale: sequential,
      hoverongaps: false,
      hoverinfo: 'text',
      colorbar: { title: { text: escapeText(valueTitle), side: 'right', font: { size: 12 } }, thickness: 14 },
    },
    hovertext: depths.map((depth) =>
      densities.map((density) => {
        const summary = at(depth, density);
        const text =
          summary &&
          `${summary.mean.toFixed(4)}, ${summary.n} ${summary.n === 1 ? 'run' : 'runs'} from ${summary.min.toFixed(4)} to ${summary.max.toFixed(4)}`;
        return `depth ${depth} layers, density ${density}<br>${escapeText(valueTitle)}: ${text ?? 'no run'}`;
      }),
    ),
  };
  return {
    data: [trace],
    layout: layout(escapeText(title), {
      xaxis: axis('density (kept share of the prunable weights)', { type: 'category', showgrid: false }),
      yaxis: axis('depth (layers with kernels)', { type: 'category', showgrid: false }),
    }),
  };
}
