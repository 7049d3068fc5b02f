/** What pruning costs which objects: relative change of average precision against sparsity, one line a group. */
import { mean } from '../analysis/confidence.js';
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface RelativeChangeOptions {
  /** The column that tells the lines apart: `size` (from `bySize`) or `group` (from `byFrequency`, `byDifficulty`). Default `size`. */
  readonly by?: string;
  /** The column on the x axis, in [0, 1]. Default `sparsity`, which should be that of the whole network. */
  readonly x?: string;
  readonly title?: string;
  /** The band over replicates. Default `range`. */
  readonly band?: Band;
}

/** The order of the lines, as far as it is known. */
const order = ['small', 'medium', 'large', 'rare', 'common', 'frequent', 'hard', 'easy'];
const symbols = ['circle', 'square', 'diamond', 'cross', 'x'] as const;

/**
 * Mean relative change in per cent (0: as the dense network) with a band over replicates; a group of several classes counts with their
 * mean. As Figures 4 and 5 of Girish et al. (arXiv:2012.04643).
 * @param rows from `relativeToDense`, of one arm and one kind of detection
 * @throws UserError if a column is absent
 */
export function relativeChange(rows: Table, options: RelativeChangeOptions = {}): Figure {
  const {
    by = 'size',
    x = 'sparsity',
    band = 'range',
    title = `Relative change of AP by ${by === 'group' ? 'group of classes' : by}`,
  } = options;
  checkColumns('relativeChange', rows, [by, x, 'replicate', 'relative']);
  const known = toRows(rows).filter((row) => typeof row.relative === 'number' && typeof row[x] === 'number' && typeof row[by] === 'string');
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = [...new Set(known.map((row) => String(row[by])))].sort((a, b) => place(a) - place(b));
  const data = names.flatMap((name, i) => {
    const own = known.filter((row) => row[by] === name);
    const points = groupRows(own, [x]).flatMap((together) => {
      const each = groupRows(together, ['replicate']).map((same) => 100 * mean(same.map((row) => Number(row.relative))));
      const summary = summarise(each);
      return summary === undefined ? [] : [{ x: Number(together[0]?.[x]), summary }];
    });
    points.sort((a, b) => a.x - b.x);
    const style = { color: colors[i % colors.length] as string, symbol: symbols[i % symbols.length] as string, dash: 'solid' as const };
    const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)} %`;
    return series(points, { name, style, band, hover: { x: (v) => `sparsity ${Number(v.toPrecision(4))}`, y: signed } });
  });
  return {
    data,
    layout: layout(escapeText(title), {
      xaxis: axis('sparsity of the whole network'),
      yaxis: axis('relative change of AP in %', { zeroline: true, zerolinecolor: '#444444' }),
    }),
  };
}
