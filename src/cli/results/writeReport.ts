/** The report of an experiment, as one HTML file. */
import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LevelCertificate } from '../../figure/report/runsSection.js';
import { makeFolder, writeAtomically } from '../../run/disk.js';
import { readCertificate } from '../../run/readRecord.js';
import type { RunRecord } from '../../run/record.js';
import { findRun, type Store } from '../../run/store.js';
import { resultsOf } from './results.js';

/**
 * Writes the report to a file, whose folder is made if it is not there.
 * @param command with which the runs can be made again
 * @returns the full path
 */
export async function writeReport(
  experiment: string,
  records: readonly RunRecord[],
  { store, file, command }: { store: Store; file: string; command: string },
): Promise<string> {
  const { report } = await resultsOf(experiment);
  const { htmlReport } = await import('../../figure/report/htmlReport.js');
  const folders = records.flatMap(({ key }) => findRun(store, key) ?? []);
  const html = htmlReport(
    report(records, {
      command,
      environment: environmentOf(folders),
      certificates: records.flatMap(({ key }) => certificatesOf(store, key)),
    }),
  );
  const path = resolve(file);
  makeFolder(dirname(path));
  writeAtomically(path, html);
  return path;
}

function certificatesOf(store: Store, key: string): LevelCertificate[] {
  const folder = findRun(store, key);
  const entries = folder === undefined ? null : readCertificate(folder);
  return (entries ?? [])
    .filter((entry) => typeof entry['level'] === 'number')
    .map((entry) => ({ ...(entry as unknown as LevelCertificate), key }));
}

/** The environments of all runs, each once; dates are left out. */
function environmentOf(folders: readonly string[]): unknown {
  const texts = folders.flatMap((folder) => {
    try {
      const list = JSON.parse(fs.readFileSync(join(folder, 'environment.json'), 'utf8')) as Record<string, unknown>[];
      return list.map(({ date: _, ...environment }) => JSON.stringify(environment));
    } catch {
      return [];
    }
  });
  return [...new Set(texts)].map((text) => JSON.parse(text) as unknown);
}
