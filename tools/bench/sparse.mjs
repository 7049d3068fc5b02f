/**
 * Steps per second against density, sparse kernels beside the compiled masked step: `node tools/bench/sparse.mjs [options]`.
 * Rounds alternate between the engines, so that both meet the same neighbours on the machine; CPU time is measured too, since it
 * says more than wall time where others work. The ideal line is the dense compiled step's time times the density.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const CASES = {
  'lenet-300-100': { shape: [28, 28, 1], batchSize: 60, optimizer: { name: 'adam' }, learningRate: 1.2e-3 },
  'conv-4': { shape: [32, 32, 3], batchSize: 60, optimizer: { name: 'adam' }, learningRate: 3e-4 },
  'resnet-20': { shape: [32, 32, 3], batchSize: 128, optimizer: { name: 'sgd', momentum: 0.9 }, learningRate: 0.03 },
};

const { values: options } = parseArgs({
  options: {
    network: { type: 'string', multiple: true, default: Object.keys(CASES) },
    densities: { type: 'string', default: '1,0.5,0.2,0.1,0.036,0.01' },
    threads: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const HELP = `node tools/bench/sparse.mjs [--network lenet-300-100 --network conv-4 --network resnet-20]
  --densities 1,0.5,0.2,0.1,0.036,0.01   kept shares, the same in every layer
  --threads 1      threads of both engines
  --rounds 3       rounds of each engine; the fastest counts
  --seconds 1      length of a round
  --json FILE      writes the measurements
`;

if (options.help) process.stdout.write(HELP);
else await main();

async function main() {
  // Read by both engines when they start.
  process.env.TF_NUM_INTRAOP_THREADS = options.threads;
  process.env.TF_NUM_INTEROP_THREADS = '1';
  const neoteny = {
    ...(await import('../../dist/src/train/trainer.js')),
    ...(await import('../../dist/src/model/families/families.js')),
    ...(await import('../../dist/src/model/initialise.js')),
    ...(await import('../../dist/src/model/shapes.js')),
    ...(await import('../../dist/src/random.js')),
  };
  const results = [];
  for (const network of options.network) results.push(...(await measureNetwork(neoteny, network)));
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify({ threads: Number(options.threads), results }, null, 2)}\n`);
}

async function measureNetwork(neoteny, network) {
  const { shape, ...training } = CASES[network];
  const dataset = noiseDataset(shape);
  const architecture = neoteny.architecture(network, shape, 10);
  const weights = neoteny.initialise(architecture, 1, 'heNormal');
  const open = (engine) => neoteny.openTrainer({ architecture, dataset, ...training, engine });
  const trainers = { sparse: await open('sparse'), compiled: await open('compiled') };
  if (trainers.sparse.engine !== 'sparse') throw new Error(trainers.sparse.fallback);
  const results = [];
  let dense;
  process.stdout.write(`\n${network}, batch ${training.batchSize}, ${options.threads} thread(s); milliseconds of CPU (wall) a step\n`);
  process.stdout.write('density    sparse            compiled masked   faster   of dense   ideal\n');
  for (const density of options.densities.split(',').map(Number)) {
    const random = neoteny.stream(7, 'mask');
    const mask = Object.fromEntries(
      neoteny.prunable(architecture).map(({ name, shape: s }) => {
        const values = new Uint8Array(s.reduce((a, b) => a * b, 1)).map(() => (random.uniform() < density ? 1 : 0));
        return [name, { shape: s, values }];
      }),
    );
    const best = {};
    for (let round = 0; round <= Number(options.rounds); round++) {
      for (const engine of ['sparse', 'compiled']) {
        trainers[engine].load(mask, weights);
        const measured = measure(trainers[engine], training, round === 0 ? 0.2 : Number(options.seconds));
        // The first round warms up.
        if (round === 0) continue;
        const before = best[engine] ?? { cpu: Infinity, wall: Infinity };
        best[engine] = { cpu: Math.min(before.cpu, measured.cpu), wall: Math.min(before.wall, measured.wall) };
      }
    }
    if (density === 1) dense = best.compiled;
    const show = ({ cpu, wall }) => `${cpu.toFixed(3)} (${wall.toFixed(3)})`.padEnd(18);
    const ratio = (a, b) => (a.cpu / b.cpu).toFixed(1).padEnd(9);
    process.stdout.write(
      `${String(density).padEnd(11)}${show(best.sparse)}${show(best.compiled)}${ratio(best.compiled, best.sparse)}${dense ? ratio(dense, best.sparse) : ''}  ${(1 / density).toFixed(0)}\n`,
    );
    results.push({ network, batchSize: training.batchSize, density, ...best });
  }
  for (const trainer of Object.values(trainers)) trainer.close();
  return results;
}

/** Milliseconds a step of CPU time and of wall time, over about that many seconds. */
function measure(trainer, { batchSize, learningRate }, seconds) {
  const indices = Int32Array.from({ length: batchSize }, (_, i) => i * 3);
  let step = 0;
  const chunk = () => trainer.update([{ indices, learningRate, step: step++, seed: 1 }]);
  chunk();
  const cpu = process.cpuUsage();
  const from = performance.now();
  const first = step;
  while (performance.now() - from < seconds * 1000 || step - first < 2) chunk();
  const wall = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  const steps = step - first;
  return { cpu: (user + system) / 1000 / steps, wall: wall / steps };
}

/** Images of noise: what a step costs does not depend on what they show. */
function noiseDataset(shape) {
  let state = 1;
  const part = (count) => ({
    pixels: new Uint8Array(count * shape[0] * shape[1] * shape[2]).map(() => (state = (state * 1103515245 + 12345) & 0x7fffffff) >> 16),
    labels: new Uint8Array(count).map((_, i) => i % 10),
    count,
  });
  const channels = Array.from({ length: shape[2] });
  return {
    name: 'noise',
    shape,
    classes: Array.from({ length: 10 }, (_, i) => `class ${i}`),
    mean: channels.map(() => 0.5),
    std: channels.map(() => 0.25),
    train: part(600),
    validation: part(10),
    test: part(10),
  };
}
