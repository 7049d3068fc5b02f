/** Runs in processes of their own that are killed and started again, beside one that is left alone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { keyOf } from '../../../src/run/experiments/experiments.js';
import type { Spec } from '../../../src/run/record.js';

interface Kills {
  /** Where both runs go. */
  readonly folder: string;
  readonly saveEvery: number;
  readonly most: number;
  /**
   * Resolves when it is time to kill a process that was just started.
   * @param whole how long the run takes that is left alone, in milliseconds
   * @param root the folder of the killed run
   */
  readonly wait: (child: ChildProcess, whole: number, root: string) => Promise<void>;
}

/** How often the run was killed before it was done, and the bytes of both that may not depend on it. */
export async function killedRun(
  spec: Spec,
  { folder, saveEvery, most, wait }: Kills,
): Promise<{ kills: number; killed: Record<string, string>; undisturbed: Record<string, string> }> {
  const [alone, root] = [join(folder, `undisturbed-${keyOf(spec)}`), join(folder, `killed-${keyOf(spec)}`)];
  const begun = performance.now();
  assert.deepEqual(await once(start(spec, alone, saveEvery), 'exit'), [0, null]);
  const whole = performance.now() - begun;
  let kills = 0;
  for (; kills < most; kills++) {
    const child = start(spec, root, saveEvery);
    const ended = once(child, 'exit');
    await wait(child, whole, root);
    if (child.exitCode !== null) break;
    child.kill('SIGKILL');
    await ended;
  }
  assert.deepEqual(await once(start(spec, root, saveEvery), 'exit'), [0, null]);
  return { kills, killed: resultBytes(root), undisturbed: resultBytes(alone) };
}

/** Resolves when a process has written to a stage of its run, or is done: by what it does, not by how fast the machine is at the moment. */
export async function untilStageGrows(child: ChildProcess, root: string): Promise<void> {
  const newest = (): number => {
    if (!existsSync(root)) return 0;
    const inside = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('stages'));
    return Math.max(0, ...inside.map((path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0));
  };
  const before = newest();
  while (child.exitCode === null && newest() === before) await setTimeout(2);
}

function start(spec: Spec, root: string, saveEvery: number): ChildProcess {
  const modules = ['run/experiments/experiments.js', 'run/getOrRun.js', 'run/store.js'].map((name) =>
    join(import.meta.dirname, '..', '..', '..', 'src', name),
  );
  const script = `
    const [{ experiments }, { getOrRun }, { openStore }] = await Promise.all(${JSON.stringify(modules)}.map((m) => import(m)));
    const store = openStore({ root: process.argv[1], records: [] });
    const spec = ${JSON.stringify(spec)};
    await getOrRun(store, spec, ${JSON.stringify(keyOf(spec))}, (s, c) => experiments[s.experiment].run(s, c, store), { saveEvery: ${saveEvery} });
  `;
  // One thread: sums are then made in one order.
  const env = { ...process.env, TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1' };
  return spawn(process.execPath, ['--input-type=module', '-e', script, root], { env, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** By path. */
function resultBytes(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(root, path)).isFile());
  const lasting = files.filter((path) => /(spec|certificate|done)\.json$|rows\.jsonl$|result\.safetensors$/.test(path)).sort();
  return Object.fromEntries(lasting.map((path) => [path, readFileSync(join(root, path)).toString('base64')]));
}
