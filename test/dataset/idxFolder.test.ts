import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeIdxFolder } from '../../src/dataset/idxFolder.js';
import { newFolder, tiny, tinyFiles, writeFiles } from './tiny.js';

const trainImages = tinyFiles['train-images-idx3-ubyte'] as Uint8Array;

test('the four files are read under either name, gzipped or not', async () => {
  const folder = newFolder();
  writeFiles(folder);
  renameSync(join(folder, 'train-images-idx3-ubyte'), join(folder, 'train-images.idx3-ubyte'));
  rmSync(join(folder, 't10k-images-idx3-ubyte'));
  writeFileSync(join(folder, 't10k-images-idx3-ubyte.gz'), gzipSync(tinyFiles['t10k-images-idx3-ubyte'] as Uint8Array));
  const content = await decodeIdxFolder(folder, tiny());
  assert.deepEqual([...(content?.get('train-images')?.bytes ?? [])], [...trainImages.subarray(16)]);
  assert.equal(content?.get('train-images')?.from, join(folder, 'train-images.idx3-ubyte'));
  assert.deepEqual([...(content?.get('t10k-images')?.bytes ?? [])], [24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35]);
  assert.deepEqual([...(content?.get('t10k-labels')?.bytes ?? [])], [0, 1, 2]);
});

test('a folder with none of the files is not an error, one with some is', async () => {
  const folder = newFolder();
  writeFileSync(join(folder, 'notes.txt'), 'nothing');
  assert.equal(await decodeIdxFolder(folder, tiny()), undefined);
  writeFiles(folder);
  rmSync(join(folder, 't10k-labels-idx1-ubyte'));
  await assert.rejects(decodeIdxFolder(folder, tiny()), { name: 'UserError', message: /missing 't10k-labels-idx1-ubyte' in / });
});

test('files of another shape, damaged gzip files, folders and bombs are refused by name', async () => {
  const refused = async (put: (path: string) => void, message: RegExp): Promise<void> => {
    const folder = newFolder();
    writeFiles(folder);
    const path = join(folder, 'train-images-idx3-ubyte');
    rmSync(path);
    put(path);
    await assert.rejects(decodeIdxFolder(folder, tiny()), { name: 'UserError', message });
  };
  const other = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4);
  await refused((path) => writeFileSync(path, other), /train-images-idx3-ubyte': expected \[6,2,2\], found \[1,2,2\]/);
  await refused((path) => writeFileSync(path, gzipSync(trainImages).subarray(0, 30)), /train-images.*a whole gzip file.*unexpected end/);
  await refused((path) => writeFileSync(path, gzipSync(new Uint8Array(1 << 20))), /train-images.*at most 4144 bytes when unpacked/);
  await refused((path) => writeFileSync(path, new Uint8Array(1 << 20)), /at most 4144 bytes, found '1048576 bytes'/);
  await refused((path) => mkdirSync(path), /expected an ordinary file/);
});
