/** Which claims of the juvenile state hypothesis (Zhang 2021, arXiv:2109.03862) hold in given runs. */
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, heldWord, iterations, type Part, part, percent, points } from './claim.js';
import { mean } from './confidence.js';
import { type JuvenileIteration, type JuvenileRun, juvenileRuns, stepsTo } from './juvenileRuns.js';

export interface JuvenileClaimsOptions {
  /** How far below still counts as equal test accuracy. Default 0.002. */
  readonly tolerance?: number;
  /** How far below the end of the previous iteration an iteration may start and still go on from it. Default 0.01. */
  readonly startTolerance?: number;
}

/**
 * The paper's three claims, and two readings of ours that its arms leave open: growth against keeping the same weights without
 * growth, and identity against random layers. Each is decided on paired differences over replicates (95 % t-interval): one
 * replicate decides nothing. "Early" is after a fifth of an iteration's training; "slower" compares the training iterations to the
 * validation accuracy that both arms reach in the same iteration.
 */
export function juvenileClaims(records: readonly RunRecord[], options: JuvenileClaimsOptions = {}): Claim[] {
  const { tolerance = 0.002, startTolerance = 0.01 } = options;
  const runs = juvenileRuns(records);
  const pairs = (a: string, b: string) => pairRuns(runs, a, b);
  const growReset = pairs('grow-identity', 'reset');
  return [
    claim('a', 'The weight-reset arm restarts low at each iteration, is slower, and ends lower', [
      ends(
        'reset starts each iteration lower than growing',
        growReset,
        (run) => later(run, ({ early }) => early),
        0,
        'early validation accuracy',
      ),
      slower('reset needs more training iterations', growReset),
      ends('reset ends lower', growReset, lastTest, 0, 'last test accuracy'),
    ]),
    claim('b', 'The grow arm goes on from the previous level, converges faster, and reaches equal or better test accuracy', [
      goesOn('growing starts where the previous iteration ended', runs, 'grow-identity', startTolerance),
      slower('growing needs fewer training iterations', growReset),
      ends('growing ends equal or better', growReset, lastTest, -tolerance, 'last test accuracy'),
    ]),
    claim(
      'c',
      'Resetting forgets what the earlier network knew, and training does not bring it back',
      [
        forgets('after a reset the start lies below the end before', runs, 'reset', (run) => drops(run)),
        forgets('the last reset network ends below the first one', runs, 'reset', (run) => {
          const [first, last] = [run.iterations[0]?.test, lastTest(run)];
          return run.iterations.length < 2 || first === undefined || last === undefined ? undefined : first - last;
        }),
      ],
      againstKeeping(runs),
    ),
    control(runs, tolerance),
    claim('identity', 'New layers that start as the identity survive the last pruning better than random ones', [
      ends(
        'identity stays higher right after the last pruning',
        pairs('grow-identity', 'grow-random'),
        (run) => run.iterations.at(-1)?.pruned,
        0,
        'test accuracy after the last pruning',
      ),
    ]),
  ];
}

type Pair = readonly [JuvenileRun, JuvenileRun];

/** Runs of two arms with the same replicate and the same number of iterations. */
function pairRuns(runs: readonly JuvenileRun[], a: string, b: string): Pair[] {
  return runs
    .filter(({ arm }) => arm === a)
    .flatMap((run) => {
      const other = runs.find((r) => r.arm === b && r.replicate === run.replicate && r.iterations.length === run.iterations.length);
      return other === undefined ? [] : [[run, other] as const];
    });
}

function lastTest(run: JuvenileRun): number | undefined {
  return run.iterations.at(-1)?.test;
}

/** Mean over the iterations after the first; undefined if one lacks the value. */
function later(run: JuvenileRun, value: (iteration: JuvenileIteration) => number | undefined): number | undefined {
  const values = run.iterations.slice(1).map(value);
  return values.length === 0 || values.includes(undefined) ? undefined : mean(values as number[]);
}

function ends(
  statement: string,
  pairs: readonly Pair[],
  value: (run: JuvenileRun) => number | undefined,
  bound: number,
  what: string,
): Part {
  const known = pairs.flatMap(([a, b]) => {
    const [x, y] = [value(a), value(b)];
    return x === undefined || y === undefined ? [] : [[x, y] as const];
  });
  const [x, y] = [known.map(([first]) => first), known.map(([, second]) => second)];
  const names = pairs[0]?.map(({ arm }) => arm) ?? [];
  const detail = known.length === 0 ? undefined : `${what} ${percent(mean(x))} (${names[0]}) and ${percent(mean(y))} (${names[1]})`;
  return part({ statement, values: known.map(([p, q]) => p - q), bound, detail });
}

/** By how many iterations the second arm needs more than the first to reach what both reach, mean over iterations after the first. */
function slower(statement: string, pairs: readonly Pair[]): Part {
  const counts = pairs.flatMap(([a, b]) => {
    const both = a.iterations.slice(1).flatMap((it, i) => {
      const other = b.iterations[i + 1];
      if (other === undefined || it.curve.length === 0 || other.curve.length === 0) return [];
      const top = (curve: JuvenileIteration['curve']): number => Math.max(...curve.map(({ accuracy }) => accuracy));
      const target = Math.min(top(it.curve), top(other.curve));
      return [[stepsTo(it.curve, target) as number, stepsTo(other.curve, target) as number] as const];
    });
    return both.length === 0 ? [] : [[mean(both.map(([x]) => x)), mean(both.map(([, y]) => y))] as const];
  });
  const detail =
    counts.length === 0
      ? undefined
      : `${mean(counts.map(([x]) => x)).toFixed(0)} training iterations (grow) and ${mean(counts.map(([, y]) => y)).toFixed(0)} (reset) to what both reach`;
  return part({ statement, values: counts.map(([x, y]) => y - x), unit: iterations, detail });
}

/** How far the early accuracy of an iteration lies below the end of the one before, mean over iterations after the first. */
function drops(run: JuvenileRun): number | undefined {
  return later(run, ({ level, early }) => {
    const before = run.iterations.find((it) => it.level === level - 1)?.end;
    return early === undefined || before === undefined ? undefined : before - early;
  });
}

function goesOn(statement: string, runs: readonly JuvenileRun[], arm: string, startTolerance: number): Part {
  const values = runs
    .filter((run) => run.arm === arm)
    .map(drops)
    .filter((drop): drop is number => drop !== undefined);
  return part({
    statement,
    values: values.map((drop) => -drop),
    bound: -startTolerance,
    detail: 'early validation accuracy against the end before',
  });
}

function forgets(statement: string, runs: readonly JuvenileRun[], arm: string, loss: (run: JuvenileRun) => number | undefined): Part {
  const values = runs
    .filter((run) => run.arm === arm)
    .map(loss)
    .filter((value): value is number => value !== undefined);
  return part({ statement, values });
}

/**
 * The control that the paper lacks: full depth from the start, weights kept, nothing grown. Before the last pruning the grown layer is
 * still whole, so only the networks after it have equally many weights.
 */
function control(runs: readonly JuvenileRun[], tolerance: number): Claim {
  const pairs = pairRuns(runs, 'grow-identity', 'keep-deep');
  const last = (run: JuvenileRun): JuvenileIteration | undefined => run.iterations.at(-1);
  return claim(
    'control',
    'Growing itself helps: the grow arm beats keeping the weights without growth by more than the tolerance',
    [
      ends('growing ends higher, its last layer still whole', pairs, lastTest, tolerance, 'last test accuracy'),
      ends('growing is higher after the last pruning', pairs, (run) => last(run)?.pruned, tolerance, 'test accuracy'),
    ],
    [
      keptWords('While training the last time', pairs, (run) => last(run)?.kept),
      keptWords('After the last pruning', pairs, (run) => last(run)?.keptAfter),
      shareOfKeeping(runs),
    ]
      .filter((text) => text !== '')
      .join(' '),
  );
}

function keptWords(when: string, pairs: readonly Pair[], kept: (run: JuvenileRun) => number | undefined): string {
  const [a, b] = [pairs.map(([grow]) => kept(grow)), pairs.map(([, keep]) => kept(keep))];
  if (a.length === 0 || [...a, ...b].includes(undefined)) return '';
  const [grow, keep] = [mean(a as number[]), mean(b as number[])];
  return grow === keep ? `${when} both have ${grow} weights.` : `${when} growth has ${grow} weights, the control ${keep}.`;
}

/** The first network is dense and the last is not: what pruning alone costs shows in the arm that keeps its weights. */
function againstKeeping(runs: readonly JuvenileRun[]): string {
  const pairs = pairRuns(runs, 'keep-deep', 'reset').map(([keep, reset]) => [lastTest(keep), lastTest(reset)] as const);
  const known = pairs.filter((pair): pair is readonly [number, number] => pair[0] !== undefined && pair[1] !== undefined);
  if (known.length === 0)
    return 'The first network is dense and the last is pruned: the control that keeps its weights would tell how much of this is pruning.';
  return `The first network is dense and the last is pruned; kept weights at the same depth and sparsity end at ${percent(mean(known.map(([k]) => k)))} against ${percent(mean(known.map(([, r]) => r)))} after resets.`;
}

/** How much of the gap from reset to grow is had by keeping weights alone. */
function shareOfKeeping(runs: readonly JuvenileRun[]): string {
  const shares = pairRuns(runs, 'grow-identity', 'reset').flatMap(([grow, reset]) => {
    const keep = pairRuns(runs, 'keep-deep', 'reset').find(([run]) => run.replicate === grow.replicate)?.[0];
    const [g, r, k] = [lastTest(grow), lastTest(reset), keep && lastTest(keep)];
    return g === undefined || r === undefined || k === undefined || g - r <= 0 ? [] : [{ gap: g - r, kept: k - r }];
  });
  if (shares.length === 0) return '';
  const gap = mean(shares.map((s) => s.gap));
  const keeping = mean(shares.map((s) => s.kept));
  return `Of the ${points.number(gap)} points from weight reset to growth, keeping the weights without growth has ${points.number(keeping)} points (${((100 * keeping) / gap).toFixed(0)} %).`;
}

/** One sentence on all claims: which held, which did not, which are open. */
export function claimsSentence(claims: readonly Claim[]): string {
  const groups = ([true, false, 'undecided'] as const).flatMap((held) => {
    const ids = claims.filter((c) => c.held === held).map((c) => c.id);
    return ids.length === 0 ? [] : [`${heldWord(held)}: ${ids.join(', ')}`];
  });
  if (claims.length === 0) return 'No claim was tested.';
  const isOpen = claims.every(({ held }) => held === 'undecided');
  return `Claims ${isOpen ? '' : 'that '}${groups.join('; ')}.`;
}
