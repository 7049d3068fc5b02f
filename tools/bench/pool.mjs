/** How much faster two worker processes are than one, on whole runs of LeNet-300-100: start, data, training, pruning, evaluation, checkpoints. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../dist/src/run/store.js';
import { runSweep } from '../../dist/src/run/sweep/runSweep.js';
import { load, machineFacts } from './machine.mjs';
import { spread } from './summary.mjs';

/** Two workers on two cores must be so many times as fast as one. */
const WANTED = 1.8;

/**
 * Runs the same sweep with one worker and with two, in turn, and writes `pool.json` and `pool.md`.
 * @param options `{ out, json, quick, rounds, say }`; quick: once, with short runs, only to see that it works
 */
export async function measurePool({ out, json, quick, rounds, say }) {
  const length = quick ? 50 : 5000;
  const runs = 4;
  const sweep = {
    name: 'bench',
    experiment: 'imp',
    arms: ['ticket'],
    options: { length: `${length}it`, levels: 1, validateEvery: `${length / 5}it` },
    replicates: runs,
  };
  const updates = runs * 2 * length;
  const measured = { 1: [], 2: [] };
  const before = load();
  for (let round = 0; round < (quick ? 1 : Math.min(rounds, 3)); round++) {
    for (const workers of round % 2 === 0 ? [1, 2] : [2, 1]) {
      measured[workers].push(updates / (await seconds(sweep, workers, runs)));
      say(`${workers} worker${workers === 1 ? '' : 's'}: ${measured[workers].at(-1).toFixed(0)} updates/s`);
    }
  }
  const rate = { 1: spread(measured[1]).median, 2: spread(measured[2]).median };
  const report = {
    machine: machineFacts(1),
    load: [before, load()],
    runs,
    length,
    updatesPerSecond: { one: measured[1], two: measured[2] },
    ratio: rate[2] / rate[1],
    wanted: WANTED,
  };
  const table = `| workers | updates/s | |\n|-|-:|-|\n| 1 | ${rate[1].toFixed(0)} | |\n| 2 | ${rate[2].toFixed(0)} | ${report.ratio.toFixed(2)} times |\n`;
  mkdirSync(out, { recursive: true });
  const name = `pool${quick ? '-quick' : ''}`;
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(out, `${name}.md`), table);
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : table);
  if (before > 0.5) say(`the machine was busy (load average ${before}): two workers and one had different shares of it`);
  if (!quick && report.ratio < WANTED) process.exitCode = 1;
}

async function seconds(sweep, workers, runs) {
  const root = mkdtempSync(join(os.tmpdir(), 'neoteny-pool-'));
  try {
    const began = performance.now();
    const { done, failed } = await runSweep(sweep, { store: openStore({ root, records: [] }), workers });
    if (done.length !== runs)
      throw new Error(`only ${done.length} of ${runs} runs were done: ${failed.map(({ reason }) => reason).join('; ')}`);
    return (performance.now() - began) / 1000;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
