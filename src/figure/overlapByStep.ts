/** How early a mask is there: what masks of early weights share with the mask of the trained ones. */
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface OverlapByStepOptions {
  /** The band over replicates. Default `range`. */
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Mean overlap (Jaccard index, 1: the same mask) by iteration, one line a density. Early-bird tickets: You et al. 2020, arXiv:1909.11957;
 * Figure 2 of Girish et al. 2021, arXiv:2012.04643.
 * @param points rows `density, step, overlap, replicate`, such as the points `overlap` of a run
 * @throws UserError if a column is absent
 */
export function overlapByStep(points: Table, { band = 'range', title = 'How early the mask is there' }: OverlapByStepOptions = {}): Figure {
  checkColumns('overlapByStep', points, ['density', 'step', 'overlap']);
  const rows = toRows(points);
  const densities = [...new Set(rows.map((row) => Number(row['density'])))].sort((a, b) => b - a);
  const data = densities.flatMap((density, i) => {
    const line = groupRows(
      rows.filter((row) => Number(row['density']) === density),
      ['step'],
    )
      .flatMap((same) => {
        const summary = summarise(same.map((row) => row['overlap']));
        return summary === undefined ? [] : [{ x: Number(same[0]?.['step']), summary }];
      })
      .sort((a, b) => a.x - b.x);
    const style = { color: colors[i % colors.length] as string, symbol: 'circle' as const, dash: 'solid' as const };
    const hover = { x: (step: number) => `iteration ${step}`, y: (value: number) => `overlap ${value.toFixed(3)}` };
    return series(line, { name: `density ${density}`, style, band, hover });
  });
  return {
    data,
    layout: layout(escapeText(title), {
      xaxis: axis('iteration of the dense training'),
      yaxis: axis('overlap with the last mask', { range: [0, 1.02] }),
    }),
  };
}
