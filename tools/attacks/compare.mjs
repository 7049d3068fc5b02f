/** Attacks of neoteny and of torchattacks on the same trained networks and images. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { batches } from '../../dist/src/dataset/batches.js';
import { loadDataset } from '../../dist/src/dataset/loadDataset.js';
import { architecture } from '../../dist/src/model/families/families.js';
import { parameters } from '../../dist/src/model/shapes.js';
import { denseTicket } from '../../dist/src/ticket/denseTicket.js';
import { fgsm } from '../../dist/src/train/attack/attack.js';
import { openAttacker } from '../../dist/src/train/attack/openAttacker.js';
import { openTrainer } from '../../dist/src/train/trainer.js';

const program = join(dirname(fileURLToPath(import.meta.url)), 'attack.py');

/** The most by which robust accuracies may differ: half a point. */
export const TOLERANCE = 0.005;

const pgd = (norm, epsilon, stepSize, steps, randomStart = false) => ({ norm, epsilon, stepSize, steps, randomStart });

/**
 * Networks that stand up to the attacks in part, so that a wrong attack shows: two trained on clean images and tried within small
 * balls, one trained against the attack. The names of attacks say norm, steps and radius; `r` is a random start.
 */
export const cases = [
  {
    name: 'lenet-300-100 on MNIST, clean',
    ...{ dataset: 'mnist', model: 'lenet-300-100', updates: 400, rate: 0.05, initialiser: 'glorotNormal' },
    attacks: {
      'fgsm 0.05': fgsm(0.05),
      'pgd-20 0.05': pgd('linf', 0.05, 0.005, 20),
      'pgd-20r 0.05': pgd('linf', 0.05, 0.005, 20, true),
      'l2-20 0.7': pgd('l2', 0.7, 0.1, 20),
      'l2-20r 0.7': pgd('l2', 0.7, 0.1, 20, true),
    },
  },
  {
    name: 'lenet-5 on MNIST, clean',
    ...{ dataset: 'mnist', model: 'lenet-5', updates: 300, rate: 0.05, initialiser: 'glorotNormal' },
    attacks: {
      'fgsm 0.1': fgsm(0.1),
      'pgd-20 0.1': pgd('linf', 0.1, 0.01, 20),
      'pgd-20r 0.1': pgd('linf', 0.1, 0.01, 20, true),
      'l2-20 1.5': pgd('l2', 1.5, 0.2, 20),
    },
  },
  {
    name: 'resnet-8-8 on CIFAR-10, against PGD-3',
    ...{ dataset: 'cifar-10', model: 'resnet-8-8', updates: 150, rate: 0.1, initialiser: 'heNormal' },
    adversary: pgd('linf', 4 / 255, 2 / 255, 3, true),
    attacks: {
      'fgsm 4/255': fgsm(4 / 255),
      'pgd-10 4/255': pgd('linf', 4 / 255, 1 / 255, 10),
      'pgd-10r 4/255': pgd('linf', 4 / 255, 1 / 255, 10, true),
      'l2-10 0.3': pgd('l2', 0.3, 0.1, 10),
    },
  },
];

/**
 * Trains a case's network, attacks it with both, and returns a row for the clean images and for each attack:
 * `{ name, ours, theirs }`, accuracies in [0, 1].
 */
export async function compareAttacks(python, one, { images = 2000 } = {}) {
  const dataset = await loadDataset(one.dataset, { limit: 20_000 });
  const built = architecture(one.model, dataset.shape, dataset.classes.length);
  const weights = await trainedWeights(one, built, dataset);
  const attacker = await openAttacker({ architecture: built, dataset });
  attacker.load(weights);
  const found = Object.entries(one.attacks).map(([name, attack]) => ({
    name,
    ...attacker.attack({ attack, split: 'test', limit: images, seed: 1 }),
  }));
  attacker.close();
  const folder = mkdtempSync(join(tmpdir(), 'neoteny-attacks-'));
  try {
    writeCase(folder, one, built, dataset, weights, images);
    const { stdout } = await promisify(execFile)(python, [program, folder]);
    const theirs = JSON.parse(stdout);
    return [
      { name: 'clean', ours: found[0].clean.accuracy, theirs: theirs.clean },
      ...found.map(({ name, robust }) => ({ name, ours: robust.accuracy, theirs: theirs.robust[name] })),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function trainedWeights({ updates, rate, adversary, initialiser }, built, dataset) {
  const batchSize = 64;
  const start = denseTicket(built, 1, initialiser);
  const trainer = await openTrainer({
    ...{ architecture: built, dataset, batchSize, optimizer: { name: 'sgd', momentum: 0.9 } },
    ...(adversary && { adversary: { attack: adversary } }),
  });
  trainer.load(start.mask, start.weights);
  const order = batches({ count: dataset.train.count, batchSize, seed: 2 });
  for (let step = 0; step < updates; step++)
    trainer.update([{ indices: order.indices(step).slice(), learningRate: rate * Math.min(1, (step + 1) / 50), step, seed: 3 }]);
  const { weights } = trainer.state();
  trainer.close();
  return weights;
}

function writeCase(folder, { attacks }, built, dataset, weights, images) {
  const list = parameters(built);
  const { pixels, labels } = dataset.test;
  const each = dataset.shape.reduce((a, b) => a * b);
  const about = {
    ...{ architecture: built, parameters: list.map(({ name, shape }) => ({ name, shape })), attacks, images, input: dataset.shape },
    ...{ mean: [...dataset.mean], std: [...dataset.std] },
  };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(about));
  writeFileSync(join(folder, 'pixels.bin'), pixels.subarray(0, images * each));
  writeFileSync(join(folder, 'labels.bin'), Uint8Array.from(labels.subarray(0, images)));
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(list.map(({ name }) => bytesOf(weights[name].values))));
}

function bytesOf(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
