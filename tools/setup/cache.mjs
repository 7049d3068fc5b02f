import { accessSync, constants, createReadStream, mkdirSync, readdirSync, rmSync, statSync, statfsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { SetupFailure, explainWriteError } from './failure.mjs';

/** The folder outside the clone where large files are kept: NEOTENY_CACHE, else XDG_CACHE_HOME/neoteny, else ~/.cache/neoteny. */
export function cacheFolder(env = process.env) {
  if (env.NEOTENY_CACHE) return resolve(env.NEOTENY_CACHE);
  // The XDG rule: a relative path is to be ignored.
  const shared = env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME) ? env.XDG_CACHE_HOME : join(homedir(), '.cache');
  return join(shared, 'neoteny');
}

/** Makes the folder and checks that it can be written. */
export function openCache(folder) {
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new SetupFailure(
      `the cache folder cannot be used (${explainWriteError(error, folder)})`,
      'set NEOTENY_CACHE to a folder on a disk with 1.2 GB free',
    );
  }
}

/** Folder by folder: Node's own recursive call never returns on some file systems that refuse a new folder, such as /proc. */
function makeFolder(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return;
  if (stat !== undefined) throw Object.assign(new Error(`${path} is not a folder`), { code: 'EEXIST', path });
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code !== 'EEXIST' || !statSync(path).isDirectory()) throw error;
  }
}

/** Throws when the folder's disk has less than `bytes` free. */
export function checkSpace(folder, bytes) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new SetupFailure(
    `the disk of ${folder} has ${((bavail * bsize) / 1e6).toFixed(0)} MB free, ${(bytes / 1e6).toFixed(0)} MB are needed`,
    'free some space, or set NEOTENY_CACHE to a folder on another disk',
  );
}

/** Removes what interrupted set-ups left; only for the holder of the cache's lock. */
export function sweep(folder) {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('tmp-')) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** SHA-256 of a file as hex. `onBytes` hears how many bytes were read so far. */
export async function sha256(path, onBytes) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const block of createReadStream(path, { highWaterMark: 4 << 20 })) {
    hash.update(block);
    bytes += block.length;
    onBytes?.(bytes);
  }
  return hash.digest('hex');
}
