/** Folders of a user's own: COCO and VOC as they are, split and not, and folders that are not whole. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { UserError } from '../../src/check.js';
import { runLengthBox, toPixels } from '../../src/dataset/coco/runLength.js';
import { imageSet } from '../../src/recognition/detectionSet.js';
import { detectorTargets } from '../../src/recognition/detectorTargets.js';
import { readDetectionSet } from '../../src/recognition/readDetectionSet.js';
import { writeSmallCoco, writeSmallVoc } from '../fixtures/coco/smallFolder.js';

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'folder-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const options = { size: 64, train: 100, validation: 20, test: 40 };
const counts = (set: Awaited<ReturnType<typeof readDetectionSet>>): number[] =>
  [set.train, set.validation, set.test].map(({ images }) => images.length);

test('COCO: train2017 and val2017; masks lie on the bright pixels of their square, ready to be learned', () =>
  withFolder(async (folder) => {
    await writeSmallCoco(folder, { train2017: 20, val2017: 6 });
    const set = await readDetectionSet(folder, options);
    assert.deepEqual(counts(set), [18, 2, 6]);
    assert.deepEqual(counts(await readDetectionSet(folder, { ...options, train: 5, validation: 3, test: 4 })), [5, 3, 4]);
    const pixels = new Map(set.train.images.map((image) => [image.id, image.pixels]));
    for (const { image, mask, box, category } of set.train.annotations) {
      const inside = toPixels(mask as never);
      // Each channel's mean over the mask's own pixels: red persons, green bottles.
      const sums = [0, 0, 0];
      let n = 0;
      inside.forEach((one, i) => {
        if (!one) return;
        n++;
        for (let c = 0; c < 3; c++) sums[c] = (sums[c] as number) + ((pixels.get(image) as Uint8Array)[3 * i + c] as number);
      });
      const [red, green] = [(sums[0] as number) / n, (sums[1] as number) / n];
      assert.ok(category === 1 ? red > 150 && green < 120 : green > 150 && red < 120, `${category}: ${red} ${green}`);
      runLengthBox(mask as never).forEach((value, i) => assert.ok(Math.abs(value - (box[i] as number)) <= 1, `${value} for ${box[i]}`));
    }
    const images = imageSet('folder', set);
    assert.deepEqual(images.shape, [64, 64, 3]);
    const { objects } = detectorTargets(set, 4, 2);
    assert.deepEqual(objects.shape, [26, 2, 11]);
  }));

test('VOC: its lists; one list or none is shared out 7 : 1 : 2', () =>
  withFolder(async (folder) => {
    await writeSmallVoc(folder, { train: 8, val: 4, test: 6 });
    const set = await readDetectionSet(folder, options);
    assert.deepEqual(counts(set), [8, 4, 6]);
    assert.ok(set.train.annotations.some(({ ignore }) => ignore));
    const [dog] = set.train.annotations;
    // 90 x 60 in 64: scale 64 / 90, 43 rows of 64, from row 10; corners counted from 1.
    assert.deepEqual(
      dog?.box.map((v) => Number(v.toFixed(3))),
      [2, 3, 12, 9].map((v, i) => Number((v * (i % 2 ? 43 / 60 : 64 / 90) + (i === 1 ? 10 : 0)).toFixed(3))),
    );
    await writeSmallCoco(join(folder, 'coco'), { all: 20 });
    const one = await readDetectionSet(join(folder, 'coco'), options);
    assert.deepEqual(counts(one), [14, 2, 4]);
    const ids = [one.train, one.validation, one.test].flatMap(({ images }) => images.map(({ id }) => id));
    assert.equal(new Set(ids).size, 20);
  }));

test('what is wrong is named: no folder, a missing image, a broken file, no categories, no object', () =>
  withFolder(async (folder) => {
    const refused = (words: RegExp): Promise<void> =>
      assert.rejects(readDetectionSet(folder, options), (error) => error instanceof UserError && words.test(error.message));
    await refused(/annotations\/instances_SPLIT\.json/);
    await writeSmallCoco(folder, { train: 4, val: 3 });
    const file = join(folder, 'annotations', 'instances_val.json');
    const whole = await readFile(file, 'utf8');
    const broken = (change: (value: Record<string, never[]>) => void): Promise<void> => {
      const value = JSON.parse(whole) as Record<string, never[]>;
      change(value);
      return writeFile(file, JSON.stringify(value));
    };
    await writeFile(file, whole.slice(0, 200));
    await refused(/instances_val\.json' is not JSON/);
    await broken((value) => Object.assign(value, { annotations: [] }));
    await refused(/objects in the test part/);
    await broken((value) => Object.assign(value, { images: [], annotations: [] }));
    await refused(/images for the test part/);
    await broken((value) => Object.assign(value['categories']?.[0] ?? {}, { name: 'man' }));
    await refused(/categories of the test part.*1 person, 44 bottle.*1 man/s);
    await broken((value) => Object.assign(value, { categories: [], annotations: [] }));
    const training = join(folder, 'annotations', 'instances_train.json');
    const before = await readFile(training, 'utf8');
    await writeFile(training, JSON.stringify({ ...JSON.parse(before), categories: [], annotations: [] }));
    await refused(/categories in '.*': expected at least one/);
    await writeFile(training, before);
    await writeFile(file, whole);
    await unlink(join(folder, 'train', '000000001007.png'));
    await refused(/missing image '.*000000001007\.png'/);
  }));
