#!/usr/bin/env node
/** `npm run bench`: training speed beside PyTorch and JAX, compacted tickets beside masked ones, and memory over time. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { cases, chooseCases } from './cases.mjs';
import { contestants } from './contestants.mjs';
import { benchFigure } from './figure.mjs';
import { peersPython } from './install.mjs';
import { load, machineFacts } from './machine.mjs';
import { measureCase } from './measureCase.mjs';
import { publish } from './publish.mjs';
import { withMeasurements } from './readme.mjs';
import { benchTable } from './table.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const OUT = join(root, 'data', 'bench');
const names = (text) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

const program = new Command('npm run bench --')
  .description('Measures training speed and memory, this library beside PyTorch and JAX, contestants in turn.')
  .option('--models <names>', `some of: ${cases.map(({ name }) => name).join(', ')}; or names of architectures`, names, [])
  .option('--only <names>', `some of: ${contestants.map(({ name }) => name).join(', ')}`, names, [])
  .option('--rounds <count>', 'rounds of all contestants', whole, 5)
  .option('--seconds <number>', 'about how long one contestant runs in a round', positive, 0.8)
  .option('--threads <count>', 'threads of each contestant; 1 also holds each to one core (Linux)', whole, os.availableParallelism())
  .option('--images <count>', 'images of the data set', whole, 20000)
  .option('--missing', 'only cases that the file has not of this commit: goes on where an interrupted run stopped')
  .option('--quick', '2 rounds of 0.3 s: whether it works, not how fast it is')
  .option('--no-install', 'name peers that are missing instead of installing them')
  .option('--compact', 'compacted tickets against masked ones, by density')
  .option('--sparse', 'native sparse kernels against the compiled masked step, compaction and PyTorch, by density')
  .option('--densities <numbers>', 'kept shares of --sparse', (text) => names(text).map(share), [1, 0.5, 0.2, 0.1, 0.036, 0.01])
  .option('--memory', '100,000 LeNet steps, and 20 trainers opened and closed: resident memory over time')
  .option('--experiment', "OpenLTH's default experiment from start to end, by level")
  .option('--readme', 'write what data/bench holds into the README; measures nothing')
  .option('--pool', 'two worker processes against one, on whole LeNet runs')
  .option('--out <folder>', 'where to write', OUT)
  .option('--json', 'print the numbers as JSON instead of the table')
  .parse();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.on(signal, () => process.exit(code));
try {
  await main(program.opts());
} catch (error) {
  process.stderr.write(`bench: ${error.message}\n`);
  process.exitCode = 1;
}

async function main(options) {
  if (options.readme) return writeReadme(options);
  if (options.pool) return (await import('./pool.mjs')).measurePool({ ...options, say });
  if (options.experiment) {
    await (await import('./experiment.mjs')).measureExperiment({ ...options, say });
    return keepReadme(options, options.quick ? 'openlth-part' : 'openlth');
  }
  if (options.memory) return (await import('./memory.mjs')).measureMemory({ ...options, say });
  if (options.quick) Object.assign(options, { rounds: 2, seconds: 0.3, ...given(), trial: 0.2 });
  if (options.compact) return (await import('./compact.mjs')).measureCompact({ ...options, say });
  if (options.sparse) {
    // Three rounds at six densities of three networks take about eight minutes.
    if (!options.quick && program.getOptionValueSource('rounds') !== 'cli') options.rounds = 3;
    if (!options.quick && program.getOptionValueSource('seconds') !== 'cli') options.seconds = 0.7;
    await (await import('./sparse.mjs')).measureSparse({ ...options, say });
    return keepReadme(options, options.quick ? 'sparse-part' : 'sparse');
  }
  const name = `training-${options.threads}${options.only.length > 0 || options.quick ? '-part' : ''}`;
  const before = options.only.length > 0 || options.quick ? [] : readCases(join(options.out, `${name}.json`));
  const chosenCases = chooseCases(options.models).filter(
    (one) => !options.missing || !before.some((done) => done.name === one.name && done.commit === machineFacts(options.threads).commit),
  );
  const { chosen, python } = chooseContestants(options);
  const machine = machineFacts(options.threads);
  const { rounds, seconds, threads, images } = options;
  const report = { machine, rounds, seconds, load: [load()], cases: [] };
  if (report.load[0] > machine.cores / 2)
    say(`the machine is busy (load average ${report.load[0]}): ratios hold better than rates, and neither well`);
  for (const one of chosenCases) {
    const note = (text) => say(`${one.name}: ${text}`);
    const peakSize = options.quick ? 512 : 2048;
    const measured = await measureCase(one, {
      ...{ chosen, python, threads, rounds, seconds, images, peakSize, trial: options.trial ?? 0.5, say: note },
    });
    report.cases.push({ ...measured, commit: machine.commit });
    report.load[1] = load();
    // After each case, so that an interrupted run leaves what it has; cases that were measured before stay.
    const all = { ...report, cases: inOrder([...report.cases, ...before]) };
    await publish(options.out, name, { report: all, table: benchTable(all), figure: benchFigure(all) });
  }
  keepReadme(options, name);
  if (chosenCases.length === 0) say('all cases are measured; leave out --missing to measure them again');
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `\n${benchTable(report)}`);
  if (report.cases.some(({ mismatches }) => mismatches.length > 0)) process.exitCode = 1;
}

/** The README says what the project's own folder holds, at any time. */
function keepReadme(options, name) {
  if (options.out === OUT && !name.endsWith('-part')) writeReadme(options);
}

function writeReadme({ out }) {
  const path = join(root, 'README.md');
  writeFileSync(path, withMeasurements(readFileSync(path, 'utf8'), out));
  say(`${path} holds what ${out} says`);
}

/** Cases of an earlier report, or none. */
function readCases(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).cases : [];
}

/** One of each case, the first of equals, in the usual order. */
function inOrder(all) {
  return cases.flatMap(({ name }) => all.find((one) => one.name === name) ?? []);
}

/** Rounds and seconds that were asked for, which `--quick` leaves as they are. */
function given() {
  const chosen = ['rounds', 'seconds'].filter((name) => program.getOptionValueSource(name) === 'cli');
  return Object.fromEntries(chosen.map((name) => [name, program.opts()[name]]));
}

function chooseContestants({ only, install }) {
  for (const name of only) {
    if (!contestants.some((each) => each.name === name))
      throw new Error(`unknown contestant '${name}'; there are: ${contestants.map((each) => each.name).join(', ')}`);
  }
  const wished = contestants.filter(({ name }) => only.length === 0 || only.includes(name));
  if (!wished.some(({ peer }) => peer)) return { chosen: wished };
  const { python, missing } = peersPython({ install, say });
  if (python !== undefined) return { chosen: wished, python };
  say(missing);
  return { chosen: wished.filter(({ peer }) => !peer) };
}

/** Progress goes to standard error, and where that is a terminal stays on one line. */
function say(text) {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[2K${text}` : `${text}\n`);
}

function whole(text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('expected a whole number of at least 1');
  return value;
}

function share(text) {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('expected numbers in (0, 1]');
  return value;
}

function positive(text) {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('expected a number above 0');
  return value;
}
