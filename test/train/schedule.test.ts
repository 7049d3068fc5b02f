/** Learning rates against values worked out by hand. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LearningRate, schedule } from '../../src/train/schedule.js';

/** Rates at the given steps of a training of 100 iterations, 10 in an epoch. */
function rates(options: LearningRate, steps: readonly number[]): number[] {
  const at = schedule(options, 100, 10);
  return steps.map((step) => Number(at(step).toFixed(12)));
}

test('constant', () => assert.deepEqual(rates({ rate: 0.1 }, [0, 1, 99]), [0.1, 0.1, 0.1]));

test('steps: times the factor from each step on, epochs and iterations mixed, in any order', () => {
  const options: LearningRate = { rate: 0.4, decay: { name: 'steps', at: ['8ep', '50it'], factor: 0.5 } };
  assert.deepEqual(rates(options, [0, 49, 50, 79, 80, 99]), [0.4, 0.4, 0.2, 0.2, 0.1, 0.1]);
  assert.deepEqual(rates({ rate: 1, decay: { name: 'steps', at: ['10it'] } }, [9, 10]), [1, 0.1]);
});

test('cosine: the rate at 0, half of it in the middle, cos 60 degrees at a third, its end at the end', () => {
  const options: LearningRate = { rate: 0.8, decay: { name: 'cosine' } };
  assert.deepEqual(rates(options, [0, 50, 100, 150]), [0.8, 0.4, 0, 0]);
  // (1 + cos 36 degrees) / 2 = 0.904508497187
  assert.deepEqual(rates(options, [20]), [0.72360679775]);
  assert.deepEqual(rates({ rate: 0.8, decay: { name: 'cosine', to: 0.2 } }, [0, 50, 100]), [0.8, 0.5, 0.2]);
});

test('warm-up: in equal steps to the rate, which its last update reaches; then the decay counts from the start of training', () => {
  assert.deepEqual(rates({ rate: 0.4, warmup: { length: '4it' } }, [0, 1, 2, 3, 4]), [0.1, 0.2, 0.3, 0.4, 0.4]);
  assert.deepEqual(rates({ rate: 0.4, warmup: { length: '1ep', from: 0.2 } }, [0, 4, 9, 10]), [0.22, 0.3, 0.4, 0.4]);
  const both: LearningRate = { rate: 0.4, warmup: { length: '20it' }, decay: { name: 'steps', at: ['10it'], factor: 0.5 } };
  assert.deepEqual(rates(both, [9, 19, 20]), [0.2, 0.4, 0.2]);
});

describe('refused', () => {
  const refuse = (what: string, options: LearningRate, message: RegExp): void => {
    test(what, () => assert.throws(() => schedule(options, 100, 10), { name: 'UserError', message }));
  };
  for (const rate of [0, -1, Number.NaN, Infinity]) refuse(`rate ${rate}`, { rate }, /invalid learning rate/);
  refuse(
    'an unknown decay',
    { rate: 1, decay: { name: 'cosin' as never } },
    /unknown learning-rate decay: 'cosin'. Did you mean 'cosine'\?/,
  );
  refuse('a factor above 1', { rate: 1, decay: { name: 'steps', at: ['1it'], factor: 2 } }, /factor of a learning-rate step/);
  refuse('a step that is no step', { rate: 1, decay: { name: 'steps', at: ['1 epoch'] } }, /invalid step/);
  refuse('a warm-up that is no step', { rate: 1, warmup: { length: '5' } }, /invalid step/);
  refuse('a warm-up from below 0', { rate: 1, warmup: { length: '5it', from: -1 } }, /invalid start of the warm-up/);
  refuse('a cosine to below 0', { rate: 1, decay: { name: 'cosine', to: -0.1 } }, /invalid end of the cosine/);
});
