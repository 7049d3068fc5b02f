/** A data set of 6 + 3 images of 2 x 2 pixels, made by hand, for tests of the loader. Image n holds 4n ... 4n+3, its label is n mod 3. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentFile, DatasetDefinition, Source } from '../../src/dataset/definition.js';
import { decodeIdxFolder } from '../../src/dataset/idxFolder.js';

const image = (n: number): number[] => [4 * n, 4 * n + 1, 4 * n + 2, 4 * n + 3];
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The four usual files: header, then values. */
export const tinyFiles: Readonly<Record<string, Uint8Array>> = {
  'train-images-idx3-ubyte': Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 6, 0, 0, 0, 2, 0, 0, 0, 2, ...range(0, 6).flatMap(image)),
  'train-labels-idx1-ubyte': Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 6, 0, 1, 2, 0, 1, 2),
  't10k-images-idx3-ubyte': Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 2, ...range(6, 9).flatMap(image)),
  't10k-labels-idx1-ubyte': Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 2),
};

function content(name: string, split: 'train' | 'test', kind: 'images' | 'labels', count: number): ContentFile {
  const file = tinyFiles[`${name}-idx${kind === 'images' ? 3 : 1}-ubyte`] as Uint8Array;
  const bytes = file.subarray(kind === 'images' ? 16 : 8);
  return { name, split, kind, count, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export function tiny(...sources: Source[]): DatasetDefinition {
  return {
    name: 'tiny',
    title: 'Tiny',
    shape: [2, 2, 1],
    classes: ['a', 'b', 'c'],
    mean: [0.5],
    std: [0.25],
    content: [
      content('train-images', 'train', 'images', 6),
      content('train-labels', 'train', 'labels', 6),
      content('t10k-images', 'test', 'images', 3),
      content('t10k-labels', 'test', 'labels', 3),
    ],
    files: 'the four files of tiny.ts',
    folders: ['tiny'],
    decode: decodeIdxFolder,
    sources,
  };
}

/** A source that writes the files, some replaced, and counts how often it was asked. */
export function madeSource(replaced: Record<string, Uint8Array> = {}, name = 'made'): Source & { asked: number } {
  return {
    name,
    asked: 0,
    async deliver(work) {
      this.asked++;
      writeFiles(work, replaced);
      return work;
    },
  };
}

export function writeFiles(folder: string, replaced: Record<string, Uint8Array> = {}): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries({ ...tinyFiles, ...replaced })) writeFileSync(join(folder, name), bytes);
}

const made: string[] = [];
process.on('exit', () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed when the tests of the file are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'neoteny-dataset-test-'));
  made.push(folder);
  return folder;
}
