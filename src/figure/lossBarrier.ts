/** Loss or error on the straight line between two networks (linear mode connectivity, Frankle et al. 2020, arXiv:1912.05671). */
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { barrier } from '../ticket/interpolate.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';

export interface LossBarrierOptions {
  /** The column on the y axis. Default `error`. */
  readonly value?: string;
  /** Its name and unit. Default `error (share of wrong answers)`. */
  readonly valueTitle?: string;
  /** The column that tells the lines apart. Default `name`. */
  readonly group?: string;
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Mean by place on the line, with a band over replicates; the legend has each curve's barrier.
 * @param path rows with `alpha` in [0, 1] (0 the first network, 1 the second), `name` and the value
 */
export function lossBarrier(path: Table, options: LossBarrierOptions = {}): Figure {
  const {
    value = 'error',
    valueTitle = 'error (share of wrong answers)',
    group = 'name',
    band = 'range',
    title = 'Between two networks',
  } = options;
  checkColumns('lossBarrier', path, ['alpha', group, value]);
  const rows = toRows(path);
  const names = [...new Set(rows.map((row) => String(row[group])))];
  const data = names.flatMap((name, i) => {
    const points = groupRows(
      rows.filter((row) => String(row[group]) === name),
      ['alpha'],
    )
      .flatMap((same) => {
        const summary = summarise(same.map((row) => row[value]));
        return summary === undefined ? [] : [{ x: Number(same[0]?.alpha), summary }];
      })
      .sort((a, b) => a.x - b.x);
    if (points.length === 0) return [];
    const height = barrier(points.map(({ summary }) => summary.mean));
    const hover = { x: (alpha: number) => `at ${alpha} of the way`, y: (v: number) => `${valueTitle.split(' (')[0]} ${v.toFixed(4)}` };
    return series(points, { name: `${name} (barrier ${height.toFixed(3)})`, style: styleOf(name, i), band, hover });
  });
  return {
    data,
    layout: layout(escapeText(title), {
      xaxis: axis('place between the networks (0 the first, 1 the second)', { range: [-0.03, 1.03] }),
      yaxis: axis(escapeText(valueTitle), { rangemode: 'tozero' }),
    }),
  };
}
