import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { decodeCifarPng, decodeLabels } from '../../src/dataset/cifarPng.js';

const png = (width: number, height: number, channels: 3 | 4, values: number[]): Promise<Buffer> =>
  sharp(Uint8Array.from(values), { raw: { width, height, channels } }).png().toBuffer();

test('each row of the PNG is one image', async () => {
  const values = [1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255];
  assert.deepEqual([...(await decodeCifarPng(await png(2, 2, 3, values), 'b', 2, 2))], values);
});

test('a PNG of another size or kind, one cut short, and no PNG at all are refused by name', async () => {
  const refused = (bytes: Uint8Array, message: RegExp): Promise<void> =>
    assert.rejects(decodeCifarPng(bytes, 'batch.png', 2, 2), { name: 'UserError', message });
  await refused(await png(2, 1, 3, [1, 2, 3, 4, 5, 6]), /batch\.png.*2 x 2.*png of 2 x 1/);
  await refused(await png(2, 2, 4, new Array(16).fill(7)), /with 4 channels/);
  await refused(await png(300, 300, 3, new Array(270000).fill(0)), /batch\.png/);
  await refused(
    await sharp(await png(2, 2, 3, new Array(12).fill(7)))
      .jpeg()
      .toBuffer(),
    /found 'jpeg/,
  );
  await refused((await png(2, 2, 3, [1, 9, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).subarray(0, 60), /batch\.png/);
  await refused(Uint8Array.of(1, 2, 3), /batch\.png/);
});

test('labels are a JSON list of so many classes from 0 to 9', () => {
  assert.deepEqual([...decodeLabels('[6, 9, 0]', 'l', 3)], [6, 9, 0]);
  const refused = (json: string, message: RegExp): void =>
    assert.throws(() => decodeLabels(json, 'labels.json', 2), { name: 'UserError', message });
  refused('[1,', /labels\.json.*expected JSON/);
  refused('{"0":1}', /a list of 2 classes, found 'object'/);
  refused('[1]', /found '1 entries'/);
  refused('[1, 10]', /label 1 of 'labels\.json'.*found 10/);
  refused('[1, 0.5]', /found 0\.5/);
  refused('["1", 2]', /label 0/);
});
