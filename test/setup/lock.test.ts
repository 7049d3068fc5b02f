import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const module = new URL('../../../tools/setup/lock.mjs', import.meta.url).href;
const { withLock, isStale } = await import(module);
const folder = mkdtempSync(join(tmpdir(), 'neoteny-lock-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('two processes never hold the lock at once, and neither loses its turn', async () => {
  const path = join(folder, 'count.lock');
  const count = join(folder, 'count');
  writeFileSync(count, '0');
  // Reading, waiting and writing back loses turns unless the lock keeps others out.
  const source = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { withLock } from '${module}';
    for (let i = 0; i < 3; i++) await withLock('${path}', () => {}, async () => {
      const n = Number(readFileSync('${count}', 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 30));
      writeFileSync('${count}', String(n + 1));
    });`;
  const runs = Array.from({ length: 3 }, () => spawn(process.execPath, ['--input-type=module', '-e', source]));
  await Promise.all(runs.map((child) => new Promise((resolve) => child.on('close', resolve))));
  assert.equal(readFileSync(count, 'utf8'), '9');
  assert.equal(existsSync(path), false);
});

test('the lock of a dead process is taken over', async () => {
  const path = join(folder, 'dead.lock');
  const dead = spawnSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))']).stdout.toString();
  writeFileSync(path, JSON.stringify({ process: Number(dead), host: hostname() }));
  assert.equal(
    await withLock(
      path,
      () => assert.fail('it should not wait'),
      async () => 'done',
    ),
    'done',
  );
  assert.equal(existsSync(path), false);
});

test('a living holder is waited for, on this machine for ten minutes and on another for one', () => {
  const path = join(folder, 'alive.lock');
  const aged = (seconds: number, host: string): boolean => {
    writeFileSync(path, JSON.stringify({ process: process.pid, host }));
    const then = Date.now() / 1000 - seconds;
    utimesSync(path, then, then);
    return isStale(path);
  };
  assert.equal(aged(590, hostname()), false);
  assert.equal(aged(610, hostname()), true);
  assert.equal(aged(50, 'elsewhere'), false);
  assert.equal(aged(70, 'elsewhere'), true);
});

test('a lock file that its process could not write into is stale after five seconds', () => {
  const path = join(folder, 'empty.lock');
  writeFileSync(path, '');
  assert.equal(isStale(path), false);
  const then = Date.now() / 1000 - 6;
  utimesSync(path, then, then);
  assert.equal(isStale(path), true);
});

test('the lock goes when the work throws', async () => {
  const path = join(folder, 'throws.lock');
  await assert.rejects(
    withLock(
      path,
      () => {},
      () => Promise.reject(new Error('broken')),
    ),
    /broken/,
  );
  assert.equal(existsSync(path), false);
});
