/** Accuracy or loss while training. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { curveScale } from './curveScale.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, ordinal, type Style, styleOf } from './theme.js';

export interface LearningCurvesOptions {
  /** Default `accuracy`. */
  readonly metric?: 'accuracy' | 'loss';
  /** Default `validation`. */
  readonly split?: 'train' | 'validation' | 'test';
  /** The level whose training is shown, or `all` (then group by `level`). Default 0. */
  readonly level?: number | 'all';
  /** The column that tells the curves apart, such as `arm`, `level`, `split`. Default `arm`. */
  readonly group?: string;
  readonly band?: Band;
  readonly title?: string;
}

const splits = { train: 'training', validation: 'validation', test: 'test' };

/** The name of a metric of a split with its unit. @example metricTitle('loss', 'train') // => 'training loss (mean cross-entropy, nats)' */
export function metricTitle(metric: 'accuracy' | 'loss', split: 'train' | 'validation' | 'test'): string {
  return `${splits[split]} ${metric === 'accuracy' ? 'accuracy (share)' : 'loss (mean cross-entropy, nats)'}`;
}

/**
 * Mean over replicates by training iteration, with a band. Levels are coloured in order, arms as everywhere. Beginnings far
 * outside the common scale are cut off.
 * @param evaluations from `toTable`
 */
export function learningCurves(evaluations: Table, options: LearningCurvesOptions = {}): Figure {
  const { metric = 'accuracy', split = 'validation', level = 0, group = 'arm', band = 'range' } = options;
  checkColumns('learningCurves', evaluations, ['level', 'step', 'split', 'phase', group, metric]);
  const rows = toRows(evaluations).filter(
    (row) => row.phase === 'training' && (level === 'all' || row.level === level) && (group === 'split' || row.split === split),
  );
  const names =
    group === 'level'
      ? [...new Set(rows.map((row) => String(row[group])))].sort((a, b) => Number(a) - Number(b))
      : sortArms(rows.map((row) => String(row[group])));
  const hover = { x: (step: number) => `iteration ${step}`, y: (value: number) => `${metric} ${value.toFixed(4)}` };
  const data = names.flatMap((name, i) => {
    const points = groupRows(
      rows.filter((row) => String(row[group]) === name),
      ['step'],
    ).flatMap((same) => {
      const summary = summarise(same.map((row) => row[metric]));
      return summary === undefined ? [] : [{ x: Number(same[0]?.step), summary }];
    });
    const style: Style =
      group === 'level' ? { color: ordinal(i / Math.max(1, names.length - 1)), dash: 'solid', symbol: 'circle' } : styleOf(name, i);
    const label = group === 'level' ? `level ${name}` : armLabel(name);
    return series(
      points.sort((a, b) => a.x - b.x),
      { name: label, style, band, hover, mode: 'lines' },
    );
  });
  const what = group === 'split' ? metricTitle(metric, 'train').replace('training ', '') : metricTitle(metric, split);
  return {
    data,
    layout: layout(escapeText(options.title ?? `Learning curves${level === 'all' ? '' : `, level ${level}`}`), {
      xaxis: axis('training iterations in the level', { rangemode: 'tozero' }),
      yaxis: axis(what, { range: curveScale(rows, metric) }),
    }),
  };
}
