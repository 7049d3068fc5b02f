/** A folder with four IDX files, as MNIST and Fashion-MNIST come. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sameShape } from '../array.js';
import { mismatched, missing } from '../check.js';
import type { Content, ContentFile, DatasetDefinition } from './definition.js';
import { contentBytes } from './definition.js';
import { readIdx } from './idx.js';
import { readInput } from './readInput.js';

/**
 * Reads `train-images`, `train-labels`, `t10k-images` and `t10k-labels`, named `train-images-idx3-ubyte` or
 * `train-images.idx3-ubyte`, gzipped or not.
 * @returns undefined if the folder holds none of them
 * @throws UserError if some are there and another is missing, or one is malformed
 */
export async function decodeIdxFolder(folder: string, definition: DatasetDefinition): Promise<Content | undefined> {
  const present = new Set(await readdir(folder));
  const found = definition.content.map((file) => usualNames(file).find((name) => present.has(name)));
  if (found.every((name) => name === undefined)) return undefined;
  const content = new Map<string, { bytes: Uint8Array; from: string }>();
  for (const [i, file] of definition.content.entries()) {
    const name = found[i];
    if (name === undefined) {
      throw missing(`'${usualNames(file)[0]}' in ${folder}`, `${definition.title} needs ${definition.files}`);
    }
    const from = join(folder, name);
    const bytes = await readInput(from, 2 * contentBytes(definition, file) + 4096);
    const { shape, values } = readIdx(bytes, from);
    const expected = file.kind === 'labels' ? [file.count] : [file.count, ...definition.shape.slice(0, 2)];
    if (!sameShape(shape, expected)) {
      throw mismatched(`shape of '${from}'`, `[${expected}]`, `[${shape}]`, `use the original files of ${definition.title}`);
    }
    content.set(file.name, { bytes: values, from });
  }
  return content;
}

function usualNames({ name, kind }: ContentFile): string[] {
  const form = `idx${kind === 'labels' ? 1 : 3}-ubyte`;
  return [`${name}-${form}`, `${name}.${form}`, `${name}-${form}.gz`, `${name}.${form}.gz`];
}
