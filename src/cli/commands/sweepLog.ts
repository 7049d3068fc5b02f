/** `neoteny sweep log`: what there is to read about one run. */
import fs from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '../../run/exitCode.js';
import { openStore } from '../../run/store.js';
import { sweepsFolder } from '../../run/sweep/sweepFolder.js';
import { readWorkerEvent } from '../../run/readWorkerEvent.js';
import { percent } from '../output/format.js';
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
    const lines = fs.readFileSync(path, 'utf8').trimEnd().split('\n');
    // Control characters of a log must not reach the terminal.
    for (const line of lines) print(logLine(line).replaceAll(/(?![\t])\p{Cc}/gu, ''));
  }
  if (reason !== null) print(`${colors.red('failed')} ${reason}`);
  return exitCodes.done;
}

/** What a job printed for its driver, in words; other lines as they are. */
function logLine(line: string): string {
  const event = readWorkerEvent(line);
  const text = (name: string): string => String(event?.[name] ?? '?');
  const share = (name: string): string => `${percent(event?.[name] as number)} %`;
  switch (event?.event) {
    case 'backend':
      return `backend ${text('backend')}`;
    case 'progress':
      return [
        ...(event['level'] === undefined ? [] : [`level ${text('level')}/${text('levels')}`]),
        ...(event['steps'] === undefined ? [] : [`step ${text('step')}/${text('steps')}`]),
        ...(typeof event['loss'] === 'number' ? [`loss ${event['loss'].toPrecision(4)}`] : []),
        ...(typeof event['accuracy'] === 'number' ? [`validation ${percent(event['accuracy'])} %`] : []),
        ...(typeof event['share'] === 'number' ? [`${percent(event['share'])} %`] : []),
      ].join('  ');
    case 'level':
      return `level ${text('level')} is done: density ${Number(event['density'] ?? Number.NaN).toFixed(4)}  test ${share('testAtEnd')}  validation ${share('validationAtEnd')}`;
    case 'notice':
      return text('text');
    case 'failed':
      return `ended with code ${text('code')}: ${text('reason')}`;
    case 'done':
      return 'done';
    default:
      return line;
  }
}
