/** The measured process of `sparse.mjs`: one network on the native kernels, as a compiled masked step, and compacted. */
import { batches } from '../../dist/src/dataset/batches.js';
import { denseMask } from '../../dist/src/mask.js';
import { prunable } from '../../dist/src/model/shapes.js';
import { openTensorflow, tf } from '../../dist/src/model/tensorflow.js';
import { prune } from '../../dist/src/prune/prune.js';
import { stream } from '../../dist/src/random.js';
import { magnitude } from '../../dist/src/score/magnitude.js';
import { compact } from '../../dist/src/ticket/compact.js';
import { openTrainer } from '../../dist/src/train/trainer.js';
import { readInputs } from './readInputs.mjs';
import { cpuSeconds, serve } from './serve.mjs';

const FRACTION = 0.2;
let spec;
let dataset;
let dense;
let order;
/** The engine by choice, for whole experiments. */
let automatic;
/** By engine: the trainer, and the network that it starts from. */
const engines = {};

await serve({ open, setDensity, train, evaluate, levels, peak });

async function open(request) {
  await openTensorflow();
  spec = request.spec;
  const inputs = readInputs(request.folder, spec);
  dataset = { ...inputs.dataset, test: { ...inputs.dataset.train, count: Math.min(inputs.dataset.train.count, request.tested) } };
  dense = { architecture: spec.architecture, ...inputs.network };
  order = batches({ count: dataset.train.count, batchSize: spec.batchSize, seed: 1 });
  engines.sparse = { trainer: await openOn('sparse', dense.architecture) };
  engines.compiled = { trainer: await openOn('compiled', dense.architecture) };
  automatic = await openOn('auto', dense.architecture);
  return { engines: Object.fromEntries(Object.entries(engines).map(([name, { trainer }]) => [name, trainer.fallback ?? null])) };
}

/** The same kept share in every layer, at random places: what a step costs does not depend on where they are. */
async function setDensity({ density }) {
  const random = stream(7, 'mask', density);
  const mask = Object.fromEntries(
    prunable(dense.architecture).map(({ name, shape }) => {
      const values = new Uint8Array(shape.reduce((a, b) => a * b, 1)).map(() => (random.uniform() < density ? 1 : 0));
      return [name, { shape, values }];
    }),
  );
  engines.compacted?.trainer.close();
  const small = compact({ ...dense, mask });
  const network = { ...dense, mask };
  for (const name of ['sparse', 'compiled']) engines[name].network = network;
  engines.compacted = { trainer: await openOn('compiled', small.architecture), network: small };
  for (const { trainer, network: start } of Object.values(engines)) {
    trainer.load(start.mask, start.weights);
    trainer.update([updateAt(0)]);
  }
  return {};
}

function train({ engine, seconds }) {
  const { trainer } = load(engine);
  return measured(seconds, (step) => trainer.update([updateAt(step)]), 1);
}

function evaluate({ engine, seconds }) {
  const { trainer } = load(engine);
  return measured(seconds, () => trainer.evaluate('test'), dataset.test.count);
}

/** A whole experiment: train, prune a fifth of the weights by magnitude, rewind, again. Seconds after each level, choice of the engine included. */
function levels({ engine, steps, count }) {
  const trainer = engine === 'auto' ? automatic : engines[engine].trainer;
  const names = prunable(dense.architecture).map(({ name }) => name);
  let mask = denseMask(Object.fromEntries(names.map((name) => [name, dense.weights[name]])));
  const [cpu, begin] = [cpuSeconds(), performance.now()];
  const after = [];
  for (let level = 0; level < count; level++) {
    trainer.load(mask, dense.weights);
    for (let step = 0; step < steps; step++) trainer.update([updateAt(step)]);
    const { weights } = trainer.state();
    const scores = magnitude.score({ weights: Object.fromEntries(names.map((name) => [name, weights[name]])) });
    mask = prune(mask, scores, { amount: { fraction: FRACTION }, scope: 'layerwise' });
    after.push({ seconds: (performance.now() - begin) / 1000, cpu: cpuSeconds() - cpu, engine: trainer.engine });
  }
  return { after };
}

function peak({ size, repeats }) {
  const [a, b] = [tf.randomUniform([size, size]), tf.randomUniform([size, size])];
  const product = () => tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync());
  product();
  const [cpu, begin] = [cpuSeconds(), performance.now()];
  for (let i = 0; i < repeats; i++) product();
  const [seconds, cpuTime] = [(performance.now() - begin) / 1000, cpuSeconds() - cpu];
  tf.dispose([a, b]);
  return { count: repeats * size ** 3, seconds, cpu: cpuTime };
}

function openOn(engine, architecture) {
  const { optimizer, batchSize, weightDecay } = spec;
  return openTrainer({ architecture, dataset, optimizer, batchSize, weightDecay, engine });
}

function load(engine) {
  const { trainer, network } = engines[engine];
  trainer.load(network.mask, network.weights);
  return { trainer };
}

function updateAt(step) {
  return { indices: order.indices(step).slice(), learningRate: spec.learningRate, step, seed: 1 };
}

function measured(seconds, once, each) {
  const [cpu, begin] = [cpuSeconds(), performance.now()];
  let count = 0;
  do once(count++);
  while (performance.now() - begin < 1000 * seconds);
  return { count: count * each, seconds: (performance.now() - begin) / 1000, cpu: cpuSeconds() - cpu };
}
