/** Sparse training: steps per second by density, native kernels beside the compiled masked step, compaction and PyTorch. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromRows } from '../../dist/src/analysis/table.js';
import { speedByDensity } from '../../dist/src/figure/speedByDensity.js';
import { cases } from './cases.mjs';
import { computedSeconds } from './computedSeconds.mjs';
import { contestants, startContestant } from './contestants.mjs';
import { peersPython } from './install.mjs';
import { load, machineFacts } from './machine.mjs';
import { publish } from './publish.mjs';
import { stepMultiplyAdds } from './stepMultiplyAdds.mjs';
import { ratio, spread } from './summary.mjs';
import { markdownTable, number, range } from './table.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';
import { writeInputs } from './writeInputs.mjs';
import { multiplyAdds } from '../../dist/src/model/shapes.js';

const NETWORKS = { 'lenet-60': 'LeNet-300-100', 'conv-4': 'Conv-4', 'resnet-20': 'ResNet-20' };
const ENGINES = { sparse: 'sparse', compiled: 'compiled masked', compacted: 'compacted' };
const TORCH = 'PyTorch dense';
/** Images of an evaluation: what the compiled engine takes at once, so that it pads nothing. */
const TESTED = 1000;
/** Levels of the whole experiments, and steps a level of each network: enough to time, few enough to wait for. */
const LEVELS = [12, 20];
const STEPS = { 'lenet-60': 500, 'conv-4': 4, 'resnet-20': 4 };
const run = fileURLToPath(new URL('./sparseRun.mjs', import.meta.url));

/**
 * Measures, prints and writes `sparse-THREADS.{json,md,plotly.json,png}` and the figure of evaluation beside it. Networks that were
 * measured before and are not chosen stay, so that the table can be made network by network.
 */
export async function measureSparse({ models, densities, rounds, seconds, threads, images, out, json, quick, install, say }) {
  const names = Object.keys(NETWORKS);
  const chosen = cases.filter(
    ({ name, model }) => names.includes(name) && (models.length === 0 || models.includes(name) || models.includes(model)),
  );
  if (chosen.length === 0) throw new Error(`no such network; there are: ${names.join(', ')}`);
  const { python, missing } = peersPython({ install, say });
  if (missing) say(missing);
  const report = { machine: machineFacts(threads), clock: threads === 1 ? 'cpu' : 'seconds', rounds, seconds, load: [load()], cases: [] };
  const part = quick ? '-quick' : '';
  const before = quick || models.length === 0 ? [] : readCases(join(out, `sparse-${threads}.json`));
  const write = () => {
    report.load[1] = load();
    return publishSparse({ ...report, cases: inOrder([...report.cases, ...before]) }, { out, part });
  };
  for (const one of chosen) {
    await measureNetwork(one, {
      densities,
      report,
      rounds,
      seconds,
      threads,
      images,
      python,
      quick,
      say: (text) => say(`${one.name}: ${text}`),
      write,
    });
  }
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `\n${sparseTable(report)}`);
}

/** Writes a report with its tables and figures. */
export async function publishSparse(report, { out, part = '' }) {
  const { threads } = report.machine;
  const table = sparseTable(report);
  const onThreads = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  for (const what of ['training', 'evaluation']) {
    const title = `${what === 'training' ? 'Training' : 'Evaluation'} speed by density, ${onThreads}`;
    const rateTitle = what === 'training' ? 'steps per second' : 'images per second';
    const figure = speedByDensity(fromRows(speedRows(report, what)), { title, rateTitle });
    const name = what === 'training' ? 'sparse' : 'sparse-evaluation';
    await publish(out, `${name}-${threads}${part}`, { report: what === 'training' ? report : speedRows(report, what), table, figure });
  }
}

/** Cases of an earlier report, or none. */
function readCases(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cases : [];
}

/** One case for each network, the first of equals, in the usual order. */
function inOrder(all) {
  return Object.keys(NETWORKS).flatMap((name) => all.find((one) => one.name === name) ?? []);
}

async function measureNetwork(one, { report, rounds, seconds, threads, images, densities, python, quick, say, write }) {
  const folder = temporaryFolder();
  const children = {};
  try {
    const spec = writeInputs(folder, one, images);
    say('opening');
    children.ours = startContestant({ command: () => [process.execPath, [run]] }, { threads });
    const { engines } = await children.ours.ask({ do: 'open', spec, folder, tested: TESTED });
    if (engines.sparse !== null) throw new Error(engines.sparse);
    let torchVersion = null;
    if (python !== undefined) {
      const torch = startContestant(
        contestants.find(({ name }) => name === 'torch'),
        { python, threads },
      );
      try {
        ({ version: torchVersion } = await torch.ask({ do: 'open', spec, folder, trial: quick ? 0.2 : 0.5 }));
        children.torch = torch;
      } catch (error) {
        say(`PyTorch: ${error.message}`);
        await torch.stop();
      }
    }
    const rate = (measured) => measured.count / measured[report.clock];
    const peaks = [];
    for (let i = 0; i < 3; i++) peaks.push(rate(await children.ours.ask({ do: 'peak', size: quick ? 512 : 2048, repeats: 2 })));
    const entry = {
      ...{ name: one.name, title: NETWORKS[one.name], description: one.title, torchVersion, rounds, points: [] },
      ...{ multiplyAddsPerSecond: Math.max(...peaks), multiplyAddsPerStep: stepMultiplyAdds(spec.architecture, one.batchSize) },
      multiplyAddsPerImage: multiplyAdds(spec.architecture),
    };
    report.cases.push(entry);
    const torchRound = torchRounds(children.torch, seconds);
    for (const density of quick ? [1, 0.1] : densities) {
      say(`density ${density}`);
      await children.ours.ask({ do: 'setDensity', density });
      const found = { training: {}, evaluation: {} };
      for (let round = 0; round < rounds; round++) {
        for (const [what, name] of Object.entries({ training: 'train', evaluation: 'evaluate' })) {
          const length = what === 'training' ? seconds : seconds / 2;
          for (const engine of Object.keys(ENGINES)) {
            (found[what][engine] ??= []).push(rate(await children.ours.ask({ do: name, engine, seconds: length })));
          }
          const torch = await torchRound[name](one.batchSize);
          if (torch !== null) (found[what].torch ??= []).push(rate(torch));
        }
      }
      entry.points.push({ density, ...found });
      await write();
    }
    say('whole experiments');
    const steps = quick ? 2 : STEPS[one.name];
    entry.experiments = { steps, levels: {} };
    // With few steps a level the choice of an engine, which takes eight updates, would be most of the work.
    for (const engine of steps < 100 ? ['sparse', 'compiled'] : ['auto', 'sparse', 'compiled']) {
      entry.experiments.levels[engine] = (await children.ours.ask({ do: 'levels', engine, steps, count: LEVELS.at(-1) })).after;
    }
    await write();
  } finally {
    await Promise.all(Object.values(children).map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** PyTorch's rounds: as many steps, or images, as take about so long; dense at every density, so that it meets the same moments. */
function torchRounds(torch, seconds) {
  const sized = (least, ask) => {
    let count = least;
    return async (batch) => {
      if (torch === undefined) return null;
      for (;;) {
        const measured = await ask(count, batch);
        const next = Math.max(least, Math.round((count * seconds) / measured.seconds));
        const long = measured.seconds > seconds / 3;
        count = Math.min(next, 20 * count);
        if (long) return measured;
      }
    };
  };
  return {
    train: sized(2, async (steps) => ({ count: steps, ...(await torch.ask({ do: 'run', steps })) })),
    evaluate: sized(TESTED, async (count, batch) => ({ count, ...(await torch.ask({ do: 'infer', images: count, batch })) })),
  };
}

/** One row for each network, engine and density, with the two lines that nobody measured. */
function speedRows({ cases: measured }, what) {
  return measured.flatMap(({ title, points, multiplyAddsPerSecond, multiplyAddsPerStep, multiplyAddsPerImage }) => {
    const limit = multiplyAddsPerSecond / (what === 'training' ? multiplyAddsPerStep : multiplyAddsPerImage);
    const dense = spread(points.flatMap((point) => point[what].compiled)).median;
    const line = (engine, density, rate) => ({ network: title, engine, density, rate, low: rate, high: rate });
    return points.flatMap((point) => [
      ...Object.entries({ ...ENGINES, torch: TORCH }).flatMap(([engine, name]) => {
        if (point[what][engine] === undefined) return [];
        const { median, min, max } = spread(point[what][engine]);
        return [{ network: title, engine: name, density: point.density, rate: median, low: min, high: max }];
      }),
      line('ideal', point.density, dense / point.density),
      line('roofline', point.density, limit / point.density),
    ]);
  });
}

function sparseTable({ machine, clock, rounds, seconds, cases: measured, load: loads }) {
  const header = ['density', 'sparse', 'compiled masked', 'compacted', TORCH, 'sparse / compiled', 'sparse / PyTorch', 'ideal'];
  const block = (points, what) => {
    const rows = points.map((point) => {
      const rates = point[what];
      const show = (values) => (values === undefined ? '' : number(spread(values).median));
      const times = (other) => (other === undefined ? '' : range(ratio(rates.sparse, other)));
      return [
        ...[number(point.density), show(rates.sparse), show(rates.compiled), show(rates.compacted), show(rates.torch)],
        ...[times(rates.compiled), times(rates.torch), number(1 / point.density)],
      ];
    });
    return markdownTable(header, rows);
  };
  return [
    '# Sparse training',
    `${machine.cpu}, ${machine.threads} of ${machine.cores} cores, ${machine.platform}; Node ${machine.node}, tfjs-node ${machine.tfjsNode}; neoteny ${machine.neoteny} at ` +
      `${machine.commit?.slice(0, 9) ?? 'no commit'}${machine.dirty ? ' with changes' : ''}. ${rounds} rounds of about ${seconds} s, engines in turn; medians, and ratios within rounds with their range. ` +
      `${clock === 'cpu' ? 'One thread; rates are by processor time, which other programs on the machine disturb less than time by the clock. ' : ''}` +
      'The same kept share in every layer, at random places. Ideal: the dense time times the density. Load average ' +
      `${loads.map((value) => value.toFixed(1)).join(' before, ')} after.`,
    ...measured.flatMap((one) => {
      const { description, points, experiments, multiplyAddsPerSecond, multiplyAddsPerStep, torchVersion } = one;
      return [
        `## ${description}`,
        `Training, steps/s${torchVersion === null ? '' : `; PyTorch ${torchVersion}`}. The machine's limit, dense: ${number(multiplyAddsPerSecond / multiplyAddsPerStep)} steps/s.`,
        block(points, 'training'),
        `Evaluation, images/s, ${TESTED.toLocaleString('en')} images.`,
        block(points, 'evaluation'),
        ...(experiments === undefined ? [] : [experimentText({ points, experiments, clock })]),
      ];
    }),
    '',
  ].join('\n\n');
}

/** Whole experiments as they were run, and what those of 10,000 steps a level come to by the speeds above. */
function experimentText({ points, experiments, clock }) {
  const { steps, levels } = experiments;
  if (levels.compiled === undefined) return '';
  const rows = LEVELS.map((count) => {
    const [auto, sparse, compiled] = ['auto', 'sparse', 'compiled'].map((engine) => levels[engine]?.[count - 1][clock]);
    const [autoLong, sparseLong, compiledLong] = ['auto', 'sparse', 'compiled'].map((engine) =>
      computedSeconds(points, engine, count, 10_000),
    );
    const seconds = (time) => (time === undefined ? '' : `${number(time)} s`);
    const minutes = (time) => `${number(time / 60)} min`;
    const dense = levels.auto?.slice(0, count).filter(({ engine }) => engine !== 'sparse').length;
    return [
      ...[
        String(count),
        ...[auto, sparse, compiled].map(seconds),
        auto === undefined ? '' : number(compiled / auto),
        dense === undefined ? '' : String(dense),
      ],
      ...[...[autoLong, sparseLong, compiledLong].map(minutes), number(compiledLong / autoLong)],
    ];
  });
  const title =
    `Whole experiments, really run with ${steps} steps a level (train, prune a fifth by magnitude, rewind), and computed for 10,000 steps a level ` +
    'from the speeds of training above, on a log scale between the measured densities. Auto includes its timings, or takes the faster at each level.';
  const header = ['levels', 'auto', 'sparse', 'compiled', 'compiled / auto', 'levels that auto ran compiled'];
  return `${title}\n\n${markdownTable([...header, ...['auto', 'sparse', 'compiled'].map((name) => `${name}, 10,000`), 'compiled / auto'], rows)}`;
}
