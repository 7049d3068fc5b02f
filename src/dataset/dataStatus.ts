/** Which data sets are at hand. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { datasetCache } from './cache.js';
import { datasets } from './datasets.js';
import type { DatasetDefinition } from './definition.js';
import { contentBytes } from './definition.js';
import { contentChecksum } from './describe.js';

export interface DataStatus {
  readonly name: string;
  readonly title: string;
  /** Whether the next load needs no download. Files count by their length; loading checks every byte. */
  readonly cached: boolean;
  readonly folder: string;
  /** Bytes in the cache now, and when it is complete. */
  readonly bytes: number;
  readonly bytesComplete: number;
  /** Where the cached content came from, if known. */
  readonly from?: string;
  readonly sources: readonly string[];
  readonly sha256: string;
}

/** For each data set of the list: is it cached, where, how large, and where can it be had? Downloads nothing. */
export function dataStatus(): Promise<DataStatus[]> {
  return Promise.all(Object.values<DatasetDefinition>(datasets).map(statusOf));
}

async function statusOf(definition: DatasetDefinition): Promise<DataStatus> {
  const folder = datasetCache(definition);
  const expected = definition.content.map((file) => contentBytes(definition, file));
  const found = await Promise.all(
    definition.content.map(async ({ name }) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0),
  );
  const total = (sizes: readonly number[]): number => sizes.reduce((sum, n) => sum + n, 0);
  const from = await sourceOf(folder);
  return {
    name: definition.name,
    title: definition.title,
    cached: found.every((size, i) => size === expected[i]),
    folder,
    bytes: total(found),
    bytesComplete: total(expected),
    ...(from === undefined ? {} : { from }),
    sources: definition.sources.map((source) => source.name),
    sha256: contentChecksum(definition),
  };
}

async function sourceOf(folder: string): Promise<string | undefined> {
  try {
    const { source } = JSON.parse(await readFile(join(folder, 'source.json'), 'utf8')) as { source?: unknown };
    return typeof source === 'string' ? source : undefined;
  } catch {
    return undefined;
  }
}
