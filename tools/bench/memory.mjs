/** Resident memory over many steps, and over many trainers opened and closed: neither may grow. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load, machineFacts } from './machine.mjs';
import { spread } from './summary.mjs';

const STEPS = 100_000;
const TRAINERS = 20;
/** In MB. */
const ALLOWED = 20;
const here = dirname(fileURLToPath(import.meta.url));

/**
 * Runs both in processes of their own, writes `memory.json`, and fails where memory grew by more than 20 MB.
 * @param options `{ out, json, quick, say }`; quick: a hundredth of the steps, 4 trainers, only to see that it works
 */
export async function measureMemory({ out, json, quick, say, threads }) {
  const steps = await samplesOf(['steps', String(quick ? STEPS / 100 : STEPS)], say);
  const trainers = await samplesOf(['trainers', String(quick ? 4 : TRAINERS)], say);
  const report = { machine: machineFacts(threads), load: load(), allowed: ALLOWED, steps: highest(steps), trainers: lasting(trainers) };
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `memory${quick ? '-quick' : ''}.json`), `${JSON.stringify(report, null, 1)}\n`);
  const line = (what, { growth, samples }) =>
    `${what}: from ${samples[0].rss.toFixed(0)} MB, growth ${growth.toFixed(1)} MB (at most ${ALLOWED})`;
  process.stdout.write(
    json
      ? `${JSON.stringify(report)}\n`
      : `${line(`${steps.at(-1).at.toLocaleString('en')} steps`, report.steps)}\n${line(`${trainers.at(-1).at} trainers`, report.trainers)}\n`,
  );
  if (Math.max(report.steps.growth, report.trainers.growth) > ALLOWED) process.exitCode = 1;
}

/** Growth from the first sample, taken after a warm-up, when buffers have their size, to the highest. */
function highest(samples) {
  return { growth: Math.max(...samples.map(({ rss }) => rss)) - samples[0].rss, samples };
}

/** Growth from the first quarter of the samples to the last, by medians: other threads release a closed session, some samples still hold one. */
function lasting(samples) {
  const quarter = Math.ceil(samples.length / 4);
  return { growth: median(samples.slice(-quarter)) - median(samples.slice(0, quarter)), samples };
}

function median(samples) {
  return spread(samples.map(({ rss }) => rss)).median;
}

async function samplesOf(args, say) {
  const child = spawn(process.execPath, ['--expose-gc', join(here, 'memoryRun.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const samples = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    samples.push(JSON.parse(line));
    say(`memory over ${args[0]}: ${samples.at(-1).at} of ${args[1]}, ${samples.at(-1).rss.toFixed(0)} MB`);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0 || samples.length === 0) throw new Error(`memory over ${args[0]}: ended with code ${code}`);
  return samples;
}
