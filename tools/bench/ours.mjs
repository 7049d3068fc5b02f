/** This library as a contestant, on the compiled or the eager engine: the same calls that `train` makes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { batches } from '../../dist/src/dataset/batches.js';
import { denseMask } from '../../dist/src/mask.js';
import { parameters, prunable } from '../../dist/src/model/shapes.js';
import { openTensorflow, tf } from '../../dist/src/model/tensorflow.js';
import { openTrainer } from '../../dist/src/train/trainer.js';
import { cpuSeconds, memory, serve } from './serve.mjs';

const engine = process.argv[2];
let trainer;
let start;
let order;
let step = 0;
let spec;

await serve({ open, check, run, peak });

async function open(request) {
  spec = request.spec;
  const backend = await openTensorflow();
  const dataset = readDataset(request.folder);
  const begin = performance.now();
  trainer = await openTrainer({
    architecture: spec.architecture,
    dataset,
    optimizer: spec.optimizer,
    batchSize: spec.batchSize,
    weightDecay: spec.weightDecay,
    augmentation: spec.augmentation,
    engine,
    ...(request.stepsPerCall && { stepsPerCall: request.stepsPerCall }),
  });
  start = readNetwork(request.folder);
  reset();
  order = batches({ count: dataset.train.count, batchSize: spec.batchSize, seed: 1 });
  advance(1);
  return {
    firstCall: (performance.now() - begin) / 1000,
    variant: `${backend}${trainer.stepsPerCall > 1 ? `, ${trainer.stepsPerCall} steps a call` : ''}`,
  };
}

/** Losses of the first steps on given minibatches, from the given weights. */
function check({ indices }) {
  reset();
  return { losses: indices.map((list, i) => trainer.update([updateOf(Int32Array.from(list), i)])[0]) };
}

function run({ steps }) {
  reset();
  const cpu = cpuSeconds();
  const begin = performance.now();
  const loss = advance(steps);
  const seconds = (performance.now() - begin) / 1000;
  return { steps, seconds, cpu: cpuSeconds() - cpu, loss, ...memory() };
}

/** Multiply-adds per second of a large matrix product. */
function peak({ size, repeats }) {
  const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])];
  const product = () => tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync());
  product();
  const begin = performance.now();
  for (let i = 0; i < repeats; i++) product();
  const seconds = (performance.now() - begin) / 1000;
  tf.dispose([a, b]);
  return { multiplyAdds: (repeats * size ** 3) / seconds };
}

function reset() {
  trainer.load(start.mask, start.weights);
}

function advance(count) {
  let losses = [];
  for (const end = step + count; step < end; ) {
    const updates = Array.from({ length: Math.min(trainer.stepsPerCall, end - step) }, (_, k) =>
      updateOf(order.indices(step + k).slice(), step + k),
    );
    losses = trainer.update(updates);
    step += updates.length;
  }
  return losses.at(-1);
}

function updateOf(indices, at) {
  return { indices, learningRate: spec.learningRate, step: at, seed: 1 };
}

function readDataset(folder) {
  const pixels = new Uint8Array(readFileSync(join(folder, 'pixels.bin')));
  const labels = new Uint8Array(readFileSync(join(folder, 'labels.bin')));
  const { input, classes, mean, std } = spec;
  const count = labels.length;
  const one = { pixels: pixels.slice(0, pixels.length / count), labels: labels.slice(0, 1), count: 1 };
  const names = Array.from({ length: classes }, (_, i) => String(i));
  return { name: 'noise', shape: input, classes: names, mean, std, train: { pixels, labels, count }, validation: one, test: one };
}

function readNetwork(folder) {
  const bytes = readFileSync(join(folder, 'weights.bin'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let from = 0;
  const weights = {};
  for (const { name, shape } of parameters(spec.architecture)) {
    const size = shape.reduce((a, b) => a * b, 1);
    weights[name] = { shape, values: all.slice(from, from + size) };
    from += size;
  }
  const masked = Object.fromEntries(prunable(spec.architecture).map(({ name }) => [name, weights[name]]));
  return { weights, mask: denseMask(masked) };
}
