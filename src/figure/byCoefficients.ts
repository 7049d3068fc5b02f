/** A value of the levels against what must be stored: how many numbers does a network need in which basis? */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';

export interface ByCoefficientsOptions {
  /** Which value of a level. Default `testAtEarlyStop`. */
  readonly value?: 'testAtEarlyStop' | 'testAtEnd' | 'validationAtEarlyStop' | 'validationAtEnd' | 'earlyStop';
  /**
   * `kept`: coefficients. `stored`: all numbers for the kernels, with the vectors of adaptive bases and without what removed units leave
   * behind (`storedNumbers`). Default `kept`.
   */
  readonly count?: 'kept' | 'stored';
  /** Arms to draw. Default all. */
  readonly arms?: readonly string[];
  /** The band over replicates. Default `range`. */
  readonly band?: Band;
  readonly title?: string;
}

const values = {
  testAtEarlyStop: 'test accuracy at the early stop (share)',
  testAtEnd: 'test accuracy at the end (share)',
  validationAtEarlyStop: 'validation accuracy at the early stop (share)',
  validationAtEnd: 'validation accuracy at the end (share)',
  earlyStop: 'early stop (training iterations)',
};

/**
 * Mean of a value by the numbers stored, which fall to the right on a log axis, with a band over replicates. The figure that the
 * generalised hypothesis asks for (arXiv:2107.06825).
 * @param levels from `toLevels`
 */
export function byCoefficients(levels: Table, options: ByCoefficientsOptions = {}): Figure {
  const { value = 'testAtEarlyStop', count = 'kept', arms, band = 'range' } = options;
  const title = options.title ?? (value === 'earlyStop' ? 'Early stop by what is stored' : 'Accuracy by what is stored');
  checkColumns(`the figure '${title}'`, levels, ['arm', 'level', 'kept', value]);
  const rows = toRows(levels).filter((row) => typeof row[value] === 'number' && (arms?.includes(String(row.arm)) ?? true));
  const unit = count === 'kept' ? 'coefficients' : 'numbers';
  const format = (y: number): string => (value === 'earlyStop' ? `${y.toFixed(0)} iterations` : `accuracy ${y.toFixed(4)}`);
  const hover = { x: (x: number) => `${Math.round(x).toLocaleString('en-US')} ${unit}`, y: format };
  const lines = sortArms(rows.map((row) => String(row.arm))).map((arm, i) => {
    const own = rows.filter((row) => row.arm === arm);
    const points = groupRows(own, ['level'])
      .flatMap((same) => {
        const [x, summary] = [summarise(same.map((row) => numbersOf(row, count))), summarise(same.map((row) => row[value]))];
        return x === undefined || summary === undefined || x.mean <= 0 ? [] : [{ x: x.mean, summary }];
      })
      .sort((a, b) => b.x - a.x);
    return { points, traces: series(points, { name: armLabel(arm), style: styleOf(arm, i), band, hover }) };
  });
  const counts = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = counts.length === 0 ? [1, 10] : [Math.min(...counts), Math.max(...counts)];
  const xTitle = count === 'kept' ? 'stored coefficients of the kernels' : 'stored numbers of the kernels, basis vectors included';
  return {
    data: lines.flatMap(({ traces }) => traces),
    layout: layout(escapeText(title), {
      xaxis: axis(xTitle, { type: 'log', range: [Math.log10(most * 1.15), Math.log10(least / 1.15)], ...ticks(least, most) }),
      yaxis: axis(values[value]),
    }),
  };
}

/** Where a run has not said what is stored, it is what is kept. */
function numbersOf(row: TableRow, count: 'kept' | 'stored'): number {
  const stored = row['stored'];
  return count === 'stored' && typeof stored === 'number' ? stored : Number(row['kept']);
}

/** 1, 2 and 5 times powers of ten, as 10k or 2M. */
function ticks(least: number, most: number): { tickvals: number[]; ticktext: string[] } {
  const tickvals: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++)
    for (const digit of [1, 2, 5]) {
      const tick = digit * 10 ** power;
      if (tick >= least / 1.15 && tick <= most * 1.15) tickvals.push(tick);
    }
  const text = (n: number): string => (n >= 1e6 ? `${n / 1e6}M` : n >= 1000 ? `${n / 1000}k` : String(n));
  return { tickvals, ticktext: tickvals.map(text) };
}
