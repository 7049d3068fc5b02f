/** The cache of checked content: one folder for each data set, one file of plain bytes for each content file. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../check.js';
import { cacheFolder } from './cacheFolder.js';
import { checkContent, checkLength } from './checkContent.js';
import type { Content, DatasetDefinition } from './definition.js';

/** Where the content of a data set is cached. */
export function datasetCache(definition: DatasetDefinition): string {
  return join(cacheFolder(), 'datasets', definition.name);
}

/**
 * The cached content, every byte checked.
 * @param notice told of a file that is there but not what it should be
 * @returns undefined if a file is missing or wrong, so that the data must be fetched
 */
export async function readCache(definition: DatasetDefinition, notice: (message: string) => void): Promise<Content | undefined> {
  const content = new Map<string, { bytes: Uint8Array; from: string }>();
  let whole = true;
  for (const file of definition.content) {
    const from = join(datasetCache(definition), file.name);
    try {
      // A file of the wrong length is not read: it may be anything.
      checkLength(definition, file, (await stat(from)).size, from, 'fetching it again');
      const bytes = await readFile(from);
      checkContent(definition, file, bytes, from, 'fetching it again');
      content.set(file.name, { bytes, from });
    } catch (error) {
      whole = false;
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') notice((error as Error).message);
    }
  }
  return whole ? content : undefined;
}

/** Puts checked content into the cache. Each file appears whole or not at all, whoever else writes it at the same time. */
export async function writeCache(definition: DatasetDefinition, content: Content, source: string, work: string): Promise<void> {
  const folder = datasetCache(definition);
  await mkdir(folder, { recursive: true });
  const put = async (name: string, bytes: Uint8Array | string): Promise<void> => {
    const temporary = join(work, `${name}.new`);
    await writeFile(temporary, bytes);
    await rename(temporary, join(folder, name));
  };
  for (const [name, { bytes }] of content) await put(name, bytes);
  await put('source.json', `${JSON.stringify({ source })}\n`);
}

/**
 * Calls `body` with a new folder inside the cache, where a rename to any other place of the cache is atomic, and removes it
 * afterwards; folders that dead processes left are removed too.
 * @throws UserError if the cache cannot be written
 */
export async function withWorkFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const parent = join(cacheFolder(), 'partial');
  let folder: string;
  try {
    await mkdir(parent, { recursive: true });
    await removeAbandoned(parent);
    folder = await mkdtemp(join(parent, `${hostname()}~${process.pid}~`));
  } catch (error) {
    throw new UserError(
      `the cache ${cacheFolder()} cannot be written (${(error as Error).message}); name a writable folder with NEOTENY_CACHE`,
    );
  }
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    const [host, pid] = name.split('~');
    // Whether a process of another machine that shares the cache lives cannot be asked; none takes a day.
    const left = host === hostname() ? !alive(Number(pid)) : Date.now() - (await changed(path)) > 24 * 3600_000;
    if (left) await rm(path, { recursive: true, force: true });
  }
}

async function changed(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
