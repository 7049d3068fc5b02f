/** This library as a contestant, on the engine `auto`, `compiled`, `eager` or `sparse` (native kernels): the same calls that `train` makes. */
import { batches } from '../../dist/src/dataset/batches.js';
import { openTensorflow, tf } from '../../dist/src/model/tensorflow.js';
import { detectorTask } from '../../dist/src/train/recognition/detectorTask.js';
import { openTaskTrainer, openTrainer } from '../../dist/src/train/trainer.js';
import { noiseObjects } from './noiseObjects.mjs';
import { readInputs } from './readInputs.mjs';
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
  const { dataset, network } = readInputs(request.folder, spec);
  const begin = performance.now();
  const { architecture, optimizer, batchSize, weightDecay, augmentation } = spec;
  const options = { architecture, optimizer, batchSize, weightDecay, augmentation, engine };
  if (request.stepsPerCall) options.stepsPerCall = request.stepsPerCall;
  trainer = spec.detector
    ? await openTaskTrainer({ ...options, images: dataset, task: taskOf(dataset) })
    : await openTrainer({ ...options, dataset });
  if (engine !== 'auto' && trainer.fallback !== undefined) throw new Error(trainer.fallback);
  start = network;
  reset();
  order = batches({ count: dataset.train.count, batchSize: spec.batchSize, seed: 1 });
  advance(1);
  const names = { sparse: 'native kernels', compiled: 'compiled graph', eager: 'operation by operation' };
  const how = engine === 'auto' ? `took the ${names[trainer.engine]}` : engine === 'sparse' ? 'kernels of its own' : backend;
  return {
    firstCall: (performance.now() - begin) / 1000,
    ...(trainer.decision && { decision: trainer.decision }),
    variant: `${how}${trainer.stepsPerCall > 1 ? `, ${trainer.stepsPerCall} steps a call` : ''}`,
  };
}

function taskOf(images) {
  const outputs = spec.detector;
  return detectorTask({ images, outputs, targets: noiseObjects(images, outputs), grade: () => 0 });
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
