/** A small experiment without TensorFlow for the tests of this folder: random walks, each stage going on from the one before. */
import { setImmediate as breathe } from 'node:timers/promises';
import type { Arrays } from '../../src/array.js';
import { mask } from '../../src/mask.js';
import { stream } from '../../src/random.js';
import type { RunBody } from '../../src/run/getOrRun.js';
import { runKey } from '../../src/run/runKey.js';
import type { Spec } from '../../src/run/record.js';

export const walkDefaults = { levels: 4, steps: 60, every: 7, poison: false };

export function walkSpec(options: Partial<typeof walkDefaults> & { seed?: number } = {}, replicate = 1): Spec {
  return { ...walkDefaults, seed: 0, ...options, experiment: 'walk', replicate };
}

export function walkKey(spec: Spec): string {
  return runKey(spec, { ...walkDefaults, seed: 0 });
}

export const walk: RunBody = async (spec, context) => {
  const { levels, steps, every, poison, seed, replicate } = spec as Spec & typeof walkDefaults & { seed: number };
  let weights: Arrays = { 'a/kernel': { shape: [50], values: new Float32Array(50) } };
  for (let level = 0; level < levels; level++) {
    const before = weights;
    const result = await context.stage(`level-${level}`, async ({ resume, info, save, row, certificate }) => {
      const values = ((resume ?? before)['a/kernel']?.values as Float32Array).slice();
      const first = resume === null ? 0 : (info['step'] as number);
      for (let step = first; step < steps; step++) {
        if (step % every === 0) {
          save({ 'a/kernel': { shape: [50], values } }, { step });
          context.progress({ level, step, steps });
        }
        const random = stream(seed, 'walk', replicate, level, step);
        for (let i = 0; i < 50; i++) values[i] = (values[i] as number) + random.normal();
        const loss = poison && level === 1 && step === 10 ? Number.NaN : Math.abs(values[0] as number);
        row({ kind: 'evaluation', level, step, split: 'train', loss, accuracy: random.uniform(), phase: 'training' });
        await breathe();
      }
      certificate({ check: 'finite', ok: values.every(Number.isFinite), level });
      const bits = mask({ 'a/kernel': { shape: [50], values: values.map((v) => (v > 0 ? 1 : 0)) } });
      return { arrays: { 'a/kernel': { shape: [50], values }, bits: bits['a/kernel'] as never }, info: { level, steps } };
    });
    weights = { 'a/kernel': result.arrays['a/kernel'] as never };
  }
};
