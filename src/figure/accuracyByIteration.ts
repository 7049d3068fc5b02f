/** Test accuracy by iteration of grow and prune: at the end of training, and right after pruning. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import type { Figure, JsonObject } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';

export interface AccuracyByIterationOptions {
  /** Default `range`. */
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Above, the mean test accuracy at the end of each iteration's training; below, right after the pruning that follows, before any
 * retraining. Bands over replicates. Where there is no test part, the validation part stands in.
 * @param evaluations from `toTable`, of juvenile runs
 */
export function accuracyByIteration(
  evaluations: Table,
  { band = 'range', title = 'Accuracy by iteration of grow and prune' }: AccuracyByIterationOptions = {},
): Figure {
  checkColumns('accuracyByIteration', evaluations, ['key', 'arm', 'level', 'step', 'split', 'phase', 'accuracy']);
  const all = toRows(evaluations);
  const split = all.some((row) => row.split === 'test') ? 'test' : 'validation';
  const rows = all.filter((row) => row.split === split);
  const arms = sortArms(rows.map((row) => String(row.arm)));
  const data = arms.flatMap((arm, i) => {
    const own = rows.filter((row) => row.arm === arm);
    return (['training', 'pruned'] as const).flatMap((phase): JsonObject[] => {
      const isPruned = phase === 'pruned';
      return series(points(lastOf(own.filter((row) => row.phase === phase))), {
        ...{ name: armLabel(arm), style: styleOf(arm, i), band, showlegend: !isPruned, yaxis: isPruned ? 'y2' : 'y' },
        hover: {
          x: (level) => `iteration ${level}, ${isPruned ? 'right after pruning' : 'end of training'}`,
          y: (accuracy) => `${split} accuracy ${accuracy.toFixed(4)}`,
        },
      });
    });
  });
  return {
    data,
    layout: layout(title, {
      ...{ width: 760, height: 620 },
      xaxis: axis('iteration of grow and prune (0 = first training)', { dtick: 1, anchor: 'y2' }),
      yaxis: axis(`${split} accuracy (share),<br>end of training`, { domain: [0.42, 1] }),
      yaxis2: axis(`${split} accuracy (share),<br>right after pruning`, { domain: [0, 0.35], range: [0, 1.04] }),
    }),
  };
}

/** The row with the greatest step of each run and level. */
function lastOf(rows: readonly TableRow[]): TableRow[] {
  return groupRows(rows, ['key', 'level']).map((group) =>
    group.reduce((last, row) => (Number(row.step) >= Number(last.step) ? row : last)),
  );
}

function points(rows: readonly TableRow[]) {
  return groupRows(rows, ['level'])
    .flatMap((group) => {
      const summary = summarise(group.map((row) => row.accuracy));
      return summary === undefined ? [] : [{ x: Number(group[0]?.level), summary }];
    })
    .sort((a, b) => a.x - b.x);
}
