import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder for the inputs of a case, gone at the latest when this process ends. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'neoteny-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
