/** Scenes, from a small data set in place of MNIST; the real one is in realData.test.ts. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { UserError } from '../../../src/check.js';
import { readDetectionFolder } from '../../../src/dataset/coco/readDetectionFolder.js';
import { runLengthArea, runLengthBox, toPixels } from '../../../src/dataset/coco/runLength.js';
import { writeCoco } from '../../../src/dataset/coco/writeCoco.js';
import type { Dataset } from '../../../src/dataset/dataset.js';
import { classShares, makeScenes } from '../../../src/dataset/scenes/makeScenes.js';
import { sceneAreas } from '../../../src/dataset/scenes/sceneLimits.js';
import { makeSprite } from '../../../src/dataset/scenes/sprite.js';

/** Rings, bars and crosses of 28 x 28: with MNIST's shape, ink and dark ground. */
function shapes(): Dataset {
  const draw = (kind: number): Uint8Array =>
    Uint8Array.from({ length: 784 }, (_, i) => {
      const [x, y] = [(i % 28) - 13.5, Math.floor(i / 28) - 13.5];
      const [r, cross] = [Math.hypot(x, y), Math.min(Math.abs(x), Math.abs(y))];
      return [r > 6 && r < 10, Math.abs(x) < 2 && Math.abs(y) < 10, cross < 1.6 && r < 10][kind] ? 255 : 0;
    });
  const part = { pixels: Uint8Array.from([0, 1, 2].flatMap((kind) => [...draw(kind)])), labels: Uint8Array.of(0, 1, 2), count: 3 };
  return {
    name: 'shapes',
    shape: [28, 28, 1],
    classes: ['ring', 'bar', 'cross'],
    mean: [0],
    std: [1],
    train: part,
    validation: part,
    test: part,
  };
}

const source = shapes();
const scenes = makeScenes(source, { count: 150, size: 64, imbalance: 8 });

test('the same seed gives the same bits, another seed or split other ones; a scene does not depend on the count', () => {
  assert.deepEqual(makeScenes(source, { count: 150, size: 64, imbalance: 8 }), scenes);
  const few = makeScenes(source, { count: 5, size: 64, imbalance: 8 });
  assert.deepEqual(few.images, scenes.images.slice(0, 5));
  assert.deepEqual(few.annotations, scenes.annotations.slice(0, few.annotations.length));
  for (const other of [{ seed: 1 }, { split: 'test' as const }]) {
    assert.notDeepEqual(makeScenes(source, { count: 1, size: 64, ...other }).images[0]?.pixels, scenes.images[0]?.pixels);
  }
});

test('boxes and areas are those of the masks, at least half of each object is visible, no two masks share a pixel', () => {
  for (const { id, width, height } of scenes.images) {
    const taken = new Uint8Array(width * height);
    for (const { image, mask, box, area, crowd } of scenes.annotations) {
      if (image !== id || mask === undefined) continue;
      assert.deepEqual(box, runLengthBox(mask));
      assert.equal(area, runLengthArea(mask));
      assert.ok(area > 0);
      toPixels(mask).forEach((inside, i) => {
        if (inside === 0 || crowd) return;
        assert.equal(taken[i], 0, `pixel ${i} of image ${id} belongs to two objects`);
        taken[i] = 1;
      });
    }
  }
});

test('all three sizes, hidden keypoints and crowds occur', () => {
  const objects = scenes.annotations.filter(({ crowd }) => !crowd);
  for (const { least, most } of sceneAreas(64).slice(1)) {
    const share = objects.filter(({ area }) => area > least && area <= most).length / objects.length;
    assert.ok(share > 0.1 && share < 0.65, `${share} of the objects have ${least} to ${most} pixels`);
  }
  const seen = objects.flatMap(({ keypoints = [] }) => [...keypoints].filter((_, i) => i % 3 === 2));
  const hidden = seen.filter((value) => value === 1).length / seen.length;
  assert.ok(hidden > 0.02 && hidden < 0.3, `${hidden} are hidden`);
  assert.ok(seen.every((value) => value === 1 || value === 2));
  const crowds = scenes.annotations.filter(({ crowd }) => crowd);
  assert.ok(crowds.length > 0 && crowds.length < 25);
  assert.ok(crowds.every(({ keypoints }) => keypoints?.every((value) => value === 0)));
});

test('without anything hidden, keypoints are the outermost points of the mask and its centre', () => {
  const alone = makeScenes(source, { count: 30, size: 64, objects: 1, occluded: 0, crowded: 0 });
  for (const { keypoints = new Float64Array(0), box, mask } of alone.annotations) {
    const at = (k: number): [number, number] => [keypoints[3 * k] as number, keypoints[3 * k + 1] as number];
    assert.deepEqual([at(0)[1], at(1)[1], at(2)[0], at(3)[0]], [box[1] + 0.5, box[1] + box[3] - 0.5, box[0] + 0.5, box[0] + box[2] - 0.5]);
    const pixels = toPixels(mask as NonNullable<typeof mask>);
    for (const k of [0, 1, 2, 3]) assert.equal(pixels[Math.floor(at(k)[1]) * 64 + Math.floor(at(k)[0])], 1);
    assert.ok([...keypoints].every((value, i) => i % 3 !== 2 || value === 2));
  }
});

test('classes are long-tailed in an order drawn by seed', () => {
  const shares = classShares(3, 8, 0);
  const counts = scenes.categories.map(({ id }) => scenes.annotations.filter(({ category }) => category === id).length);
  const order = (values: ArrayLike<number>): number[] => [0, 1, 2].sort((a, b) => (values[a] as number) - (values[b] as number));
  assert.deepEqual(order(counts), order(shares));
  assert.ok(Math.max(...counts) > 3 * Math.min(...counts));
  assert.notDeepEqual(
    [1, 2, 3, 4, 5].map((seed) => order(classShares(3, 8, seed)).join()),
    new Array(5).fill(order(shares).join()),
  );
});

test('a sprite has about the asked area and never more than the asked side', () => {
  const ring = source.train.pixels.subarray(0, 784);
  for (const area of [40, 100, 400, 1500]) {
    const sprite = makeSprite(ring, 28, { area, longest: 200, angle: 0.2, opaque: 1 });
    assert.ok(Math.abs((sprite?.area ?? 0) / area - 1) < 0.15, `${sprite?.area} for ${area}`);
  }
  const limited = makeSprite(ring, 28, { area: 5000, longest: 30, angle: 0, opaque: 1 });
  assert.ok(limited !== undefined && Math.max(limited.width, limited.height) <= 30);
  assert.equal(makeSprite(new Uint8Array(784), 28, { area: 40, longest: 30, angle: 0, opaque: 1 }), undefined);
});

test('written as a COCO folder, scenes are read back bit for bit, and written again they are the same bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scenes-'));
  try {
    const few = makeScenes(source, { count: 4, size: 64, seed: 3 });
    await writeCoco(few, folder, 'train');
    assert.deepEqual({ ...(await readDetectionFolder(folder)), name: few.name }, few);
    await writeCoco(makeScenes(source, { count: 4, size: 64, seed: 3 }), join(folder, 'again'), 'train');
    for (const file of await readdir(join(folder, 'train'))) {
      assert.deepEqual(await readFile(join(folder, 'again', 'train', file)), await readFile(join(folder, 'train', file)));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('options out of range are refused', () => {
  for (const wrong of [
    { size: 63 },
    { size: 129 },
    { count: -1 },
    { objects: 0 },
    { imbalance: 0.5 },
    { occluded: 2 },
    { channels: 2 as 1 },
    { seed: -1 },
  ]) {
    assert.throws(() => makeScenes(source, { count: 1, ...wrong }), UserError, JSON.stringify(wrong));
  }
  assert.throws(() => makeScenes({ ...source, shape: [28, 28, 3] }, { count: 1 }), UserError);
});
