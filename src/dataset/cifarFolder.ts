/** A folder with the batches of CIFAR-10, in either of their two forms. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mismatched, missing } from '../check.js';
import { decodeCifarBinary } from './cifarBinary.js';
import { decodeCifarPng, decodeLabels } from './cifarPng.js';
import type { Content, DatasetDefinition } from './definition.js';
import { readInput } from './readInput.js';

type Found = Map<string, { bytes: Uint8Array; from: string }>;

/**
 * Reads `data_batch_1` ... `test_batch`, as the official .bin files (gzipped or not) or as PNG with JSON labels.
 * @returns undefined if the folder holds none of them
 * @throws UserError if some are there and another is missing, or one is malformed
 */
export async function decodeCifarFolder(folder: string, definition: DatasetDefinition): Promise<Content | undefined> {
  const present = new Set(await readdir(folder));
  const batches = definition.content
    .filter(({ kind }) => kind === 'images')
    .map(({ name, split, count }) => ({ batch: name.replace('-images', ''), split, count }));
  const binary = batches.some(({ batch }) => present.has(`${batch}.bin`) || present.has(`${batch}.bin.gz`));
  if (!binary && !batches.some(({ batch }) => present.has(`${batch}.png`))) return undefined;

  const size = definition.shape[0] * definition.shape[1];
  const need = (...names: readonly string[]): string => {
    const name = names.find((n) => present.has(n));
    if (name === undefined) throw missing(`'${names[0]}' in ${folder}`, `${definition.title} needs ${definition.files}`);
    return join(folder, name);
  };
  const content: Found = new Map();
  if (binary) {
    for (const { batch, count } of batches) {
      const from = need(`${batch}.bin`, `${batch}.bin.gz`);
      const { pixels, labels } = decodeCifarBinary(await readInput(from, 2 * count * (1 + 3 * size)), from, size);
      if (labels.length !== count) {
        throw mismatched(`'${from}'`, `${count} images`, `${labels.length}`, `use the original files of ${definition.title}`);
      }
      content.set(`${batch}-images`, { bytes: pixels, from });
      content.set(`${batch}-labels`, { bytes: labels, from });
    }
    return content;
  }
  for (const split of ['train', 'test'] as const) {
    const own = batches.filter((b) => b.split === split);
    const total = own.reduce((sum, { count }) => sum + count, 0);
    // The package spells it so.
    const labelFile = need(`${split}_lables.json`, `${split}_labels.json`);
    const text = Buffer.from(await readInput(labelFile, 100 * total + 4096)).toString('utf8');
    const labels = decodeLabels(text, labelFile, total);
    let first = 0;
    for (const { batch, count } of own) {
      const from = need(`${batch}.png`);
      const pixels = await decodeCifarPng(await readInput(from, 4 * count * size + 4096), from, count, size);
      content.set(`${batch}-images`, { bytes: pixels, from });
      content.set(`${batch}-labels`, { bytes: labels.subarray(first, first + count), from: labelFile });
      first += count;
    }
  }
  return content;
}
