/** What is claimed of robust tickets and their cost, and whether the measured robustness can be believed. */
import type { RunRecord } from '../run/record.js';
import type { Timing, Timings } from '../run/readTimings.js';
import { armLabel } from './arms.js';
import { type Claim, claim, type Part, part, percent, points, type Unit } from './claim.js';
import { mean } from './confidence.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toPoints } from './toTable.js';

export interface AdversarialClaimsOptions {
  /** How far below the full network's robust accuracy still counts as equal. Default 0.005. */
  readonly tolerance?: number;
  /** With these (see `readTimings`) the saving is also counted in seconds of training, evaluation left out. */
  readonly timings?: Timings;
}

const clocks = [
  { clock: 'seconds', statement: 'seconds of training saved' },
  { clock: 'processor', statement: 'processor seconds of training saved' },
] as const;
/** Twice the accuracy of guessing among ten classes: a network below it learned nothing, and has no robustness to hide. */
const GUESSING = 0.2;
const guesses = ({ clean }: TableRow): boolean => typeof clean === 'number' && clean < GUESSING;
const share: Unit = { number: (value) => (100 * value).toFixed(1), name: '%' };

/** The pipeline of Li et al. (arXiv:2003.05733) against full training against the same attack, paired by replicate. */
export function adversarialClaims(records: readonly RunRecord[], { tolerance = 0.005, timings }: AdversarialClaimsOptions = {}): Claim[] {
  const own = records.filter(({ spec }) => spec.experiment === 'adversarial');
  const rows = toRows(toPoints(own, 'robust'));
  const ends = groupRows(rows, ['arm', 'replicate']).map((group) => [...group].sort((a, b) => Number(a.step) - Number(b.step)));
  const find = (arm: string, place: 0 | -1): TableRow[] =>
    ends.filter((group) => group[0]?.arm === arm).map((group) => group.at(place) as TableRow);
  const pairs = (arm: string, other: string, place: 0 | -1) =>
    find(arm, place).flatMap((row) => {
      const match = find(other, place).find((r) => r.replicate === row.replicate);
      return match === undefined ? [] : [[row, match] as const];
    });
  const robust = pairs('fgsm-mask', 'dense', -1);
  const first = pairs('fgsm-mask', 'reinitialise', 0);
  const savedEvaluations = robust.map(([a, b]) => 1 - Number(a.evaluations) / Number(b.evaluations));
  const stuck = ['fgsm-mask', 'dense'].flatMap((arm) => {
    const guessing = find(arm, -1).filter(guesses);
    return guessing.length === 0 ? [] : [`${guessing.length} of ${find(arm, -1).length} of '${armLabel(arm)}'`];
  });
  const dead = stuck.length === 0 ? '' : `Runs that learned nothing, not even on clean images, count as they are: ${stuck.join(', ')}. `;
  const saved = (clock: keyof Timings): number[] =>
    robust.flatMap(([a, b]) => savedTime(timings?.[clock][String(a.key)], timings?.[clock][String(b.key)]));
  return [
    claim(
      'cheaper',
      `The pipeline (mask from FGSM, fewer epochs of PGD) is as robust as full training, to ${(100 * tolerance).toFixed(1)} points, for less`,
      [
        difference('robust accuracy of the pipeline less that of the full network', robust, 'robust', -tolerance),
        part({ statement: 'gradient evaluations saved', values: savedEvaluations, unit: share }),
        ...clocks.flatMap(({ clock, statement }) => {
          const values = saved(clock);
          return values.length === 0 ? [] : [part({ statement, values, unit: share })];
        }),
      ],
      `${dead}The paper, WRN-34-10 on CIFAR-10 at 40 epochs against 100: 50.37 against 50.07 % robust, 49 % of the time saved.`,
    ),
    claim('mask', "At the first measurement the pipeline's ticket is more robust than its mask with fresh weights", [
      difference('robust accuracy of the ticket less that with fresh weights', first, 'robust', 0),
    ]),
  ];
}

function difference(statement: string, pairs: readonly (readonly [TableRow, TableRow])[], column: string, bound: number): Part {
  const values = pairs.map(([a, b]) => Number(a[column]) - Number(b[column]));
  if (values.length === 0) return part({ statement, values });
  const detail = `${percent(mean(pairs.map(([a]) => Number(a[column]))))} and ${percent(mean(pairs.map(([, b]) => Number(b[column]))))}`;
  return part({ statement, values, bound, unit: points, detail });
}

/** Only the stages that train count. */
function savedTime(ticket: Timing | undefined, dense: Timing | undefined): number[] {
  const seconds = (timing: Timing | undefined): number => (timing?.mask ?? 0) + (timing?.train ?? 0);
  return seconds(dense) > 0 && seconds(ticket) > 0 ? [1 - seconds(ticket) / seconds(dense)] : [];
}

/**
 * Signs that gradients are hidden rather than small (Athalye et al. 2018, arXiv:1802.00420): an attack with more steps should do at
 * least as much harm, one without bounds should succeed always, the loss should rise along an attack, and an attack made on another
 * network should do less harm than one made on this. One number for each replicate, that of its worst run: runs of other arms and
 * settings share the replicate's seed, and are no replicates of their own. Runs that learned nothing are left out, and counted in
 * the reading.
 */
export function obfuscationClaims(records: readonly RunRecord[], { tolerance = 0.005 } = {}): Claim[] {
  const rows = toRows(
    toPoints(
      records.filter(({ spec }) => spec.experiment === 'adversarial'),
      'hidden gradients',
    ),
  );
  const runs = groupRows(rows, ['key']);
  const guessing = runs.filter((run) => run.some(guesses));
  const replicates = groupRows(runs.filter((run) => !guessing.includes(run)).flat(), ['replicate']).map((own) => groupRows(own, ['key']));
  const values = (f: (of: (attack: string) => TableRow) => number): number[] =>
    replicates.flatMap((ownRuns) => {
      const own = ownRuns.map((run) => f((attack) => run.find((row) => row.attack === attack) ?? {})).filter(Number.isFinite);
      return own.length === 0 ? [] : [Math.min(...own)];
    });
  const robust = (row: TableRow): number => Number(row.robust ?? Number.NaN);
  const fall = (stronger: string, weaker: string): number[] => values((of) => robust(of(weaker)) - robust(of(stronger)));
  const parts = [
    part({
      statement: 'five times the steps do at least as much harm',
      values: fall('five times the steps', 'evaluation'),
      bound: -tolerance,
    }),
    part({ statement: 'many steps do at least as much harm as one', values: fall('evaluation', 'one step'), bound: -tolerance }),
    part({ statement: 'an attack without bounds leaves fewer than one in ten', values: values((of) => 0.1 - robust(of('whole cube'))) }),
    part({
      statement: 'no step of the attack loses much of what the steps before gained',
      values: values((of) => 0.05 - Number(of('evaluation').dip) / Math.max(1e-9, Number(of('evaluation').rise))),
      unit: { number: (v) => v.toFixed(3), name: 'of the rise to spare' },
    }),
    part({ statement: 'an attack made on another network does less harm', values: fall('evaluation', 'transfer') }),
  ];
  const left = guessing.length === 0 ? '' : `Left out: ${guessing.length} of ${runs.length} runs, which had learned nothing.`;
  return [claim('hidden-gradients', 'Nothing says that the robustness is one of hidden gradients', parts, left)];
}
