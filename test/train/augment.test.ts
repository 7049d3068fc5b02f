/** Augmentations pixel by pixel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { augmentations } from '../../src/train/augment.js';
import { statelessUniform } from '../../src/train/noise.js';

await openTensorflow();
const [BATCH, HEIGHT, WIDTH, CHANNELS] = [600, 6, 5, 2];

/** Every pixel of every image has a value of its own, none is 0. */
const images = tf.reshape(tf.add(tf.range(0, BATCH * HEIGHT * WIDTH * CHANNELS), 1), [BATCH, HEIGHT, WIDTH, CHANNELS]) as Tensor4D;

function cropFlip(seed: number, step: number): Float32Array {
  let draw = 0;
  const noise = (shape: readonly number[]) => statelessUniform(shape, tf.tensor1d([seed, step], 'int32'), draw++);
  return augmentations.cropFlip(images, noise).dataSync() as Float32Array;
}

/** Value of image b in its frame of four zeros, at row y and column x of the frame. */
function framed(b: number, y: number, x: number, channel: number): number {
  const inside = y >= 4 && y < HEIGHT + 4 && x >= 4 && x < WIDTH + 4;
  return inside ? ((b * HEIGHT + y - 4) * WIDTH + x - 4) * CHANNELS + channel + 1 : 0;
}

/** Whether image b of the output is the window at (top, left), mirrored or not. */
function isWindow(output: Float32Array, b: number, top: number, left: number, mirrored: boolean): boolean {
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const column = mirrored ? WIDTH - 1 - x : x;
      for (let c = 0; c < CHANNELS; c++) {
        if (output[((b * HEIGHT + y) * WIDTH + x) * CHANNELS + c] !== framed(b, top + y, left + column, c)) return false;
      }
    }
  }
  return true;
}

test('cropFlip: each image is a window of its frame, half are mirrored, all places occur alike', () => {
  const output = cropFlip(3, 0);
  const rows = new Array<number>(9).fill(0);
  const columns = new Array<number>(9).fill(0);
  let mirrored = 0;
  for (let b = 0; b < BATCH; b++) {
    const found = [];
    for (let place = 0; place < 162; place++) {
      const [top, left, flip] = [Math.floor(place / 18), Math.floor(place / 2) % 9, place % 2 === 1];
      if (isWindow(output, b, top, left, flip)) found.push([top, left, Number(flip)] as const);
    }
    assert.equal(found.length, 1, `image ${b} fits ${found.length} windows`);
    const [top, left, flip] = found[0] as [number, number, number];
    rows[top] = (rows[top] as number) + 1;
    columns[left] = (columns[left] as number) + 1;
    mirrored += flip;
  }
  // Binomial: within four standard deviations, sqrt(600 / 4) = 12.2 and sqrt(600 8 / 81) = 7.7.
  assert.ok(Math.abs(mirrored - 300) < 49, `${mirrored} mirrored`);
  for (const count of [...rows, ...columns]) assert.ok(Math.abs(count - 600 / 9) < 31, `rows ${rows}, columns ${columns}`);
});

test('cropFlip is a function of seed and step', () => {
  assert.deepEqual(cropFlip(3, 5), cropFlip(3, 5));
  assert.notDeepEqual(cropFlip(3, 5), cropFlip(3, 6));
  assert.notDeepEqual(cropFlip(3, 5), cropFlip(4, 5));
});

test('none passes the images on', () => assert.equal(augmentations.none(images), images));
