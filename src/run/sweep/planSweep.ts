/** From a sweep to runs. */
import { invalid, lookUp, mismatched, UserError } from '../../check.js';
import { sha256 } from '../../ticket/canonicalJson.js';
import { defaultsOf, experiments, keyOf, readSpec } from '../experiments/experiments.js';
import { armOf, type PlannedRun } from '../experiments/planRuns.js';
import { withParents } from '../experiments/withParents.js';
import type { Json, Spec } from '../record.js';
import { placeOption } from './placeOption.js';
import { readSweep, type Sweep, type SweepOptions, type SweepStage } from './sweep.js';

export interface SweepRun extends PlannedRun {
  readonly stage: string;
  /** What tells it from the other runs of the sweep. */
  readonly label: string;
  /** Keys of the runs that must be done first: its parents, and what its stage comes after. They stand before it. */
  readonly after: readonly string[];
}

export interface SweepPlan {
  /** Name and hash: the same runs have the same id. */
  readonly id: string;
  readonly sweep: Sweep;
  readonly runs: readonly SweepRun[];
}

/** More runs than this are a mistake in a grid. */
const most = 100_000;

/**
 * The runs of a sweep, each once, behind those that it waits for. A run that two stages ask for belongs to the first of them.
 * @throws UserError for options that an experiment refuses, or more than 100,000 runs
 */
export function planSweep(input: unknown): SweepPlan {
  const sweep = readSweep(input);
  const count = sweep.stages.reduce((sum, stage) => sum + sizeOf(stage), 0);
  if (count > most) throw invalid(`runs of sweep '${sweep.name}'`, `at most ${most}`, count);
  const runs = new Map<string, SweepRun>();
  const asked = new Map<string, readonly string[]>();
  for (const stage of sweep.stages) {
    const variants = expand(stage);
    const own = variants.map(({ spec }) => keyOf(spec));
    asked.set(stage.name, own);
    const labels = new Map(variants.map(({ label }, i) => [own[i] as string, label]));
    const before = orderOf(stage, own, asked);
    const planned = withParents(variants.map(({ spec }) => spec));
    // A parent that was not asked for waits for what its child waits for.
    const heirs = new Map<string, string>();
    for (const run of planned) for (const parent of run.parents) heirs.set(parent, heirs.get(parent) ?? run.key);
    for (const run of planned) {
      const there = runs.get(run.key);
      if (there !== undefined) {
        if (run.asked && !there.asked) runs.set(run.key, { ...there, asked: true });
        continue;
      }
      const label =
        labels.get(run.key) ?? `${armOf(run.spec) || run.spec.experiment} for ${labels.get(heirs.get(run.key) ?? '') ?? 'others'}`;
      const waits = before.get(run.key) ?? before.get(heirs.get(run.key) ?? '') ?? [];
      runs.set(run.key, {
        ...run,
        stage: stage.name,
        label,
        after: [...new Set([...run.parents, ...waits])].filter((key) => key !== run.key && runs.has(key)),
      });
    }
  }
  const all = [...runs.values()];
  return {
    id: `${sweep.name}-${sha256(
      all
        .map(({ key }) => key)
        .sort()
        .join('\n'),
    ).slice(0, 8)}`,
    sweep,
    runs: all,
  };
}

/** What each run of a stage waits for, apart from its parents. */
function orderOf(stage: SweepStage, own: readonly string[], asked: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const before = new Map(own.map((key) => [key, [] as string[]]));
  for (const { stage: name, how } of stage.after) {
    const others = asked.get(name) as readonly string[];
    if (how === 'each' && others.length !== own.length) {
      throw mismatched(
        `runs of stage '${stage.name}'`,
        `as many as '${name}' has, ${others.length}, since each waits for one`,
        String(own.length),
        "or let it wait for all: how: 'all'",
      );
    }
    for (const [i, key] of own.entries()) before.get(key)?.push(...(how === 'all' ? others : [others[i] as string]));
  }
  return before;
}

function expand(stage: SweepStage): { spec: Spec; label: string }[] {
  const { experiment, preset } = stage;
  const { arms: known, presets } = lookUp('experiment', experiment, experiments);
  const chosen = preset === undefined ? undefined : presets[preset];
  const base = { ...defaultsOf(experiment), ...(chosen?.options as SweepOptions | undefined) };
  const arms = [...new Set(stage.arms ?? chosen?.arms ?? Object.keys(known))];
  const replicates = replicatesOf(stage);
  const fixed = Object.entries(stage.options).reduce<SweepOptions>(
    (options, [path, value]) => placeOption(options, path, value, base),
    (chosen?.options ?? {}) as SweepOptions,
  );
  const found: { spec: Spec; label: string }[] = [];
  for (const entry of stage.list) {
    for (const point of points(stage.grid)) {
      const varied = { ...entry, ...point };
      const options = Object.entries(varied).reduce<SweepOptions>((before, [path, value]) => placeOption(before, path, value, base), fixed);
      for (const replicate of replicates) {
        for (const arm of arms)
          found.push({
            spec: specOf({ ...options, experiment, arm, replicate }, stage.name),
            label: labelOf(arm, varied, replicate, replicates.length),
          });
      }
    }
  }
  return found;
}

function specOf(value: object, stage: string): Spec {
  try {
    return readSpec(value);
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`stage '${stage}': ${error.message}`);
    throw error;
  }
}

/** All combinations, the last option changing fastest. */
function points(grid: SweepStage['grid']): SweepOptions[] {
  return Object.entries(grid).reduce<SweepOptions[]>(
    (before, [path, values]) => before.flatMap((point) => values.map((value) => ({ ...point, [path]: value }))),
    [{}],
  );
}

function replicatesOf({ experiment, preset, replicates }: SweepStage): readonly number[] {
  const given = replicates ?? (preset === undefined ? 1 : (experiments[experiment]?.presets[preset]?.replicates ?? 1));
  return typeof given === 'number' ? Array.from({ length: given }, (_, i) => i + 1) : [...new Set(given)];
}

function sizeOf(stage: SweepStage): number {
  const grid = Object.values(stage.grid).reduce((product, values) => product * values.length, 1);
  const { arms } = lookUp('experiment', stage.experiment, experiments);
  const preset =
    stage.preset === undefined ? undefined : lookUp('preset', stage.preset, lookUp('experiment', stage.experiment, experiments).presets);
  return grid * stage.list.length * replicatesOf(stage).length * (stage.arms ?? preset?.arms ?? Object.keys(arms)).length;
}

function labelOf(arm: string, varied: SweepOptions, replicate: number, replicates: number): string {
  const values = Object.entries(varied).map(([path, value]) => `${path.split('.').at(-1)}=${shortly(value)}`);
  return [...values, arm, ...(replicates > 1 ? [`r${replicate}`] : [])].join(' ');
}

function shortly(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return 'name' in value && typeof value.name === 'string' ? value.name : JSON.stringify(value);
}
