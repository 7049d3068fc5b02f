/** Files that appear near a notebook while its kernel lives: plain tslab's next cell fails, with the mended timers it sees them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './kernelClient.js';

interface Converter {
  convert(declarations: string, source: string): { diagnostics: { messageText: string }[] };
  close?(): void;
}

const require = createRequire(join(root, 'package.json'));
const dist = join(dirname(require.resolve('tslab/package.json')), 'dist');
const ts: unknown = require(require.resolve('@tslab/typescript-for-tslab', { paths: [dist] }));
const { createConverter } = require(join(dist, 'converter.js')) as { createConverter(options: { cwd: string }): Converter };
const { mendTimers } = require(join(root, 'tools/kernel/mendTimers.cjs')) as { mendTimers(tslab: { ts: unknown }): void };

const folder = mkdtempSync(join(tmpdir(), 'timers-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What two cells say, between which a folder, and the module that the first one missed, appear. */
async function twoCells(name: string): Promise<string[][]> {
  // TypeScript watches no folder near the root of the file system.
  const cwd = join(folder, 'deep', 'deeper', name, 'notebooks');
  mkdirSync(cwd, { recursive: true });
  mkdirSync(join(cwd, '..', 'node_modules'));
  process.chdir(cwd); // where a kernel runs
  const converter = createConverter({ cwd });
  const said = (source: string): string[] => converter.convert('', source).diagnostics.map(({ messageText }) => messageText);
  try {
    const first = said('import { a } from "no-such-package"; import { x } from "./later"; a(x);');
    mkdirSync(join(cwd, '..', 'out'));
    writeFileSync(join(cwd, '..', 'out', 'a.txt'), 'a');
    writeFileSync(join(cwd, 'later.ts'), 'export const x: number = 1;');
    // The file system tells of it, and TypeScript waits a quarter of a second for more.
    await sleep(1000);
    return [first, said('import { x } from "./later"; const y: number = x;')];
  } finally {
    converter.close?.();
  }
}

test('plain tslab fails on the next cell; mended, it finds what appeared', async () => {
  await assert.rejects(twoCells('plain'), /Unexpected pending rebuildTimer/);
  mendTimers({ ts });
  const [first, second] = await twoCells('mended');
  assert.match(first?.join() ?? '', /Cannot find module 'no-such-package'/);
  assert.deepEqual(second, []);
});
