/** Compacted tickets against masked ones: training and evaluation speed by density, in turn. */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.mjs';
import { threadVariables } from './contestants.mjs';
import { compactFigure } from './figure.mjs';
import { load, machineFacts } from './machine.mjs';
import { publish } from './publish.mjs';
import { ratio, spread } from './summary.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';
import { markdownTable, number, range } from './table.mjs';

/** Networks with the granularity in which they are pruned: single weights leave few channels dead, whole channels all of theirs. */
const compactCases = [
  {
    name: 'lenet',
    title: 'LeNet-300-100, single weights',
    model: 'lenet-300-100',
    input: [28, 28, 1],
    batchSize: 60,
    granularity: 'weight',
  },
  { name: 'lenet-unit', title: 'LeNet-300-100, units', model: 'lenet-300-100', input: [28, 28, 1], batchSize: 60, granularity: 'unit' },
  { name: 'conv-4', title: 'Conv-4, channels and units', model: 'conv-4', input: [32, 32, 3], batchSize: 60, granularity: 'channel' },
  { name: 'resnet-20', title: 'ResNet-20, channels', model: 'resnet-20', input: [32, 32, 3], batchSize: 128, granularity: 'channel' },
];
const DENSITIES = [1, 0.5, 0.2, 0.1, 0.05, 0.02];
const run = fileURLToPath(new URL('./compactRun.mjs', import.meta.url));

/** Measures, prints and writes `compact-THREADS.{json,md,plotly.json,png}`. */
export async function measureCompact({ models, rounds, seconds, threads, images, out, json, quick, say }) {
  const unknown = models.find((name) => !compactCases.some((one) => one.name === name || one.model === name));
  if (unknown) throw new Error(`unknown model '${unknown}'; there are: ${compactCases.map(({ name }) => name).join(', ')}`);
  const chosen = compactCases.filter(({ name, model }) => models.length === 0 || models.includes(name) || models.includes(model));
  const report = { machine: machineFacts(threads), rounds, seconds, images, load: [load()], cases: [] };
  for (const one of chosen) {
    const points = [];
    report.cases.push({ ...one, points });
    for (const density of quick ? [1, 0.1] : DENSITIES) {
      say(`${one.name}: density ${density}`);
      points.push(await measurePoint({ ...one, density, images }, { rounds, seconds, threads }));
      report.load[1] = load();
      const part = models.length > 0 || quick ? '-part' : '';
      await publish(out, `compact-${threads}${part}`, { report, table: compactTable(report), figure: compactFigure(report) });
    }
  }
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : `\n${compactTable(report)}`);
}

/** Both networks in one process, timed in turn. */
async function measurePoint(spec, { rounds, seconds, threads }) {
  const folder = temporaryFolder();
  const child = startChild(process.execPath, [run], threadVariables(threads));
  try {
    const opened = await child.ask({ do: 'open', spec, folder });
    const found = { training: { masked: [], compacted: [] }, evaluation: { masked: [], compacted: [] } };
    for (let round = -1; round < rounds; round++) {
      for (const what of ['training', 'evaluation']) {
        for (const network of ['masked', 'compacted']) {
          const { rate } = await child.ask({ do: 'time', what, network, seconds: round < 0 ? seconds / 3 : seconds });
          if (round >= 0) found[what][network].push(rate);
        }
      }
    }
    const speeds = ({ masked, compacted }) => ({ masked: spread(masked), compacted: spread(compacted), speedup: ratio(compacted, masked) });
    return { ...opened, training: speeds(found.training), evaluation: speeds(found.evaluation) };
  } finally {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function compactTable({ machine, rounds, seconds, cases, load: loads }) {
  const header = [
    'density',
    'parameters',
    'multiply-adds',
    'training: masked',
    'compacted',
    'times',
    'evaluation: masked',
    'compacted',
    'times',
    'difference',
  ];
  const share = (now, before) => `${Math.round((100 * now) / before)} %`;
  const row = (p) => [
    ...[number(p.density), share(p.parameters[1], p.parameters[0]), share(p.multiplyAdds[1], p.multiplyAdds[0])],
    ...[number(p.training.masked.median), number(p.training.compacted.median), range(p.training.speedup)],
    ...[
      number(p.evaluation.masked.median),
      number(p.evaluation.compacted.median),
      range(p.evaluation.speedup),
      p.difference.toExponential(0),
    ],
  ];
  return [
    '# Compacted tickets',
    `${machine.cpu}, ${machine.threads} of ${machine.cores} cores; ${rounds} rounds of about ${seconds} s, masked and compacted in turn; medians, and ratios with their range. ` +
      'Training in steps/s, evaluation in thousands of images/s; difference: largest of the outputs on the same images. The networks are pruned by magnitude in one shot. ' +
      `Load average ${loads.map((value) => value.toFixed(1)).join(' before, ')} after.`,
    ...cases.map(({ title, points }) => `## ${title}\n\n${markdownTable(header, points.map(row))}`),
    '',
  ].join('\n\n');
}
