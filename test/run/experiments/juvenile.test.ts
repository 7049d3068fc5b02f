/** Growth by residual blocks, as on CIFAR-10: plans, exact insertion, what is pruned and what is not. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deepen } from '../../../src/grow/deepen.js';
import type { Network } from '../../../src/grow/growthOperator.js';
import { architecture } from '../../../src/model/families/families.js';
import { parameters } from '../../../src/model/shapes.js';
import { stream } from '../../../src/random.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import type { Evaluation, LevelSummary } from '../../../src/run/record.js';
import { openStore } from '../../../src/run/store.js';
import { denseTicket } from '../../../src/ticket/denseTicket.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-juvenile-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const { presets } = experiments['juvenile']!;

test('the plans of the CIFAR-10 presets end at their full networks', () => {
  for (const name of ['cifar-10', 'cifar-10-zero', 'cifar-10-wide', 'cifar-10-reduced']) {
    const spec = readSpec({ experiment: 'juvenile', ...presets[name]?.options }) as unknown as {
      seedModel: string;
      fullModel: string;
      iterations: number;
      after: string[];
      exclude: string[];
      insertion: 'dirac' | 'zeroResidual';
    };
    let network: Network = denseTicket(architecture(spec.seedModel, [32, 32, 3], 10), 1, 'heNormal');
    for (let i = 0; i < spec.iterations; i++)
      network = deepen.grow(network, { init: spec.insertion, after: spec.after[i % spec.after.length] as string }, stream(1, 'grow', i));
    const full = parameters(architecture(spec.fullModel, [32, 32, 3], 10)).map(({ name, shape }) => `${name} ${shape}`);
    assert.deepEqual(
      parameters(network.architecture).map(({ name, shape }) => `${name} ${shape}`),
      full,
    );
    for (const name of spec.exclude) assert.ok(name in network.mask, name);
  }
});

test('MNIST runs keep their names beside the new options', () => {
  assert.equal(keyOf(readSpec({ experiment: 'juvenile' })), 'juvenile-0e424c3368e3-r1');
  assert.equal(
    keyOf(readSpec({ experiment: 'juvenile', exclude: [], insertion: 'identity', after: ['last'] })),
    'juvenile-0e424c3368e3-r1',
  );
});

test('blocks: the arms end at known sizes, input and output stay whole, a zero residual changes no answer', async () => {
  const store = openStore({ root: join(folder, 'runs'), records: [] });
  const options = {
    ...{ experiment: 'juvenile', trainLimit: 600, length: '6it', validateEvery: '6it', batchSize: 50, iterations: 2, sparsity: 0.8 },
    ...{ seedModel: 'blocks-4x0', fullModel: 'blocks-4x2', exclude: ['conv/kernel', 'output/kernel'] },
  };
  const ends: Record<string, number | undefined> = {};
  for (const [arm, insertion] of [
    ['grow-identity', 'zeroResidual'],
    ['grow-identity', 'dirac'],
    ['grow-random', 'dirac'],
    ['reset', 'dirac'],
    ['keep-deep', 'dirac'],
    ['keep-shallow', 'dirac'],
  ]) {
    const spec = readSpec({ ...options, arm, insertion });
    const { rows } = await getOrRun(store, spec, keyOf(spec), (s, context) => experiments['juvenile']!.run(s, context, store));
    const evaluations = rows.filter((row): row is Evaluation => row.kind === 'evaluation' && row.split === 'validation');
    ends[`${arm} ${insertion}`] = evaluations.filter(({ phase }) => phase === 'pruned').at(-1)?.kept;
    const levels = rows.filter((row): row is LevelSummary => row.kind === 'level');
    for (const { layers } of levels) assert.deepEqual([layers['conv/kernel'], layers['output/kernel']], [1, 1]);
    if (arm !== 'grow-identity') continue;
    assert.deepEqual(
      levels.map(({ depth }) => depth),
      [2, 4, 6],
    );
    const pruned = evaluations.find(({ phase, level }) => phase === 'pruned' && level === 1) as Evaluation;
    const start = evaluations.find(({ phase, level, step }) => phase === 'training' && level === 2 && step === 0) as Evaluation;
    // A Dirac block about doubles its input: another function.
    if (insertion === 'zeroResidual') assert.ok(Math.abs(start.loss - pruned.loss) < 1e-5, `${start.loss} ${pruned.loss}`);
    else assert.ok(Math.abs(start.loss - pruned.loss) > 1e-5);
  }
  // 7 7 1 4 + 4 10 = 236 of input and output; each of four convolutions of 144 weights keeps 144 - 115 = 29.
  const [whole, shallow] = [236 + 4 * 29, 236];
  assert.deepEqual(ends, {
    'grow-identity zeroResidual': whole,
    'grow-identity dirac': whole,
    'grow-random dirac': whole,
    'reset dirac': whole,
    'keep-deep dirac': whole,
    'keep-shallow dirac': shallow,
  });
});
