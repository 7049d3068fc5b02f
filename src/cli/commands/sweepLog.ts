/** `neoteny sweep log`: what there is to read about one run. */
import fs from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../run/exitCode.js';
import { openStore } from '../../run/store.js';
import { sweepsFolder } from '../../run/sweep/sweepFolder.js';
import { look, print } from '../output/print.js';
import { findEntry } from './runs.js';

/** Prints a run's log, and what its jobs on a cluster printed. Returns the exit code. */
export function sweepLog(text: string): number {
  const store = openStore({ records: [] });
  const { key, folder, reason } = findEntry(store, text);
  const { colors } = look();
  const root = sweepsFolder(store);
  const jobs = (fs.existsSync(root) ? fs.readdirSync(root) : []).map((id) => join(root, id, 'log', `${key}.log`));
  for (const path of [join(folder, 'log.txt'), ...jobs]) {
    if (!fs.existsSync(path)) continue;
    print(colors.bold(path));
    // Control characters of a log must not reach the terminal.
    print(
      fs
        .readFileSync(path, 'utf8')
        .trimEnd()
        .replaceAll(/(?![\n\t])\p{Cc}/gu, ''),
    );
  }
  if (reason !== null) print(`${colors.red('failed')} ${reason}`);
  return exitCodes.done;
}
