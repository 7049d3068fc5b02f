/** Finding runs to kill: only processes that work on a given store. */
import fs from 'node:fs';
import { join } from 'node:path';
import { runFolder, type Store } from '../../src/run/store.js';

export interface RunProcess {
  readonly pid: number;
  readonly key: string;
  /** Whether it has saved a checkpoint that it would go on from. */
  readonly hasCheckpoint: boolean;
}

/** The processes `neoteny run KEY` whose runs are kept in the store, wherever they were started from. */
export function runProcesses(store: Store): RunProcess[] {
  return fs.readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      const at = words.indexOf('run');
      const key = words[at + 1];
      if (at < 0 || key === undefined || !words[at - 1]?.endsWith('main.js')) return [];
      if (!fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`NEOTENY_RUNS=${store.root}`)) return [];
      return [{ pid: Number(pid), key, hasCheckpoint: hasCheckpoint(store, key) }];
    } catch {
      // Gone meanwhile, or somebody else's.
      return [];
    }
  });
}

function hasCheckpoint(store: Store, key: string): boolean {
  const stages = join(runFolder(store, key), 'stages');
  return fs.existsSync(stages) && fs.readdirSync(stages).some((stage) => fs.existsSync(join(stages, stage, 'checkpoint.safetensors')));
}
