/** The benchmark's numbers in the README: text between marks, made of the files under data/bench and of nothing else. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { computedSeconds } from './computedSeconds.mjs';
import { ratio, spread } from './summary.mjs';
import { markdownTable, number, range } from './table.mjs';

const PEERS = { eager: 'tfjs-node, eager', torch: 'PyTorch', 'torch-compile': '`torch.compile`', jax: 'JAX `jit`' };

/**
 * The README with its measured parts made anew: what stands between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 * @param text the README
 * @param folder with `training-N.json` and `sparse-N.json`; of several N the greatest counts
 * @throws Error where a mark is missing
 */
export function withMeasurements(text, folder) {
  const parts = {
    training: trainingText(newest(folder, 'training')),
    sparse: sparseText(newest(folder, 'sparse')),
    experiment: experimentText(read(folder, 'openlth')),
  };
  return Object.entries(parts).reduce((whole, [name, part]) => {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [whole.indexOf(begin), whole.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`missing '${begin}' and '${end}' in the README; put them around the measured part`);
    return `${whole.slice(0, from + begin.length)}\n${part}\n${whole.slice(to)}`;
  }, text);
}

function newest(folder, name) {
  const threads = [64, 32, 16, 8, 4, 2, 1].find((count) => existsSync(join(folder, `${name}-${count}.json`)));
  return threads === undefined ? undefined : read(folder, `${name}-${threads}`);
}

function read(folder, name) {
  const path = join(folder, `${name}.json`);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function trainingText(report) {
  if (report === undefined) return '`npm run bench` has not been run for this version.';
  const { machine, cases } = report;
  const rows = cases.map((one) => {
    const find = (name) => one.contestants.find((each) => each.name === name);
    const ours = find(one.ours);
    const speed = ours?.stepsPerSecond?.median;
    const share = one.limit && speed ? `${Math.round((100 * speed) / one.limit)} %` : '';
    const times = Object.keys(PEERS).map((name) => {
      const over = find(name)?.oursOverThis;
      return over ? range(over) : '';
    });
    return [one.title, speed ? number(speed) : 'failed', share, ...times];
  });
  return [
    `Steps per second with \`engine: 'auto'\` (of detectors, compiled), the share of what the machine's multiply-adds allow, and how many times as fast that is as others in the same run (${aboutMachine(machine)}; ${loadText(cases.flatMap(({ load }) => load))}):`,
    markdownTable(['', 'steps/s', 'of the limit', ...Object.values(PEERS)], rows),
  ].join('\n\n');
}

function sparseText(report) {
  if (report === undefined) return '`npm run bench -- --sparse` has not been run for this version.';
  const { machine, clock, cases, load } = report;
  const densities = [...new Set(cases.flatMap(({ points }) => points.map(({ density }) => density)))].sort((a, b) => b - a);
  const rows = cases.map(({ description, points }) => [
    description,
    ...densities.map((density) => {
      const point = points.find((one) => one.density === density);
      return point === undefined ? '' : number(ratio(point.training.sparse, point.training.compiled).median);
    }),
  ]);
  const long = cases
    .filter(({ points }) => points.length > 1)
    .map(({ title, points }) => {
      const times = [12, 20].map((levels) =>
        number(computedSeconds(points, 'compiled', levels, 1) / computedSeconds(points, 'auto', levels, 1)),
      );
      return `${title} ${times[0]} and ${times[1]}`;
    });
  return [
    `How many times as fast as the compiled masked step, by density (${aboutMachine(machine)}, by ${clock === 'cpu' ? 'processor time' : 'the clock'}; ${loadText(load)}):`,
    markdownTable(['', ...densities.map(String)], rows),
    `Whole experiments of 12 and of 20 levels, a fifth pruned at each, are with \`engine: 'auto'\` as many times as fast as compiled, from the speeds at each density: ${long.join('; ')}.`,
  ].join('\n\n');
}

function aboutMachine({ cpu, threads, commit, dirty }) {
  return `${cpu}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, at ${commit?.slice(0, 9) ?? 'no commit'}${dirty ? ' with changes' : ''}`;
}

function experimentText(report) {
  if (report === undefined) return '`npm run bench -- --experiment` has not been run for this version.';
  const { seconds, levels, load, machine } = report;
  const [first, last] = [levels[0], levels.at(-1)];
  return (
    `OpenLTH's default experiment (LeNet-300-100, ${levels.length - 1} prunings, ${first.steps.toLocaleString('en')} updates of 128 images a level) takes ` +
    `${number(seconds / 60)} minutes in one process with one thread: ${number(first.seconds)} s for the dense level, ${number(last.seconds)} s for the last ` +
    `at a density of ${number(last.density)} (${aboutMachine(machine)}; ${loadText(load)}).`
  );
}

/** Of a busy machine, say so. */
function loadText(loads) {
  return `load average ${number(spread(loads).median)}`;
}
