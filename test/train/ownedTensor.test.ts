/** What is written to a compiled session is TensorFlow's own from then on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import type { Program } from '../../src/train/program.js';
import { openSession } from '../../src/train/session.js';

const backend = await openTensorflow();

const COUNT = 300;
const names = Array.from({ length: COUNT }, (_, i) => `v${i}`);
const variables = Object.fromEntries(names.map((name, i) => [name, { shape: [1 + (i % 40)] }]));
const addOne: Program = {
  inputs: { one: { shape: [1], dtype: 'float32' } },
  body(scope) {
    const one = scope.input('one');
    for (const name of names) scope.assign(name, tf.add(scope.variable(name), one));
    return { done: tf.add(one, one) };
  },
};

test('arrays that were written change nothing any more, and nothing changes them', async () => {
  assert.equal(backend, 'tensorflow', 'the native backend is part of the set-up');
  const session = await openSession({ variables, programs: { addOne } }, 'compiled');
  const written = Object.fromEntries(
    names.map((name, i) => [name, { shape: [1 + (i % 40)], values: new Float32Array(1 + (i % 40)).fill(i) }]),
  );
  session.write(written);
  // Some of the arrays are aligned as TensorFlow wants, so that it would work on their memory if it were given it.
  for (const { values } of Object.values(written)) values.fill(-1);
  session.run('addOne', { one: Float32Array.of(1) });
  const read = session.read(names);
  names.forEach((name, i) =>
    assert.ok(
      read[name]?.values.every((v) => v === i + 1),
      `${name} holds ${read[name]?.values}`,
    ),
  );
  for (const { values } of Object.values(written)) assert.ok(values.every((v) => v === -1));
  session.close();
});

test('hundreds of small variables written again and again keep their values while memory comes and goes', async () => {
  const session = await openSession({ variables, programs: { addOne } }, 'compiled');
  for (let round = 0; round < 150; round++) {
    session.write(
      Object.fromEntries(names.map((name, i) => [name, { shape: [1 + (i % 40)], values: new Float32Array(1 + (i % 40)).fill(round + i) }])),
    );
    const other = Array.from({ length: 300 }, (_, i) => new Float32Array(1 + (i % 50)).fill(-7));
    session.run('addOne', { one: Float32Array.of(1) });
    const read = session.read(names);
    names.forEach((name, i) =>
      assert.ok(
        read[name]?.values.every((v) => v === round + i + 1),
        `${name} in round ${round}`,
      ),
    );
    assert.equal(other.length, 300);
  }
  session.close();
});
