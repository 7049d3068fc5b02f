/** The benchmark runs and its arithmetic is right; how fast anything is, no test says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { architecture } from '../../src/model/families/families.js';
import { whyNoSparseKernels } from '../../src/train/sparse/kernels.js';

const folder = join(import.meta.dirname, '..', '..', '..', 'tools', 'bench');
// biome-ignore lint/suspicious/noExplicitAny: the tools are plain JavaScript
const load = (name: string): Promise<any> => import(pathToFileURL(join(folder, `${name}.mjs`)).href);

async function bench(...args: string[]) {
  const out = await mkdtemp(join(tmpdir(), 'neoteny-bench-test-'));
  try {
    // An empty cache: no peers, whatever the machine has.
    const env = { ...process.env, NEOTENY_CACHE: out };
    const ran = await promisify(execFile)(process.execPath, [join(folder, 'bench.mjs'), ...args, '--out', out], { env }).catch(
      (error) => error,
    );
    return { ...ran, read: await readFile(join(out, 'training-1-part.json'), 'utf8').catch(() => null) };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

test('runs without peers, names them as missing, finds equal losses and writes what it measured', async () => {
  const common = [
    '--models',
    'lenet-60',
    '--rounds',
    '1',
    '--seconds',
    '0.02',
    '--images',
    '600',
    '--threads',
    '1',
    '--quick',
    '--no-install',
  ];
  const { stdout, stderr, read } = await bench(...common, '--json');
  assert.match(stderr, /PyTorch and JAX are not installed/);
  const report = JSON.parse(stdout);
  assert.deepEqual(JSON.parse(read), report);
  const [one] = report.cases;
  assert.deepEqual(
    one.contestants.map(({ name }: { name: string }) => name),
    ['auto', 'compiled', 'native', 'eager'],
  );
  assert.deepEqual(one.mismatches, []);
  assert.ok(
    one.firstLosses.eager.every((loss: number) => loss > 1 && loss < 10),
    'ten classes, random weights',
  );
  for (const each of one.contestants) {
    if (each.name === 'native' && whyNoSparseKernels() !== undefined) continue;
    assert.equal(each.error, undefined);
    assert.equal(each.rounds.length, report.rounds);
    assert.ok(each.stepsPerSecond.min > 0 && each.peakMemory > 50 && each.firstCall > 0);
  }
  assert.equal(one.contestants[0].oursOverThis, null);
  assert.match(one.contestants[0].decision.reason, /at density 1.00/);
  assert.ok(one.contestants[3].oursOverThis.median > 0);
  assert.ok(one.limit > 0);
});

test('the README holds what data/bench says', async () => {
  const { withMeasurements } = await load('readme');
  const root = join(folder, '..', '..');
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  assert.equal(withMeasurements(readme, join(root, 'data', 'bench')), readme, 'npm run bench -- --readme writes it');
  const marks = ['training', 'sparse', 'experiment'].map((name) => `<!-- bench:${name} -->old<!-- /bench:${name} -->`).join('\n');
  assert.doesNotMatch(withMeasurements(marks, join(root, 'nowhere')), /old/);
  assert.throws(() => withMeasurements('nothing', join(root, 'nowhere')), /missing '<!-- bench:training -->'/);
});

test('the time of an experiment follows the speeds, between densities on a log scale', async () => {
  const { computedSeconds } = await load('computedSeconds');
  const point = (density: number, sparse: number, compiled: number) => ({ density, training: { sparse: [sparse], compiled: [compiled] } });
  const points = [point(1, 50, 100), point(0.64, 200, 100), point(0.1, 400, 100)];
  // Densities 1, 0.8, 0.64; 0.8 is half way on a log scale, where the speed is the geometric mean, 100.
  const close = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-9, `${found}, not ${expected}`);
  close(computedSeconds(points, 'compiled', 3, 100), 3);
  close(computedSeconds(points, 'sparse', 3, 100), 2 + 1 + 0.5);
  // Auto starts at 100 and ends at 200: half way sqrt(2) * 100.
  close(computedSeconds(points, 'auto', 3, 100), 1 + Math.SQRT1_2 + 0.5);
});

test('unknown names are refused with the known ones', async () => {
  const { code, stderr } = await bench('--models', 'lenet-61');
  assert.equal(code, 1);
  assert.match(stderr, /unknown model 'lenet-61'; there are: lenet-60/);
});

test('multiply-adds of a step leave out the gradient of the data', async () => {
  const { stepMultiplyAdds } = await load('stepMultiplyAdds');
  // By hand: 784 * 300 = 235,200, then 300 * 100 = 30,000 and 100 * 10 = 1,000; twice the first and three times the others.
  assert.equal(stepMultiplyAdds(architecture('lenet-300-100', [28, 28, 1], 10), 60), 60 * (2 * 235_200 + 3 * 31_000));
  // ResNet-20's forward pass has 40,550,016 without shortcuts' 1 x 1 convolutions; by the block: conv 442,368; stage 1 has six of
  // 2,359,296; stages 2 and 3 each 1,179,648 + 131,072 + five of 2,359,296; output 640.
  const forward = 442_368 + 6 * 2_359_296 + 2 * (1_179_648 + 131_072 + 5 * 2_359_296) + 640;
  assert.equal(stepMultiplyAdds(architecture('resnet-20', [32, 32, 3], 10), 128), 128 * (3 * forward - 442_368));
});

test('ratios are taken within rounds', async () => {
  const { ratio, spread } = await load('summary');
  assert.deepEqual(spread([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spread([4, 1]), { median: 2.5, min: 1, max: 4 });
  // The machine was half as fast in the second round: the ratio is 2 in both, that of the medians also, but not its spread.
  assert.deepEqual(ratio([10, 5], [5, 2.5]), { median: 2, min: 2, max: 2 });
  assert.deepEqual(ratio([10, null, 6], [5, 2, 2]), { median: 2.5, min: 2, max: 3 });
  assert.equal(ratio([1], [null]), null);
});

test('losses that differ are named', async () => {
  const { compareLosses } = await load('rounds');
  assert.deepEqual(compareLosses({ a: [2.3, 2.2], b: [2.301, 2.199] }), []);
  assert.deepEqual(compareLosses({ a: [2.3, 2.2], b: [2.3, 2.3] }), ['mismatched loss of step 2: a 2.2, b 2.3']);
  assert.equal(compareLosses({ a: [2.3], b: [Number.NaN] }).length, 1);
});

test('a contestant that fails leaves the others in the table', async () => {
  const { runRounds } = await load('rounds');
  let asked = 0;
  const good = { ask: async ({ steps }: { steps: number }) => ({ steps, seconds: steps / 100 }) };
  const bad = {
    ask: async ({ steps }: { steps: number }) => {
      if (++asked > 2) throw new Error('out of memory');
      return { steps, seconds: 1 };
    },
  };
  const results = await runRounds(
    [
      { name: 'good', child: good },
      { name: 'bad', child: bad },
    ],
    { rounds: 3, seconds: 1, say: () => {} },
  );
  assert.deepEqual(
    results.good.rounds.map(({ steps }: { steps: number }) => steps),
    [100, 100, 100],
  );
  assert.equal(results.bad.error, 'out of memory');
  assert.deepEqual(
    results.bad.rounds.map((round: unknown) => round === null),
    [false, true, true],
  );
});

test('the figure holds shares of the limit with their range', async () => {
  const { benchFigure } = await load('figure');
  const speed = { median: 50, min: 40, max: 80 };
  const contestants = [
    { name: 'compiled', title: 'ours', stepsPerSecond: speed },
    { name: 'jax', title: 'JAX', error: 'ended' },
  ];
  const { data } = benchFigure({ machine: { threads: 2 }, cases: [{ name: 'lenet-60', limit: 200, contestants }] });
  assert.deepEqual(data[0].y, [0.25]);
  assert.deepEqual(
    [data[0].error_y.array[0], data[0].error_y.arrayminus[0]].map((v: number) => Number(v.toFixed(6))),
    [0.15, 0.05],
  );
  assert.deepEqual(data[1].y, []);
});
