/** Optimizers in both their forms against formulas in double precision, and whole trainings against PyTorch. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { get, ndArray } from '../../src/array.js';
import type { Dataset, Examples } from '../../src/dataset/dataset.js';
import { denseMask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { openTensorflow } from '../../src/model/tensorflow.js';
import { stream } from '../../src/random.js';
import { type OptimizerOptions, optimizer } from '../../src/train/optimizers.js';
import { openSession } from '../../src/train/session.js';
import { openTrainer } from '../../src/train/trainer.js';

const engines = (await openTensorflow()) === 'tensorflow' ? (['eager', 'compiled'] as const) : (['eager'] as const);
const STEPS = 6;
const SIZE = 5;

/** Gradients and rates that change from step to step. */
const draws = stream(8, 'gradients');
const gradients = Array.from({ length: STEPS }, () => Float32Array.from({ length: SIZE }, () => draws.normal()));
const rates = [0.1, 0.1, 0.05, 0.2, 0.01, 0.1];
const start = [1, -2, 0.5, 0, 3];

type Formula = (options: Required<Pick<OptimizerOptions & { momentum: number; nesterov: boolean }, 'momentum' | 'nesterov'>>) => number[];

const momentumFormula: Formula = ({ momentum, nesterov }) => {
  const [w, v] = [[...start], start.map(() => 0)];
  gradients.forEach((g, t) =>
    w.forEach((_, i) => {
      v[i] = momentum * (v[i] as number) + (g[i] as number);
      const direction = nesterov ? (g[i] as number) + momentum * (v[i] as number) : (v[i] as number);
      w[i] = (w[i] as number) - (rates[t] as number) * direction;
    }),
  );
  return w;
};

/** The form with corrected moments, algorithm 1 of arXiv:1412.6980, with epsilon scaled: see the test of it below. */
function adamFormula(beta1: number, beta2: number, epsilonAt: (t: number) => number): number[] {
  const [w, m, v] = [[...start], start.map(() => 0), start.map(() => 0)];
  gradients.forEach((g, k) => {
    const t = k + 1;
    w.forEach((_, i) => {
      m[i] = beta1 * (m[i] as number) + (1 - beta1) * (g[i] as number);
      v[i] = beta2 * (v[i] as number) + (1 - beta2) * (g[i] as number) ** 2;
      const [first, second] = [(m[i] as number) / (1 - beta1 ** t), (v[i] as number) / (1 - beta2 ** t)];
      w[i] = (w[i] as number) - ((rates[k] as number) * first) / (Math.sqrt(second) + epsilonAt(t));
    });
  });
  return w;
}

async function applied(options: OptimizerOptions, engine: 'eager' | 'compiled'): Promise<number[]> {
  const rule = optimizer(options);
  const names = Object.keys(rule.rates(1, 0));
  const variables = Object.fromEntries(['w', ...rule.slots].map((name) => [name, { shape: [SIZE] }]));
  const inputs = Object.fromEntries([
    ['gradient', { shape: [SIZE], dtype: 'float32' as const }],
    ...names.map((name) => [name, { shape: [], dtype: 'float32' as const }]),
  ]);
  const session = await openSession(
    {
      variables,
      programs: {
        update: {
          inputs,
          body(scope) {
            const gradient = scope.input('gradient');
            const rateTensors = Object.fromEntries(names.map((name) => [name, scope.input(name)]));
            if (scope.fused) scope.apply(rule.fused({ gradient, rates: rateTensors }, ['w', ...rule.slots]));
            else {
              const slots = Object.fromEntries(rule.slots.map((slot) => [slot, scope.variable(slot)]));
              const next = rule.update({ weight: scope.variable('w'), gradient, slots, rates: rateTensors });
              scope.assign('w', next.weight);
              for (const slot of rule.slots) scope.assign(slot, next.slots[slot] as never);
            }
            return { w: scope.variable('w') };
          },
        },
      },
    },
    engine,
  );
  session.write({ w: ndArray([SIZE], start) });
  gradients.forEach((gradient, t) => {
    const values = Object.entries(rule.rates(rates[t] as number, t)).map(([name, value]) => [name, new Float32Array([value])]);
    session.run('update', { gradient, ...Object.fromEntries(values) });
  });
  const w = [...get(session.read(['w']), 'w').values];
  session.close();
  return w;
}

function close(found: readonly number[], expected: readonly number[], within: number): void {
  expected.forEach((value, i) => assert.ok(Math.abs((found[i] as number) - value) < within, `at ${i}: ${found[i]}, expected ${value}`));
}

for (const engine of engines) {
  describe(`${engine === 'compiled' ? "TensorFlow's fused operation" : 'plain arithmetic'} against the formula in double precision`, () => {
    test('sgd', async () => close(await applied({ name: 'sgd' }, engine), momentumFormula({ momentum: 0, nesterov: false }), 1e-6));
    test('momentum', async () =>
      close(await applied({ name: 'sgd', momentum: 0.9 }, engine), momentumFormula({ momentum: 0.9, nesterov: false }), 1e-6));
    test('nesterov', async () =>
      close(
        await applied({ name: 'sgd', momentum: 0.8, nesterov: true }, engine),
        momentumFormula({ momentum: 0.8, nesterov: true }),
        1e-6,
      ));
    test('adam', async () =>
      close(
        await applied({ name: 'adam' }, engine),
        adamFormula(0.9, 0.999, () => 1e-8),
        5e-6,
      ));
    test('adam, other betas', async () =>
      close(
        await applied({ name: 'adam', beta1: 0.5, beta2: 0.9 }, engine),
        adamFormula(0.5, 0.9, () => 1e-8),
        5e-6,
      ));
    test("adam's epsilon stands beside sqrt(v) before its correction, as in TensorFlow: in PyTorch's form it is epsilon / sqrt(1 - beta2^t)", async () => {
      const found = await applied({ name: 'adam', epsilon: 0.1 }, engine);
      close(
        found,
        adamFormula(0.9, 0.999, (t) => 0.1 / Math.sqrt(1 - 0.999 ** t)),
        5e-6,
      );
    });
  });
}

/** Six images of 2 x 2 pixels, three classes. */
const examples: Examples = {
  pixels: Uint8Array.from({ length: 24 }, (_, i) => (i * 37 + 11) % 256),
  labels: Uint8Array.from({ length: 6 }, (_, i) => i % 3),
  count: 6,
};
const dataset: Dataset = {
  name: 'six',
  shape: [2, 2, 1],
  classes: ['a', 'b', 'c'],
  mean: [0.5],
  std: [0.25],
  train: examples,
  validation: examples,
  test: examples,
};
const linear: Architecture = {
  name: 'linear',
  input: [2, 2, 1],
  layers: [{ type: 'flatten' }, { type: 'dense', name: 'output', units: 3 }],
};

interface Reference {
  optimizer: OptimizerOptions;
  weightDecay?: number;
  learningRate: number;
  losses: number[];
  weights: number[];
  /** Default 1e-5. */
  within?: number;
}

// Made with PyTorch 2.15 (torch.optim) in double precision: logits x W + b of all six images, W = 0.5 sin(i + 1), b = (0.1, -0.1, 0.2),
// mean cross-entropy, five steps. Weight decay is on the bias as well.
const references: Record<string, Reference> = {
  sgd: {
    optimizer: { name: 'sgd' },
    learningRate: 0.1,
    losses: [1.189941, 1.135542, 1.085255, 1.038777, 0.995819],
    weights: [
      0.348544, 0.425223, 0.172177, -0.311597, -0.380128, -0.305846, 0.18554, 0.676901, 0.16679, -0.325299, -0.476784, -0.238208, 0.099544,
      -0.077768, 0.178225,
    ],
  },
  momentum: {
    optimizer: { name: 'sgd', momentum: 0.9 },
    learningRate: 0.1,
    losses: [1.189941, 1.135542, 1.040044, 0.920911, 0.796056],
    weights: [
      0.231578, 0.379731, 0.334636, -0.206341, -0.223253, -0.567977, -0.04184, 0.965633, 0.105439, -0.411274, -0.437967, -0.191051,
      0.098327, -0.041577, 0.14325,
    ],
  },
  nesterov: {
    optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
    learningRate: 0.1,
    losses: [1.189941, 1.088438, 0.963589, 0.834021, 0.714141],
    weights: [
      0.179752, 0.371983, 0.39421, -0.17142, -0.178897, -0.647254, -0.116674, 1.054244, 0.091661, -0.444808, -0.4153, -0.180185, 0.092586,
      -0.024636, 0.13205,
    ],
  },
  'momentum, weight decay': {
    optimizer: { name: 'sgd', momentum: 0.9 },
    weightDecay: 0.05,
    learningRate: 0.1,
    losses: [1.189941, 1.134902, 1.038506, 0.918743, 0.793978],
    weights: [
      0.207168, 0.352098, 0.32524, -0.184225, -0.195189, -0.553366, -0.05896, 0.928316, 0.093028, -0.391797, -0.406884, -0.174046, 0.091662,
      -0.036263, 0.131611,
    ],
  },
  'nesterov, weight decay': {
    optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
    weightDecay: 0.05,
    learningRate: 0.1,
    losses: [1.189941, 1.087239, 0.961712, 0.832476, 0.714021],
    weights: [
      0.151468, 0.338296, 0.378187, -0.145372, -0.145626, -0.624324, -0.135048, 1.002722, 0.076698, -0.418516, -0.377194, -0.15881,
      0.084139, -0.018942, 0.118314,
    ],
  },
  adam: {
    optimizer: { name: 'adam' },
    learningRate: 0.05,
    losses: [1.189941, 1.082873, 0.986093, 0.899622, 0.823175],
    weights: [
      0.170266, 0.260037, 0.316634, -0.133951, -0.230757, -0.387144, 0.07978, 0.742367, -0.035467, -0.513977, -0.260976, -0.024974, 0.00695,
      0.136655, -0.000255,
    ],
  },
  // The first gradient of the first bias is -0.00049: epsilon = 1e-8 is 0.02 permille of it in PyTorch's form, and 0.64 permille
  // of sqrt(v) in this one, which makes 3e-5 of the step of 0.05.
  'adam, weight decay': {
    within: 4e-5,
    optimizer: { name: 'adam' },
    weightDecay: 0.05,
    learningRate: 0.05,
    losses: [1.189941, 1.082873, 0.98592, 0.899563, 0.823664],
    weights: [
      0.170566, 0.240644, 0.31562, -0.134111, -0.230955, -0.386699, 0.079951, 0.741792, -0.034106, -0.508789, -0.257611, -0.025376,
      -0.015203, 0.129395, -0.009863,
    ],
  },
};
for (const engine of engines) {
  describe(`five steps of PyTorch, ${engine}`, () => {
    for (const [name, { optimizer: options, weightDecay = 0, learningRate, losses, weights, within = 1e-5 }] of Object.entries(
      references,
    )) {
      test(name, async () => {
        const trainer = await openTrainer({ architecture: linear, dataset, optimizer: options, weightDecay, batchSize: 6, engine });
        const kernel = ndArray(
          [4, 3],
          Array.from({ length: 12 }, (_, i) => 0.5 * Math.sin(i + 1)),
        );
        trainer.load(denseMask({ 'output/kernel': kernel }), { 'output/kernel': kernel, 'output/bias': ndArray([3], [0.1, -0.1, 0.2]) });
        const indices = Int32Array.of(0, 1, 2, 3, 4, 5);
        const found = trainer.update([0, 1, 2, 3, 4].map((step) => ({ indices, learningRate, step, seed: 0 })));
        close([...found], losses, 2e-6);
        const state = trainer.state().weights;
        close([...get(state, 'output/kernel').values, ...get(state, 'output/bias').values], weights, within);
        trainer.close();
      });
    }
  });
}

test('an unknown optimizer is refused', () => {
  assert.throws(() => optimizer({ name: 'adamm' as 'adam' }), /unknown optimizer: 'adamm'. Did you mean 'adam'\?/);
});
