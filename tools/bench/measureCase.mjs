/** One case, all contestants: same inputs, a check that the work is the same, rounds, and the limit of the machine. */
import { rmSync } from 'node:fs';
import { startContestant } from './contestants.mjs';
import { load, peakMemory, resetPeak } from './machine.mjs';
import { compareLosses, runRounds } from './rounds.mjs';
import { stepMultiplyAdds } from './stepMultiplyAdds.mjs';
import { ratio, spread } from './summary.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';
import { writeInputs } from './writeInputs.mjs';

const CHECKED_STEPS = 3;

/**
 * @param one a case
 * @param options `{ chosen, python, threads, rounds, seconds, images, trial, peakSize, say }`
 * @returns what the table and the figure are made of
 */
export async function measureCase(one, options) {
  const { images: most, say } = options;
  const chosen = options.chosen.filter(({ name }) => !one.without?.includes(name));
  const images = Math.min(most, one.images ?? most);
  const folder = temporaryFolder();
  const loadBefore = load();
  const entries = [];
  try {
    const spec = writeInputs(folder, one, images);
    const opened = {};
    for (const contestant of chosen) {
      say(`opening ${contestant.name}`);
      const child = startContestant(contestant, options);
      try {
        opened[contestant.name] = await child.ask({ do: 'open', spec, folder, trial: options.trial });
        entries.push({ name: contestant.name, child });
      } catch (error) {
        opened[contestant.name] = { error: error.message };
        await child.stop();
      }
    }
    const { losses, mismatches } = await checkWork(entries, spec);
    for (const { child } of entries) resetPeak(child.pid);
    const measured = await runRounds(entries, options);
    const ours = ['auto', 'compiled'].find((name) => entries.some((entry) => entry.name === name));
    const peaks = Object.fromEntries(entries.map(({ name, child }) => [name, peakMemory(child.pid)]));
    const multiplyAddsPerSecond = await machinePeak(entries, options);
    const stepCost = stepMultiplyAdds(spec.architecture, one.batchSize);
    return {
      ...{ name: one.name, title: one.title, batchSize: one.batchSize, images, multiplyAddsPerStep: stepCost },
      ...{ multiplyAddsPerSecond, limit: multiplyAddsPerSecond === null ? null : multiplyAddsPerSecond / stepCost },
      contestants: chosen.map(({ name, title }) =>
        describe({ name, title }, opened[name], measured[name], peaks[name], name === ours ? undefined : measured[ours]),
      ),
      ours,
      ...{ firstLosses: losses, mismatches, load: [loadBefore, load()] },
    };
  } finally {
    await Promise.all(entries.map(({ child }) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Losses of the first steps. Random crops differ between libraries, so there is nothing to compare with augmentation. */
async function checkWork(entries, spec) {
  if (spec.augmentation !== 'none') return { losses: null, mismatches: [] };
  const indices = Array.from({ length: CHECKED_STEPS }, (_, s) =>
    Array.from({ length: spec.batchSize }, (_, i) => (s * spec.batchSize + 7 * i) % spec.images),
  );
  const losses = {};
  for (const { name, child } of entries) losses[name] = (await child.ask({ do: 'check', indices })).losses;
  return { losses, mismatches: compareLosses(losses) };
}

/** The best of all libraries that multiply matrices here. */
async function machinePeak(entries, { peakSize }) {
  const found = [];
  for (let i = 0; i < 3; i++) {
    for (const { name, child } of entries) {
      if (['auto', 'compiled', 'torch'].includes(name))
        found.push((await child.ask({ do: 'peak', size: peakSize, repeats: 3 })).multiplyAdds);
    }
  }
  return found.length === 0 ? null : Math.max(...found);
}

function describe({ name, title }, opened, measured, peak, ours) {
  const error = opened.error ?? measured?.error;
  const ran = measured?.rounds.filter((round) => round !== null) ?? [];
  const rates = (result) => result?.rounds.map((round) => (round === null ? null : round.steps / round.seconds)) ?? [];
  if (ran.length === 0) return { name, title, error: error ?? 'ran no round' };
  return {
    ...{ name, title, version: opened.version ?? null, variant: opened.variant ?? null, ...(error !== undefined && { error }) },
    stepsPerSecond: spread(ran.map(({ steps, seconds }) => steps / seconds)),
    cpuSecondsPerStep: spread(ran.map(({ steps, cpu }) => cpu / steps)).median,
    oursOverThis: ours === undefined ? null : ratio(rates(ours), rates(measured)),
    ...(opened.decision && { decision: opened.decision }),
    peakMemory: peak ?? Math.max(...ran.map((round) => round.peak)),
    firstCall: opened.firstCall,
    rounds: ran.map(({ steps, seconds, cpu, rss }) => ({ steps, seconds, cpu, rss })),
  };
}
