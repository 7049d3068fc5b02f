/** A data set in numbers, for a listing or a run's environment. */
import { createHash } from 'node:crypto';
import type { Dataset, Split } from './dataset.js';
import { datasets } from './datasets.js';
import type { DatasetDefinition } from './definition.js';

export interface DatasetDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly classes: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Examples of each part, in all and by class number. */
  readonly parts: Readonly<Record<Split, { readonly count: number; readonly perClass: readonly number[] }>>;
  /** Bytes of pixels and labels of all parts in memory. */
  readonly bytes: number;
  /** Where it can be had, in the order of trying; empty for a data set that is not in the list. */
  readonly sources: readonly string[];
  /** Names the whole content, whatever the split: see `contentChecksum`. Absent for a data set that is not in the list. */
  readonly sha256?: string;
}

/** What is in a data set: counts, bytes, sources, check-sum. */
export function describe(dataset: Dataset): DatasetDescription {
  const { name, shape, classes, mean, std } = dataset;
  const part = (split: Split): { count: number; perClass: number[] } => {
    const perClass = new Array<number>(classes.length).fill(0);
    for (const label of dataset[split].labels) perClass[label] = (perClass[label] ?? 0) + 1;
    return { count: dataset[split].count, perClass };
  };
  const parts = { train: part('train'), validation: part('validation'), test: part('test') };
  const bytes = (['train', 'validation', 'test'] as const).reduce(
    (sum, split) => sum + dataset[split].pixels.length + dataset[split].labels.length,
    0,
  );
  const definition = (datasets as Record<string, DatasetDefinition>)[name];
  const sources = definition?.sources.map((source) => source.name) ?? [];
  const sha256 = definition === undefined ? {} : { sha256: contentChecksum(definition) };
  return { name, shape, classes, mean, std, parts, bytes, sources, ...sha256 };
}

/** SHA-256 of the list of content files as `sha256sum` prints it: a line `hash  name` for each. */
export function contentChecksum(definition: DatasetDefinition): string {
  const lines = definition.content.map(({ sha256, name }) => `${sha256}  ${name}\n`);
  return createHash('sha256').update(lines.join('')).digest('hex');
}
