/** COCO's format: files as COCO has them, read and written, and files that somebody broke. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { UserError } from '../../../src/check.js';
import { parseResults, resultsJson } from '../../../src/dataset/coco/cocoResults.js';
import { parseCoco } from '../../../src/dataset/coco/parseCoco.js';
import { readCoco } from '../../../src/dataset/coco/readCoco.js';
import { readDetectionFolder } from '../../../src/dataset/coco/readDetectionFolder.js';
import { toPixels } from '../../../src/dataset/coco/runLength.js';
import { writeCoco } from '../../../src/dataset/coco/writeCoco.js';

/** The fields and forms of COCO 2017, on two images of 4 x 3 pixels. */
const file = {
  info: { description: 'COCO 2017 Dataset', url: 'http://cocodataset.org', version: '1.0', year: 2017, contributor: 'COCO Consortium' },
  licenses: [{ url: 'http://creativecommons.org/licenses/by/2.0/', id: 4, name: 'Attribution License' }],
  images: [
    {
      license: 4,
      file_name: '000000397133.jpg',
      coco_url: '',
      height: 3,
      width: 4,
      date_captured: '2013-11-14 17:02:52',
      flickr_url: '',
      id: 397133,
    },
    {
      license: 4,
      file_name: '000000000139.png',
      coco_url: '',
      height: 3,
      width: 4,
      date_captured: '2013-11-21 01:34:01',
      flickr_url: '',
      id: 139,
    },
  ],
  annotations: [
    { segmentation: [[1, 1, 3, 1, 3, 3, 1, 3]], area: 4, iscrowd: 0, image_id: 139, bbox: [1, 1, 2, 2], category_id: 44, id: 1768 },
    {
      segmentation: { counts: [4, 1, 7], size: [3, 4] },
      area: 1,
      iscrowd: 1,
      image_id: 139,
      bbox: [1, 1, 1, 1],
      category_id: 44,
      id: 900100,
    },
    {
      ...{
        segmentation: { counts: '417', size: [3, 4] },
        area: 1,
        iscrowd: 0,
        image_id: 397133,
        bbox: [1, 1, 1, 1],
        category_id: 1,
        id: 5,
      },
      ...{ keypoints: [1, 1, 2, 0, 0, 0], num_keypoints: 1 },
    },
  ],
  categories: [
    { supercategory: 'kitchen', id: 44, name: 'bottle' },
    { supercategory: 'person', id: 1, name: 'person', keypoints: ['nose', 'left_eye'], skeleton: [[1, 2]] },
  ],
};

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'coco-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Red and green halves, so that rows, columns and channels cannot be taken for one another. */
const pixels = Uint8Array.from({ length: 36 }, (_, i) => [(i / 3) % 4 < 2 ? 200 : 10, 100, Math.floor(i / 12) * 60][i % 3] as number);

async function writeFolder(folder: string): Promise<void> {
  await mkdir(join(folder, 'annotations'));
  await mkdir(join(folder, 'val2017'));
  await writeFile(join(folder, 'annotations', 'instances_val2017.json'), JSON.stringify(file));
  const image = sharp(pixels, { raw: { width: 4, height: 3, channels: 3 } });
  await image
    .clone()
    .png()
    .toFile(join(folder, 'val2017', '000000000139.png'));
  // A grey JPEG, as COCO has some.
  await image
    .clone()
    .greyscale()
    .jpeg({ quality: 100 })
    .toFile(join(folder, 'val2017', '000000397133.jpg'));
}

test('a COCO folder: polygons, runs, strings, crowds, keypoints, PNG and grey JPEG', () =>
  withFolder(async (folder) => {
    await writeFolder(folder);
    const data = await readDetectionFolder(folder);
    assert.deepEqual(
      data.images.map(({ id, width, height }) => [id, width, height]),
      [
        [139, 4, 3],
        [397133, 4, 3],
      ],
    );
    assert.deepEqual(data.images[0]?.pixels, pixels);
    assert.equal(data.images[1]?.pixels.length, 36);
    assert.deepEqual(data.categories[0], { id: 1, name: 'person', keypoints: ['nose', 'left_eye'], skeleton: [[0, 1]] });
    const [bottle, crowd, person] = data.annotations;
    assert.deepEqual([...toPixels(bottle?.mask as never)], [0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0]);
    assert.deepEqual([...toPixels(crowd?.mask as never)], [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
    assert.deepEqual(person?.mask, crowd?.mask);
    assert.deepEqual([bottle?.crowd, crowd?.crowd, bottle?.category, bottle?.box], [false, true, 44, [1, 1, 2, 2]]);
    assert.deepEqual(person?.keypoints, Float64Array.of(1, 1, 2, 0, 0, 0));
    const grey = await readDetectionFolder(folder, { channels: 1, limit: 1, split: 'val2017' });
    assert.equal(grey.images[0]?.pixels.length, 12);
    assert.deepEqual(
      grey.annotations.map(({ id }) => id),
      [1768, 900100],
    );
  }));

test('what is written is read back as it was', () =>
  withFolder(async (folder) => {
    await writeFolder(folder);
    const data = await readDetectionFolder(folder);
    const renamed = { ...data, images: data.images.map((image) => ({ ...image, file: `${image.id}.png` })) };
    const written = await writeCoco(renamed, join(folder, 'again'), 'train');
    const back = await readDetectionFolder(join(folder, 'again'));
    assert.deepEqual({ ...back, name: data.name }, renamed);
    const bytes = await readFile(written);
    await writeCoco(renamed, join(folder, 'again'), 'train');
    assert.deepEqual(await readFile(written), bytes);
    await assert.rejects(writeCoco(renamed, folder, '../out'), UserError);
  }));

test('folders that are not whole are refused with what is missing', () =>
  withFolder(async (folder) => {
    const refused = (options: Parameters<typeof readDetectionFolder>[1], words: RegExp): Promise<void> =>
      assert.rejects(readDetectionFolder(folder, options), (error) => error instanceof UserError && words.test(error.message));
    await refused({}, /annotations\/instances_SPLIT.json/);
    await writeFolder(folder);
    await refused({ split: 'val2014' }, /Did you mean 'val2017'/);
    await rm(join(folder, 'val2017', '000000000139.png'));
    await refused({}, /missing image '.*000000000139\.png'/);
    const larger = sharp({ create: { width: 5, height: 3, channels: 3, background: 'red' } });
    await larger
      .clone()
      .png()
      .toFile(join(folder, 'val2017', '000000000139.png'));
    await refused({}, /3 x 4 \(height x width\) as annotated, found 3 x 5/);
    await writeFile(join(folder, 'val2017', '000000000139.png'), 'GIF89a');
    await refused({}, /a whole JPEG or PNG/);
    const whole = await larger.clone().jpeg().toBuffer();
    await writeFile(join(folder, 'val2017', '000000000139.png'), whole.subarray(0, whole.length - 20));
    await refused({}, /a whole JPEG or PNG/);
    const elsewhere = { ...file, images: file.images.map((image) => ({ ...image, file_name: '../annotations/instances_val2017.json' })) };
    await writeFile(join(folder, 'annotations', 'instances_val2017.json'), JSON.stringify(elsewhere));
    await refused({}, /name of an image/);
    await assert.rejects(readCoco(join(folder, 'none.json')), /missing annotations/);
  }));

type Broken = { [K in keyof typeof file]: unknown };
const pose = (value: typeof file): number[] => (value.annotations[2] as { keypoints?: number[] }).keypoints ?? [];
const broken: [string, (value: Broken & typeof file) => void, RegExp][] = [
  ['no images', (f) => delete (f as Partial<Broken>).images, /images in 'x.json': expected a list/],
  ['annotations that are no list', (f) => Object.assign(f, { annotations: {} }), /annotations in 'x.json'/],
  ['a box of three', (f) => f.annotations[0]?.bbox.pop(), /'bbox(\.3)?' of annotation 1768 in 'x.json'/],
  [
    'a box that is a word',
    (f) => Object.assign(f.annotations[0] ?? {}, { bbox: 'all' }),
    /'bbox' of annotation 1768 in 'x.json'.*found 'all'/,
  ],
  ['a negative side', (f) => Object.assign(f.annotations[0] ?? {}, { bbox: [1, 1, -2, 2] }), /'bbox.2' of annotation 1768.*found -2/],
  ['an infinite number', (f) => Object.assign(f.annotations[0] ?? {}, { area: Number.NaN }), /'area' of annotation 1768/],
  ['an unknown image', (f) => Object.assign(f.annotations[0] ?? {}, { image_id: 7 }), /image 7, which 'image_id' of annotation 1768/],
  ['an unknown category', (f) => Object.assign(f.annotations[0] ?? {}, { category_id: 7 }), /category 7, which annotation 1768/],
  ['two of one id', (f) => Object.assign(f.annotations[0] ?? {}, { id: 5 }), /id of annotation 5 in 'x.json'.*no other annotation/],
  ['two images of one id', (f) => Object.assign(f.images[0] ?? {}, { id: 139 }), /id of image 139/],
  ['an entry that is null', (f) => Object.assign(f.annotations, [null]), /annotation number 1, which has no id/],
  [
    'odd coordinates',
    (f) => Object.assign(f.annotations[0] ?? {}, { segmentation: [[1, 1, 2, 2, 3]] }),
    /polygon 0 of 'segmentation' of annotation 1768/,
  ],
  [
    'runs of another image',
    (f) => Object.assign(f.annotations[1]?.segmentation ?? {}, { size: [4, 3] }),
    /'segmentation' of annotation 900100.*3 x 4/,
  ],
  [
    'runs that are too short',
    (f) => Object.assign(f.annotations[1]?.segmentation ?? {}, { counts: [1, 2] }),
    /annotation 900100.*add up to 3 \* 4 = 12, found 3/,
  ],
  [
    'a string that is none',
    (f) => Object.assign(f.annotations[2]?.segmentation ?? {}, { counts: '4\u00e97' }),
    /'segmentation' of annotation 5/,
  ],
  ['keypoints of another count', (f) => pose(f).pop(), /'keypoints' of annotation 5 in 'x.json'.*2 keypoints.*found 5/],
  ['an unknown visibility', (f) => Object.assign(pose(f), { 2: 3 }), /visibility of keypoint 'nose' of annotation 5/],
  ['a skeleton beyond the keypoints', (f) => Object.assign(f.categories[1] ?? {}, { skeleton: [[1, 3]] }), /skeleton of category 1/],
  [
    'a box too large to be meant',
    (f) => Object.assign(f.annotations[0] ?? {}, { bbox: [0, 0, 1e308, 2] }),
    /'bbox.2' of annotation 1768.*100000/,
  ],
  ['a box too far out', (f) => Object.assign(f.annotations[0] ?? {}, { bbox: [-1e9, 0, 2, 2] }), /'bbox.0' of annotation 1768.*100000/],
  ['an area of no image', (f) => Object.assign(f.annotations[0] ?? {}, { area: 1e300 }), /'area' of annotation 1768/],
  [
    'a mask that is nothing',
    (f) => Object.assign(f.annotations[0] ?? {}, { segmentation: null }),
    /'segmentation' of annotation 1768.*expected polygons/,
  ],
  [
    'a crowd of two',
    (f) => Object.assign(f.annotations[0] ?? {}, { iscrowd: 2 }),
    /'iscrowd' of annotation 1768.*expected 0 or 1, found 2/,
  ],
  ['an image without size', (f) => Object.assign(f.images[0] ?? {}, { width: 0 }), /'width' of image 397133/],
  ['a huge image', (f) => Object.assign(f.images[0] ?? {}, { width: 1e9 }), /'width' of image 397133/],
];

for (const [name, change, words] of broken) {
  test(`refused: ${name}`, () => {
    const value = structuredClone(file) as Broken & typeof file;
    change(value);
    assert.throws(
      () => parseCoco(JSON.stringify(value), 'x.json'),
      (error) => error instanceof UserError && words.test(error.message),
      `${words}`,
    );
  });
}

test('a file that an editor marked as UTF-8 is read all the same', () => {
  assert.deepEqual(parseCoco(`\uFEFF${JSON.stringify(file)}`, 'x.json'), parseCoco(JSON.stringify(file), 'x.json'));
});

test('refused: what is not JSON, or not an object', () => {
  assert.throws(() => parseCoco('{"images": [', 'x.json'), /'x.json' is not JSON/);
  assert.throws(() => parseCoco('[]', 'x.json'), /'x.json'/);
});

test('results are read and written, one kind at a time', () => {
  const data = parseCoco(JSON.stringify(file), 'x.json');
  const results = [
    { image_id: 139, category_id: 44, score: 0.5, segmentation: { size: [3, 4], counts: '417' } },
    { image_id: 397133, category_id: 1, score: 0.25, keypoints: [1, 2, 1, 3, 2, 1] },
    { image_id: 139, category_id: 44, score: 0.75, bbox: [0, 1, 2, 1] },
  ];
  const [masked, posed, boxed] = parseResults(JSON.stringify(results), data, 'results.json');
  assert.deepEqual([masked?.box, masked?.area], [[1, 1, 1, 1], 1]);
  assert.deepEqual([posed?.box, posed?.area], [[1, 2, 2, 0], 0]);
  assert.deepEqual(boxed?.box, [0, 1, 2, 1]);
  assert.deepEqual(resultsJson([masked as never], 'segmentation'), [results[0]]);
  assert.deepEqual(resultsJson([posed as never], 'keypoints'), [results[1]]);
  assert.deepEqual(resultsJson([boxed as never]), [results[2]]);
  assert.throws(
    () => parseResults('[{"image_id": 1, "category_id": 1, "score": 1, "bbox": [0,0,1,1]}]', data, 'r.json'),
    /image 1, which result 0 in 'r.json'/,
  );
  assert.throws(() => parseResults('[{"image_id": 139, "category_id": 1, "score": 1}]', data, 'r.json'), /place of result 0/);
  assert.throws(() => parseResults('[{"image_id": 139, "category_id": 1}]', data, 'r.json'), /'score' of result number 1/);
});
