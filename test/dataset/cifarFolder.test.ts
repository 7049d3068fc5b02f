import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeCifarFolder } from '../../src/dataset/cifarFolder.js';
import type { DatasetDefinition } from '../../src/dataset/definition.js';
import { newFolder, tiny } from './tiny.js';

// Two train batches and a test batch of one image of 1 x 2 pixels each; the digests are not looked at when decoding.
const file = { count: 1, sha256: '' } as const;
const definition: DatasetDefinition = {
  ...tiny(),
  title: 'Small CIFAR',
  shape: [1, 2, 3],
  content: [
    { ...file, name: 'data_batch_1-images', split: 'train', kind: 'images' },
    { ...file, name: 'data_batch_2-images', split: 'train', kind: 'images' },
    { ...file, name: 'test_batch-images', split: 'test', kind: 'images' },
    { ...file, name: 'data_batch_1-labels', split: 'train', kind: 'labels' },
    { ...file, name: 'data_batch_2-labels', split: 'train', kind: 'labels' },
    { ...file, name: 'test_batch-labels', split: 'test', kind: 'labels' },
  ],
};
const batches = ['data_batch_1', 'data_batch_2', 'test_batch'];

function binaryFolder(): string {
  const folder = newFolder();
  for (const [n, batch] of batches.entries()) writeFileSync(join(folder, `${batch}.bin`), Uint8Array.of(n + 4, n, 10, 20, 30, 40, 50));
  return folder;
}

async function pngFolder(): Promise<string> {
  const folder = newFolder();
  for (const [n, batch] of batches.entries()) {
    const raw = { width: 2, height: 1, channels: 3 } as const;
    writeFileSync(
      join(folder, `${batch}.png`),
      await sharp(Uint8Array.of(n, 20, 40, 10, 30, 50), { raw })
        .png()
        .toBuffer(),
    );
  }
  writeFileSync(join(folder, 'train_lables.json'), '[4, 5]');
  writeFileSync(join(folder, 'test_lables.json'), '[6]');
  return folder;
}

test('the binary files and the PNGs of the same images decode to the same content', async () => {
  for (const folder of [binaryFolder(), await pngFolder()]) {
    const content = await decodeCifarFolder(folder, definition);
    assert.equal(content?.size, 6);
    for (const [n, batch] of batches.entries()) {
      assert.deepEqual([...(content?.get(`${batch}-images`)?.bytes ?? [])], [n, 20, 40, 10, 30, 50]);
      assert.deepEqual([...(content?.get(`${batch}-labels`)?.bytes ?? [])], [n + 4]);
    }
  }
});

test('an empty folder is not an error, a missing or too long batch is', async () => {
  assert.equal(await decodeCifarFolder(newFolder(), definition), undefined);
  const folder = binaryFolder();
  rmSync(join(folder, 'data_batch_2.bin'));
  await assert.rejects(decodeCifarFolder(folder, definition), { name: 'UserError', message: /missing 'data_batch_2\.bin' in / });
  writeFileSync(join(folder, 'data_batch_2.bin'), new Uint8Array(14));
  await assert.rejects(decodeCifarFolder(folder, definition), { name: 'UserError', message: /data_batch_2\.bin'.*1 images, found 2/ });
  const pngs = await pngFolder();
  rmSync(join(pngs, 'test_lables.json'));
  await assert.rejects(decodeCifarFolder(pngs, definition), { name: 'UserError', message: /missing 'test_lables\.json'/ });
});
