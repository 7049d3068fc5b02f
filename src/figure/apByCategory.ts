/** Which categories pruning costs most: against how often they were trained, or how easy they are to the dense detector. */
import { type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface ApByCategoryOptions {
  readonly detected?: 'box' | 'mask' | 'keypoints';
  /** `trained`: objects of the category in the training part. `dense`: AP of the dense detector. Default `trained`. */
  readonly by?: 'trained' | 'dense';
  /** The arm. Default `direct`. */
  readonly arm?: string;
  readonly title?: string;
}

/**
 * One point for each category and level: the change of its AP against the dense detector, in points, mean over replicates (figure 5 of
 * arXiv:2012.04643).
 * @param categories from `toPoints(records, 'category')`, of the usual way of pruning and of dense detectors
 */
export function apByCategory(categories: Table, options: ApByCategoryOptions = {}): Figure {
  const { detected = 'box', by = 'trained', arm = 'direct' } = options;
  const rows = toRows(categories).filter((row) => row['detected'] === detected);
  const dense = rows.filter((row) => row['arm'] === 'dense');
  const names = [...new Set(dense.map((row) => String(row['category'])))];
  const levels = [...new Set(rows.filter((row) => row['arm'] === arm).map((row) => Number(row['level'])))].sort((a, b) => a - b);
  const data = levels.map((level, i) => {
    const points = names.flatMap((name) => {
      const before = dense.filter((row) => row['category'] === name);
      const after = rows.filter((row) => row['arm'] === arm && row['level'] === level && row['category'] === name);
      const change = summarise(after.map((row) => changeOf(row, before)));
      const x = summarise(before.map((row) => (by === 'trained' ? row['trained'] : row['ap'])));
      return change === undefined || x === undefined ? [] : [{ name, x: x.mean, y: change.mean, low: change.min, high: change.max }];
    });
    return {
      ...{ type: 'scatter', mode: 'markers', name: `level ${level}`, hoverinfo: 'text' },
      marker: { color: colors[i % colors.length] as string, size: 9 },
      x: points.map(({ x }) => x),
      y: points.map(({ y }) => y),
      hovertext: points.map(
        ({ name, y, low, high }) => `${escapeText(name)}<br>${y.toFixed(1)} points (${low.toFixed(1)} to ${high.toFixed(1)})`,
      ),
    };
  });
  const xaxis =
    by === 'trained' ? axis('objects of the category in the training part', { type: 'log' }) : axis('AP of the category, dense detector');
  return {
    data,
    layout: layout(escapeText(options.title ?? (by === 'trained' ? 'Categories by frequency' : 'Categories by difficulty')), {
      xaxis,
      yaxis: axis('change of AP against dense, points', { zeroline: true, zerolinecolor: '#444444' }),
    }),
  };
}

function changeOf(row: TableRow, dense: readonly TableRow[]): number | null {
  const before = dense.find((other) => other['replicate'] === row['replicate'])?.['ap'];
  return typeof before === 'number' && typeof row['ap'] === 'number' ? 100 * (row['ap'] - before) : null;
}
