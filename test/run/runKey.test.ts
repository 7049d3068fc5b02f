import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareSpecs } from '../../src/run/compareSpecs.js';
import type { Json, Spec } from '../../src/run/record.js';
import { checkKey, runKey } from '../../src/run/runKey.js';

const defaults: Record<string, Json> = {
  levels: 10,
  seed: 0,
  model: 'lenet-300-100',
  rewind: '500it',
  train: { rate: 0.1, momentum: 0.9, schedule: ['10ep'] },
  grow: { operator: 'none' },
};
const spec = (options: Record<string, Json> = {}, replicate = 1, experiment = 'imp'): Spec =>
  ({ ...defaults, ...options, experiment, replicate }) as Spec;
const train = (options: Record<string, Json>): Json => ({ ...(defaults['train'] as object), ...options });

// The hashes are those of Python's hashlib over the canonical text beside each.
const golden: readonly (readonly [Spec, string, string])[] = [
  [spec(), 'imp-a0ff2c43c526-r1', '{"experiment":"imp"}'],
  [spec({}, 2), 'imp-a0ff2c43c526-r2', '{"experiment":"imp"}'],
  [spec({}, 1, 'juvenile'), 'juvenile-0e424c3368e3-r1', '{"experiment":"juvenile"}'],
  [spec({ levels: 5 }), 'imp-ea2fdd7fda9b-r1', '{"experiment":"imp","levels":5}'],
  [spec({ levels: 0 }), 'imp-9754b7dae8b4-r1', '{"experiment":"imp","levels":0}'],
  [spec({ train: train({ rate: 0.05 }) }), 'imp-96c71b25d9c8-r1', '{"experiment":"imp","train":{"rate":0.05}}'],
  [spec({ train: train({ rate: 1e-7 }) }), 'imp-1d82baaf3f5e-r1', '{"experiment":"imp","train":{"rate":1e-7}}'],
  [spec({ train: train({ rate: 0.05 }), levels: 5 }, 31), 'imp-eb86a64a3c86-r31', '{"experiment":"imp","levels":5,"train":{"rate":0.05}}'],
  [spec({ train: train({ schedule: ['2ep', '4ep'] }) }), 'imp-4a1f5ef7c305-r1', '{"experiment":"imp","train":{"schedule":["2ep","4ep"]}}'],
  [spec({ seed: 7 }), 'imp-1cdd6ef52281-r1', '{"experiment":"imp","seed":7}'],
  [spec({ model: 'lenet-300-100-ü' }), 'imp-64f388805108-r1', '{"experiment":"imp","model":"lenet-300-100-ü"}'],
  [spec({ rewind: null }), 'imp-e21b0dfff993-r1', '{"experiment":"imp","rewind":null}'],
  [spec({ grow: { operator: 'deepen' } }), 'imp-94cbe6b1f415-r1', '{"experiment":"imp","grow":{"operator":"deepen"}}'],
];
for (const [asked, key, text] of golden) {
  test(`${key} is the key of ${text}`, () => assert.equal(runKey(asked, defaults), key));
}

test('an option that is added later, at any depth, renames nothing as long as it has its default', () => {
  const later = { ...defaults, clip: null, train: { ...(defaults['train'] as object), nesterov: false }, log: { every: 10 } };
  for (const [asked, key] of golden) {
    assert.equal(runKey(asked, later), key);
    const filled = { ...asked, clip: null, log: { every: 10 }, train: { ...(asked['train'] as object), nesterov: false } };
    assert.equal(runKey(filled, later), key);
  }
});

test('the order of names does not matter, nor whether defaults are written out', () => {
  const short: Spec = { train: { rate: 0.05 }, replicate: 31, levels: 5, experiment: 'imp' };
  assert.equal(runKey(short, defaults), 'imp-eb86a64a3c86-r31');
  assert.equal(runKey({ experiment: 'imp', replicate: 1, train: {} }, defaults), 'imp-a0ff2c43c526-r1');
});

test('a part of a list that equals the default stays', () => {
  assert.notEqual(
    runKey(spec({ train: train({ schedule: ['10ep', '20ep'] }) }), defaults),
    runKey(spec({ train: train({ schedule: ['20ep'] }) }), defaults),
  );
});

test('what cannot be in a key is refused', () => {
  for (const experiment of ['', '../imp', 'Imp', 'a b', 'imp-1'])
    assert.throws(() => runKey(spec({}, 1, experiment), defaults), /invalid experiment/);
  for (const replicate of [0, 1.5, -1, Number.NaN]) assert.throws(() => runKey(spec({}, replicate), defaults), /invalid replicate/);
  assert.throws(() => runKey(spec({ levels: Number.NaN }), defaults), /finite number/);
  for (const key of ['', '..', 'imp-a0ff2c43c526-r0', 'imp-a0ff2c43c526', '/imp-a0ff2c43c526-r1', 'imp-A0ff2c43c526-r1']) {
    assert.throws(() => checkKey(key), /invalid run key/);
  }
  for (const [, key] of golden) assert.equal(checkKey(key), key);
});

test('compareSpecs gives the paths that differ, in order', () => {
  const a = { depth: 3, train: { rate: 0.1, steps: [1, 2] }, only: 1 };
  const b = { train: { steps: [1, 3], rate: 0.1 }, depth: 4, other: { x: null } };
  assert.deepEqual(compareSpecs(a, b), [
    { path: 'depth', a: 3, b: 4 },
    { path: 'only', a: 1, b: undefined },
    { path: 'other', a: undefined, b: { x: null } },
    { path: 'train.steps', a: [1, 2], b: [1, 3] },
  ]);
  assert.deepEqual(compareSpecs(a, { ...a }), []);
});
