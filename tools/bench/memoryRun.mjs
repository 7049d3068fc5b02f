/** The measured process of `memory.mjs`: `steps COUNT` or `trainers COUNT`; a JSON line for each sample of resident memory. */
import { architecture } from '../../dist/src/model/families/families.js';
import { initialise } from '../../dist/src/model/initialise.js';
import { prunable } from '../../dist/src/model/shapes.js';
import { batches } from '../../dist/src/dataset/batches.js';
import { denseMask } from '../../dist/src/mask.js';
import { pick } from '../../dist/src/array.js';
import { openTrainer } from '../../dist/src/train/trainer.js';
import { stream } from '../../dist/src/random.js';

const SAMPLES = 40;
const [what, count] = [process.argv[2], Number(process.argv[3])];
const random = stream(0, 'memory');
const built = architecture('lenet-300-100', [28, 28, 1], 10);
const dataset = noise(10_000);
const weights = initialise(built, 0);
const mask = denseMask(
  pick(
    weights,
    prunable(built).map(({ name }) => name),
  ),
);
const order = batches({ count: dataset.train.count, batchSize: 60, seed: 0 });

await (what === 'steps' ? steps() : trainers());

async function steps() {
  const trainer = await open();
  const every = Math.max(1, Math.floor(count / SAMPLES));
  // The first twentieth is warm-up.
  const start = Math.floor(count / 20);
  for (let step = 0; step < start + count; step++) {
    trainer.update([{ indices: order.indices(step).slice(), learningRate: 1.2e-3, step, seed: 0 }]);
    if (step >= start && (step - start) % every === 0) sample(step - start);
  }
  sample(count);
  trainer.close();
}

async function trainers() {
  for (let i = -2; i < count; i++) {
    const trainer = await open();
    for (let step = 0; step < 50; step++) trainer.update([{ indices: order.indices(step).slice(), learningRate: 1.2e-3, step, seed: 0 }]);
    trainer.evaluate('test');
    trainer.close();
    // Two before the first sample: what the library keeps for good is there after these.
    if (i >= 0) sample(i + 1);
  }
}

async function open() {
  const trainer = await openTrainer({ architecture: built, dataset, optimizer: { name: 'adam' }, batchSize: 60, engine: 'compiled' });
  trainer.load(mask, weights);
  return trainer;
}

function sample(at) {
  globalThis.gc?.();
  process.stdout.write(`${JSON.stringify({ at, rss: process.memoryUsage.rss() / 1e6, heap: process.memoryUsage().heapUsed / 1e6 })}\n`);
}

function noise(images) {
  const part = (size) => ({
    pixels: Uint8Array.from({ length: size * 784 }, () => random.integer(256)),
    labels: Uint8Array.from({ length: size }, () => random.integer(10)),
    count: size,
  });
  const names = Array.from({ length: 10 }, (_, i) => String(i));
  return {
    name: 'noise',
    shape: [28, 28, 1],
    classes: names,
    mean: [0.5],
    std: [0.25],
    train: part(images),
    validation: part(100),
    test: part(1000),
  };
}
