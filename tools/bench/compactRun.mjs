/** The measured process of `compact.mjs`: one ticket, masked and compacted, each in a trainer of its own. */
import { pick } from '../../dist/src/array.js';
import { batches } from '../../dist/src/dataset/batches.js';
import { normalise } from '../../dist/src/dataset/dataset.js';
import { denseMask, density } from '../../dist/src/mask.js';
import { architecture } from '../../dist/src/model/families/families.js';
import { forward } from '../../dist/src/model/forward.js';
import { initialise } from '../../dist/src/model/initialise.js';
import { multiplyAdds, parameterCount, prunable } from '../../dist/src/model/shapes.js';
import { openTensorflow, tf } from '../../dist/src/model/tensorflow.js';
import { prune } from '../../dist/src/prune/prune.js';
import { stream } from '../../dist/src/random.js';
import { magnitude } from '../../dist/src/score/magnitude.js';
import { compact } from '../../dist/src/ticket/compact.js';
import { openTrainer } from '../../dist/src/train/trainer.js';
import { serve } from './serve.mjs';

const COMPARED = 50;
const TESTED = 2000;
const networks = {};
let order;

await serve({ open, time });

async function open({ spec }) {
  await openTensorflow();
  const masked = prunedNetwork(spec);
  const compacted = compact(masked);
  const dataset = noise(spec.input, spec.images);
  order = batches({ count: dataset.train.count, batchSize: spec.batchSize, seed: 0 });
  const x = tf.tensor(normalise(dataset, dataset.test, 0, COMPARED), [COMPARED, ...spec.input]);
  const [a, b] = [masked, compacted].map((network) => outputs(network, x));
  for (const [name, network] of Object.entries({ masked, compacted })) {
    const options = {
      architecture: network.architecture,
      dataset,
      batchSize: spec.batchSize,
      optimizer: { name: 'sgd', momentum: 0.9 },
      weightDecay: 1e-4,
    };
    networks[name] = { trainer: await openTrainer(options), network };
    networks[name].trainer.load(network.mask, network.weights);
  }
  return {
    density: density(masked.mask),
    parameters: [masked, compacted].map((network) => parameterCount(network.architecture)),
    multiplyAdds: [masked, compacted].map((network) => multiplyAdds(network.architecture)),
    difference: Math.max(...a.map((value, i) => Math.abs(value - b[i]))),
  };
}

/** Steps per second of training, or thousands of images per second of evaluation, from the starting weights. */
function time({ what, network, seconds }) {
  const { trainer, network: start } = networks[network];
  trainer.load(start.mask, start.weights);
  const once = (i) => {
    if (what === 'evaluation') trainer.evaluate('test');
    else trainer.update([{ indices: order.indices(i).slice(), learningRate: 0.01, step: i, seed: 0 }]);
  };
  once(0);
  let count = 0;
  const begin = performance.now();
  while (performance.now() - begin < 1000 * seconds || count < 2) once(++count);
  const rate = (1000 * count) / (performance.now() - begin);
  return { rate: what === 'evaluation' ? (rate * TESTED) / 1000 : rate };
}

/** Pruned by magnitude layer by layer, the output layer left whole; with granularity channel, dense layers by unit. */
function prunedNetwork({ model, input, granularity, density: kept }) {
  const built = architecture(model, input, 10);
  const weights = initialise(built, 0, 'heNormal');
  const names = prunable(built).map(({ name }) => name);
  const scores = magnitude.score({ weights: pick(weights, names) });
  let mask = denseMask(pick(weights, names));
  const hasDense = names.some((name) => name !== 'output/kernel' && mask[name].shape.length === 2);
  for (const part of granularity === 'channel' && hasDense ? ['channel', 'unit'] : [granularity]) {
    mask = prune(mask, scores, { amount: { density: kept }, scope: 'layerwise', granularity: part, exclude: ['output/kernel'] });
  }
  return { architecture: built, weights, mask };
}

function outputs({ architecture: built, weights, mask }, x) {
  return tf.tidy(() => {
    const values = Object.entries(weights).map(([name, { shape, values }]) => {
      const bits = mask[name]?.values;
      return [name, tf.tensor(bits ? values.map((value, i) => value * bits[i]) : values, shape)];
    });
    return Array.from(forward(built, Object.fromEntries(values), x).dataSync());
  });
}

function noise(shape, images) {
  const random = stream(0, 'compact');
  const each = shape.reduce((a, b) => a * b, 1);
  const part = (count) => ({
    pixels: Uint8Array.from({ length: count * each }, () => random.integer(256)),
    labels: Uint8Array.from({ length: count }, () => random.integer(10)),
    count,
  });
  const channels = Array.from({ length: shape[2] });
  const classes = Array.from({ length: 10 }, (_, i) => String(i));
  return {
    name: 'noise',
    shape,
    classes,
    mean: channels.map(() => 0.5),
    std: channels.map(() => 0.25),
    train: part(images),
    validation: part(10),
    test: part(TESTED),
  };
}
