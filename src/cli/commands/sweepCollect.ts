/** `neoteny sweep collect`: what killed processes left is removed. */
import { exitCodes } from '../../run/exitCode.js';
import { openStore } from '../../run/store.js';
import { collectSweeps } from '../../run/sweep/collectSweeps.js';
import { plural } from '../output/format.js';
import { print, printJson } from '../output/print.js';

/** Removes it. Returns the exit code. */
export function sweepCollect({ json }: { json?: boolean }): number {
  const found = collectSweeps(openStore({ records: [] }), Date.now());
  if (json) printJson(found);
  else print(`removed ${plural(found.files, 'file')}, ${plural(found.folders, 'folder')}, and notes of ${plural(found.sweeps, 'sweep')}`);
  return exitCodes.done;
}
