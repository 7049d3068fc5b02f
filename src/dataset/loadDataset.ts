/** The one way to a data set: the user's folder, else the cache, else its sources in order; checked, split by seed. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lookUp, missing, UserError } from '../check.js';
import { stream } from '../random.js';
import { readCache, withWorkFolder, writeCache } from './cache.js';
import { checkContent } from './checkContent.js';
import type { Dataset, Examples } from './dataset.js';
import { datasets } from './datasets.js';
import type { Content, DatasetDefinition, Progress } from './definition.js';
import { splitExamples } from './splitExamples.js';

export interface LoadOptions {
  /** Training examples set apart for validation. Default 5000. */
  readonly validation?: number;
  /** Of the split into training and validation. Default 0. */
  readonly seed?: number;
  /** Trains on the first so many examples only, after the split and without regard to classes; validation and test stay whole. */
  readonly limit?: number;
  /** A folder that holds the data set's usual files, or a sub-folder with them. Default: the environment's NEOTENY_DATA. */
  readonly folder?: string;
  readonly onProgress?: Progress;
  /** Told of a damaged file in the cache, which is then fetched again. Default: a warning of the process. */
  readonly onNotice?: (message: string) => void;
}

/**
 * A data set of the list by name, such as `mnist`, `fashion-mnist` or `cifar-10`.
 * Every byte is checked against the SHA-256 in the data set's file before it is used.
 * @throws UserError for an unknown name, a file in the user's folder that is missing or altered, or when no source delivers
 */
export async function loadDataset(name: string, options: LoadOptions = {}): Promise<Dataset> {
  return loadDefinition(lookUp<DatasetDefinition>('data set', name, datasets), options);
}

/** The same for a data set that is not in the list. */
export async function loadDefinition(definition: DatasetDefinition, options: LoadOptions = {}): Promise<Dataset> {
  const { validation = 5000, seed = 0, limit, folder = process.env['NEOTENY_DATA'] || undefined } = options;
  const random = stream(seed, 'split', definition.name);
  const content = await findContent(definition, folder, options);
  const { name, shape, classes, mean, std } = definition;
  const parts = splitExamples(examplesOf(definition, content, 'train'), validation, random, limit);
  return { name, shape, classes, mean, std, ...parts, test: examplesOf(definition, content, 'test') };
}

async function findContent(definition: DatasetDefinition, folder: string | undefined, options: LoadOptions): Promise<Content> {
  const progress = options.onProgress ?? (() => {});
  const notice = options.onNotice ?? ((message: string) => process.emitWarning(message, 'DataWarning'));
  const own = folder === undefined ? undefined : await readFolder(definition, folder, progress);
  const found = own ?? (await readCache(definition, notice));
  if (found !== undefined) return found;
  return withWorkFolder(async (work) => {
    const fetched = await fetchContent(definition, work, progress, folder);
    try {
      await writeCache(definition, fetched.content, fetched.source, work);
    } catch (error) {
      // The data are whole and checked; a full disk only means that they are fetched again next time.
      notice(`${definition.title} was not kept in the cache: ${(error as Error).message}`);
    }
    return fetched.content;
  });
}

/** The content from the first source that delivers it. @throws UserError with the reason of each when none does */
async function fetchContent(
  definition: DatasetDefinition,
  work: string,
  progress: Progress,
  folder: string | undefined,
): Promise<{ content: Content; source: string }> {
  const reasons = [folder === undefined ? 'your folder: none is named' : `your folder ${folder}: holds none of its files`];
  for (const [i, source] of definition.sources.entries()) {
    const place = join(work, String(i));
    try {
      await mkdir(place);
      const files = await source.deliver(place, progress);
      const content = await decodeChecked(definition, files, 'trying the next source', progress);
      if (content === undefined) throw missing(`files of ${definition.title}`, `${files} holds none`);
      return { content, source: source.name };
    } catch (error) {
      reasons.push(`${source.name}: ${(error as Error).message}`);
    } finally {
      // Before the next source or the cache needs the room.
      await rm(place, { recursive: true, force: true });
    }
  }
  throw new UserError(
    `missing data set '${definition.name}'; no source delivered it:\n${reasons.map((reason) => `  ${reason}\n`).join('')}` +
      `Get ${definition.files}, put them in a folder, and name it with NEOTENY_DATA=/that/folder`,
  );
}

/** The user's own files. What is wrong there ends the loading: the user meant these files and no others. */
async function readFolder(definition: DatasetDefinition, folder: string, progress: Progress): Promise<Content | undefined> {
  const isFolder = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!(await isFolder(folder))) throw missing(`folder '${folder}' for data sets`, 'correct NEOTENY_DATA, or leave it out');
  for (const inner of [...definition.folders, '.']) {
    const path = join(folder, inner);
    if (!(await isFolder(path))) continue;
    const content = await decodeChecked(definition, path, `use the original files, or leave the folder out`, progress);
    if (content !== undefined) return content;
  }
  return undefined;
}

async function decodeChecked(
  definition: DatasetDefinition,
  folder: string,
  remedy: string,
  progress: Progress,
): Promise<Content | undefined> {
  progress(`read ${definition.title} from ${folder}`, 0);
  const content = await definition.decode(folder, definition);
  if (content === undefined) return undefined;
  for (const file of definition.content) {
    const found = content.get(file.name);
    if (found === undefined) throw missing(`'${file.name}' in ${folder}`, remedy);
    checkContent(definition, file, found.bytes, found.from, remedy);
  }
  return content;
}

function examplesOf(definition: DatasetDefinition, content: Content, split: 'train' | 'test'): Examples {
  const joined = (kind: 'images' | 'labels'): Uint8Array => {
    const own = definition.content.filter((file) => file.split === split && file.kind === kind);
    const pieces = own.map((file) => content.get(file.name)?.bytes as Uint8Array);
    const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
    // A Buffer's slice() does not copy, which whoever gets an Uint8Array would not expect.
    return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
  };
  const labels = joined('labels');
  return { pixels: joined('images'), labels, count: labels.length };
}
