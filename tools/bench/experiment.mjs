/** A whole experiment, timed end to end: OpenLTH's default, 12 levels of LeNet-300-100, by one worker process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { readRecord, readTiming } from '../../dist/src/run/readRecord.js';
import { openStore, runFolder } from '../../dist/src/run/store.js';
import { runSweep } from '../../dist/src/run/sweep/runSweep.js';
import { experiments } from '../../dist/src/run/experiments/experiments.js';
import { load, machineFacts } from './machine.mjs';
import { markdownTable, number } from './table.mjs';

/**
 * Runs it in a store of its own and writes `openlth.json` and `openlth.md`.
 * @param options `{ out, json, quick, say }`; quick: two levels of one epoch, only to see that it works
 */
export async function measureExperiment({ out, json, quick, say }) {
  const options = { ...experiments.imp.presets.openlth.options, engine: 'auto', ...(quick && { levels: 2, length: '1ep' }) };
  const root = mkdtempSync(join(os.tmpdir(), 'neoteny-openlth-'));
  const before = load();
  try {
    const store = openStore({ root, records: [] });
    const began = performance.now();
    const sweep = { name: 'openlth', experiment: 'imp', arms: ['ticket'], options, replicates: 1 };
    let seen = 0;
    const onEvent = ({ event }) => {
      if (event?.event === 'level') say(`level ${seen++} of ${options.levels}: density ${event.density.toFixed(3)}`);
    };
    const { done, failed } = await runSweep(sweep, { store, workers: 1, onEvent });
    const seconds = (performance.now() - began) / 1000;
    if (done.length !== 1) throw new Error(failed.map(({ reason }) => reason).join('; ') || 'the run was not finished');
    const report = { machine: machineFacts(1), load: [before, load()], options, seconds, levels: levelsOf(runFolder(store, done[0])) };
    mkdirSync(out, { recursive: true });
    const name = `openlth${quick ? '-quick' : ''}`;
    const table = experimentTable(report);
    writeFileSync(join(out, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
    writeFileSync(join(out, `${name}.md`), table);
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : table);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What each level cost, all of its measurements and checkpoints included. */
function levelsOf(folder) {
  const [{ rows }, timing, processor] = [readRecord(folder), readTiming(folder), readTiming(folder, 'processor')];
  return rows
    .filter(({ kind }) => kind === 'level')
    .map(({ level, density, steps, engine, testAtEnd }) => {
      const stage = `level-${String(level).padStart(2, '0')}`;
      return { level, density, steps, engine, testAtEnd, seconds: timing[stage], processor: processor[stage] };
    });
}

function experimentTable({ machine, load: loads, seconds, levels }) {
  const rows = levels.map(({ level, density, steps, engine, testAtEnd, seconds: wall, processor }) => [
    ...[
      String(level),
      density.toFixed(4),
      engine,
      steps.toLocaleString('en'),
      number(wall),
      number(processor),
      (100 * testAtEnd).toFixed(2),
    ],
  ]);
  return [
    "# OpenLTH's default experiment",
    'LeNet-300-100 on MNIST, SGD 0.1, batch 128, 40 epochs a level, a fifth of all weights pruned globally, rewinding to the start; ' +
      `measured every epoch. One process with one thread, \`engine: 'auto'\`: ${number(seconds)} s from its start to its end. ` +
      `${machine.cpu}; Node ${machine.node}; neoteny at ${machine.commit?.slice(0, 9) ?? 'no commit'}${machine.dirty ? ' with changes' : ''}. ` +
      `Load average ${loads.map((value) => value.toFixed(1)).join(' before, ')} after.`,
    markdownTable(['level', 'density', 'engine', 'updates', 'seconds', 'processor seconds', 'test accuracy, %'], rows),
    '',
  ].join('\n\n');
}
