/** Training under a cell: what is drawn, and that stopping and going on changes no bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstDifference } from '../../src/array.js';
import { mlp } from '../../src/model/families/mlp.js';
import { trainLive } from '../../src/notebook/trainLive.js';
import { denseTicket } from '../../src/ticket/denseTicket.js';
import { train, type TrainRequest } from '../../src/train/train.js';
import { openTrainer } from '../../src/train/trainer.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';

const dataset = tinyDataset();
const architecture = mlp('mlp-12', [12], dataset.shape, 4);
const { mask, weights } = denseTicket(architecture, 1, 'glorotNormal');
const request: TrainRequest = { mask, weights, length: '60it', learningRate: { rate: 0.01 }, seed: 3, evaluations: { validation: '10it' } };
const open = () => openTrainer({ architecture, dataset, optimizer: { name: 'adam' }, batchSize: 20 });
const stops = new Set<() => void>();
(globalThis as Record<symbol, unknown>)[Symbol.for('neoteny.interrupt')] = stops; // as the kernel has it

test('the result of train, every measurement, and curves that leave out the start', async () => {
  const trainer = await open();
  const drawn: string[] = [];
  const chart = { add: (name: string, x: number) => drawn.push(`${name} ${x}`), finish: () => Promise.resolve() };
  const live = await trainLive(trainer, request, { chart });
  const plain = await train(trainer, request);
  assert.equal(firstDifference(live.weights, plain.weights), undefined);
  assert.deepEqual(live.summary, plain.summary);
  assert.deepEqual(
    live.measurements.filter(({ split }) => split === 'validation').map(({ step }) => step),
    [0, 10, 20, 30, 40, 50, 60],
  );
  assert.ok(drawn.includes('validation 10') && !drawn.includes('validation 0') && !drawn.some((curve) => curve.startsWith('test')));
  trainer.close();
});

test('the stop button stops at the next step; the same call goes on, another request begins anew', async () => {
  const trainer = await open();
  const uninterrupted = await train(trainer, request);
  let seen = 0;
  const chart = {
    add: () => {
      if (++seen === 4) for (const stop of [...stops]) stop();
    },
    finish: () => Promise.resolve(),
  };
  await assert.rejects(trainLive(trainer, request, { chart }), /stopped at iteration \d+ of 60; run the cell again to go on/);
  assert.ok(seen >= 4 && seen < 12);
  const other = await trainLive(trainer, { ...request, seed: 4 }, { chart: { ...chart, add: () => {} } });
  assert.notEqual(firstDifference(other.weights, uninterrupted.weights), undefined);
  const rest = await trainLive(trainer, request, { chart: { ...chart, add: () => {} } });
  assert.equal(firstDifference(rest.weights, uninterrupted.weights), undefined);
  assert.deepEqual(rest.summary, uninterrupted.summary);
  assert.deepEqual(
    rest.measurements.filter(({ split }) => split === 'validation').map(({ step }) => step),
    [0, 10, 20, 30, 40, 50, 60],
  );
  trainer.close();
});
