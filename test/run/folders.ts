/** Folders for tests: temporary ones, and what one holds. */
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore, type Store, type StoreOptions } from '../../src/run/store.js';

export function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'neoteny-test-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function temporaryStore(t: TestContext, options: StoreOptions = {}): Store {
  return openStore({ root: join(temporaryFolder(t), 'runs'), records: [], ...options });
}

/**
 * Every file of a run that must be the same after any interruptions, and its bytes in hex; the names of all files otherwise. Apart
 * from what a kill in the middle of an announcement leaves for an hour: it could be that of a process which lives.
 */
export function contents(folder: string): Record<string, string> {
  const apart = /(environment\.json|timing\.jsonl|log\.txt)$/;
  const announcement = /^lock-[0-9a-f-]{36}\.\d+\.tmp$/;
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => fs.statSync(join(folder, name)).isFile());
  const lasting = files.filter((name) => !announcement.test(name)).sort();
  return Object.fromEntries(lasting.map((name) => [name, apart.test(name) ? '' : fs.readFileSync(join(folder, name), 'hex')]));
}
