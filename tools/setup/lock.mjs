import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, utimesSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const BEAT = 5_000;
const SILENT_ELSEWHERE = 60_000;
const SILENT_HERE = 600_000;

/**
 * Runs `work` while holding the lock file `path`, so that two set-ups never write the same folder at once.
 * A lock is stale when its process is dead, or when nobody has touched it for a minute (another machine) or ten (a reused
 * process id on this one): the holder touches it every 5 seconds.
 *
 * @param {string} path file to create; its folder is made
 * @param {(owner: string) => void} onWait called once if another process holds it
 */
export async function withLock(path, onWait, work) {
  mkdirSync(dirname(path), { recursive: true });
  let waited = false;
  while (!take(path)) {
    if (isStale(path)) {
      steal(path);
      continue;
    }
    if (!waited) onWait(readOwner(path)?.text ?? 'another process');
    waited = true;
    await sleep(300);
  }
  const beat = setInterval(() => touch(path), BEAT);
  beat.unref();
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener('exit', release);
    release();
  }
}

function take(path) {
  let file;
  try {
    file = openSync(path, 'wx');
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
  writeSync(file, JSON.stringify({ process: process.pid, host: hostname() }));
  closeSync(file);
  return true;
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // The folder was removed under us; the work itself will say so.
  }
}

function readOwner(path) {
  try {
    const { process: id, host } = JSON.parse(readFileSync(path, 'utf8'));
    return { id, host, text: `process ${id} on ${host}` };
  } catch {
    return undefined;
  }
}

export function isStale(path, now = Date.now()) {
  let silent;
  try {
    silent = now - statSync(path).mtimeMs;
  } catch {
    return false; // released meanwhile
  }
  const owner = readOwner(path);
  // Between creating the file and writing into it there is a moment; a process that died there leaves it empty.
  if (owner === undefined || !Number.isSafeInteger(owner.id) || owner.id <= 0) return silent > BEAT;
  if (owner.host !== hostname()) return silent > SILENT_ELSEWHERE;
  return silent > SILENT_HERE || !isAlive(owner.id);
}

function isAlive(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Removes a stale lock. A second lock file makes sure that it is the stale one that goes, not its successor's. */
function steal(path) {
  const guard = `${path}.steal`;
  if (!take(guard)) {
    if (isStale(guard)) rmSync(guard, { force: true });
    return;
  }
  try {
    if (isStale(path)) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}
