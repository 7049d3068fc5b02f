/** `neoteny runs show`: all that is known of one run. */
import fs from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import { readCertificate, readRecord, readTiming } from '../../run/readRecord.js';
import type { LevelSummary, RunRecord } from '../../run/record.js';
import { openStore } from '../../run/store.js';
import { clock, count, plural } from '../output/format.js';
import { look, print, printJson } from '../output/print.js';
import { textTable } from '../output/textTable.js';
import { wrap } from '../output/wrap.js';
import { levelsOf, plainResults } from '../results/plainResults.js';
import { differencesOf, findEntry, stateOf } from './runs.js';

/** Prints the run. Returns the exit code. */
export function showCommand(text: string, { json }: { json?: boolean }): number {
  const store = openStore();
  const entry = findEntry(store, text);
  const { key, folder, record: isRecord, reason } = entry;
  const record = tryRead(folder);
  const certificates = record === undefined ? null : readCertificate(folder);
  const timing = readTiming(folder);
  const seconds = Object.values(timing).reduce((sum, s) => sum + s, 0);
  const levels = record === undefined ? [] : levelsOf(record);
  const environment = readEnvironmentFile(join(folder, 'environment.json'));
  const changed = entry.spec === null ? [] : differencesOf(entry.spec);
  if (json) {
    printJson({
      key,
      folder,
      status: stateOf(entry),
      record: isRecord,
      reason,
      spec: entry.spec,
      differences: changed,
      levels,
      certificates,
      timing,
      environment,
      engines: record?.engines ?? null,
    });
    return exitCodes.done;
  }
  const { colors, width, prose } = look();
  const line = (name: string, value: string): void =>
    print(`${colors.dim(name.padEnd(12))}${wrap(value, Math.max(20, prose - 12), ' '.repeat(12))}`);
  print(colors.bold(key));
  line(
    'status',
    `${stateOf(entry)}${isRecord ? ', a record that came with the project' : ''}${entry.process === null ? '' : `, process ${entry.process}`}`,
  );
  if (reason !== null) line('reason', reason);
  if (entry.spec !== null)
    line(
      'run',
      ['experiment', 'arm', 'replicate', 'seed']
        .flatMap((name) => (entry.spec?.[name] === undefined ? [] : `${name} ${String(entry.spec[name])}`))
        .join(', '),
    );
  line(
    'options',
    changed.length === 0
      ? 'all as by default'
      : changed
          .map(({ path, value, default: standard }) => {
            const own = value === undefined ? `no ${path}` : `${path} = ${JSON.stringify(value)}`;
            return `${own} (default ${standard === undefined ? 'none' : JSON.stringify(standard)})`;
          })
          .join('; '),
  );
  line('time', seconds === 0 ? 'not measured' : `${clock(seconds)}, ${count(updatesOf(levels) / seconds)} updates/s with all measurements`);
  line('certificate', certificateText(certificates));
  line('folder', folder);
  if (record === undefined || levels.length === 0) return exitCodes.done;
  const { columns, rows } = plainResults.table([record]);
  print(`\n${textTable(columns, rows, { width, colors })}`);
  if (record.engines !== undefined) {
    print(`\n${colors.bold('Engines, by a short timing at the start of each stage')}`);
    for (const [stage, decisions] of Object.entries(record.engines))
      for (const { reason } of decisions) print(`  ${wrap(`${stage}  ${reason}`, Math.max(20, prose - 4), '    ')}`);
  }
  print(`\n${colors.bold('Lineage')}`);
  for (const { level, ticket, parent, operator } of levels) {
    print(
      `  level ${String(level).padStart(2)}  ${ticket.slice(0, 12)}  ${colors.dim(parent === null ? operator : `${operator}, from ${parent.slice(0, 12)}`)}`,
    );
  }
  return exitCodes.done;
}

function tryRead(folder: string): RunRecord | undefined {
  try {
    return readRecord(folder);
  } catch (error) {
    // Damage is the entry's reason; the rest can be shown all the same.
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function updatesOf(levels: readonly LevelSummary[]): number {
  return levels.reduce((sum, { steps }) => sum + steps, 0);
}

function certificateText(certificates: ReturnType<typeof readCertificate>): string {
  if (certificates === null) return 'none before the run is done';
  const checks = new Set(certificates.flatMap(({ checks }) => (typeof checks === 'object' && checks !== null ? Object.keys(checks) : [])));
  return `${plural(certificates.length, 'level')} passed, each: ${[...checks].join(', ')}`;
}

function readEnvironmentFile(path: string): unknown {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}
