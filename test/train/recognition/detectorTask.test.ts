/** The loss of a detector: values worked out by hand, both engines alike, and a small one that learns its images. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstDifference } from '../../../src/array.js';
import { batches } from '../../../src/dataset/batches.js';
import { denseMask } from '../../../src/mask.js';
import { DETECTOR_STRIDE, type DetectorOptions, detector, detectorOutputs } from '../../../src/model/families/detector.js';
import { initialise } from '../../../src/model/initialise.js';
import { prunable } from '../../../src/model/shapes.js';
import { openTensorflow, tf } from '../../../src/model/tensorflow.js';
import { decodeDetections } from '../../../src/recognition/decodeDetections.js';
import { detectorTargets } from '../../../src/recognition/detectorTargets.js';
import { imageSet } from '../../../src/recognition/detectionSet.js';
import { boxIou } from '../../../src/dataset/coco/overlap.js';
import { pick } from '../../../src/array.js';
import { DETECTOR_LOSS_WEIGHTS, detectorTask } from '../../../src/train/recognition/detectorTask.js';
import { openTaskTrainer, type Trainer } from '../../../src/train/trainer.js';
import { rectangleSet, SIDE } from '../../recognition/detectorFixture.js';

const backend = await openTensorflow();

const options: DetectorOptions = { width: 4, categories: 2, prototypes: 3, keypoints: 2 };
const set = rectangleSet(24, 8);
const images = imageSet('rectangles', set);
const targets = detectorTargets(set, DETECTOR_STRIDE, 2);
const task = (weights: Partial<typeof DETECTOR_LOSS_WEIGHTS> = {}) =>
  detectorTask({ images, outputs: options, targets, weights: { ...DETECTOR_LOSS_WEIGHTS, ...weights }, grade: () => 0 });
const only = (part: keyof typeof DETECTOR_LOSS_WEIGHTS) => task({ classes: 0, boxes: 0, masks: 0, keypoints: 0, [part]: 1 });

/** One image of 8 x 8 places with one object of category 1 over the pixels 8 to 16 by 12 to 16: middle place (3, 3). */
const PLACES = (SIDE / DETECTOR_STRIDE) ** 2;
const MIDDLE = 3 * 8 + 3;
const channels = detectorOutputs(options);
const width = channels.keypoints[0] + channels.keypoints[1];
const object = [1, 12, 14, 8, 4, 8, 12, 2, 16, 16, 0];
const given = (values: readonly number[][]) => {
  const count = targets.objects.shape[1] as number;
  const rows = Array.from({ length: count }, (_, i) => values[i] ?? [-1, ...new Array(10).fill(0)]);
  const mask = Uint8Array.from({ length: PLACES }, (_, p) => (Math.floor(p / 8) === 3 && [2, 3].includes(p % 8) ? 255 : 0));
  const masks = Array.from({ length: count }, (_, i) => (i < values.length ? [...mask] : new Array(PLACES).fill(0)));
  return { objects: tf.tensor3d([rows]), masks: tf.tensor3d([masks]) };
};
const outputs = (set: (write: (place: number, channel: number, value: number) => void) => void) => {
  const raw = new Float32Array(PLACES * width);
  set((place, channel, value) => {
    raw[place * width + channel] = value;
  });
  return tf.tensor4d(raw, [1, 8, 8, width]);
};
const lossOf = (of: ReturnType<typeof task>, raw: ReturnType<typeof outputs>, values = [object]) =>
  (of.measure(raw, given(values)).loss.dataSync() as Float32Array)[0] as number;
const near = (found: number, expected: number, within = 1e-5) =>
  assert.ok(Math.abs(found - expected) < within, `${found}, expected ${expected}`);

test('classes: log 2 / 4 for each place and class at logit 0, a peak counts alike, neighbours less', () => {
  // (1 - p)^2 or p^2 is 1/4 and -log(1/2) = log 2; the deviation is half a place on both axes (a sixth of the sides is less).
  let expected = 0;
  for (let place = 0; place < PLACES; place++) {
    const squared = ((place % 8) - 3) ** 2 + (Math.floor(place / 8) - 3) ** 2;
    const y = Math.exp(-0.5 * (squared / 0.25));
    expected += (Math.log(2) / 4) * (1 + (place === MIDDLE ? 1 : (1 - y) ** 4));
  }
  near(
    lossOf(
      only('classes'),
      outputs(() => {}),
    ),
    expected,
    1e-4,
  );
  // Without objects the sum is over all places and not divided.
  near(
    lossOf(
      only('classes'),
      outputs(() => {}),
      [],
    ),
    (Math.log(2) / 4) * 2 * PLACES,
    1e-4,
  );
});

test('boxes: 1 - GIoU at the middle place, 0 for the true sides', () => {
  // Middle place (3, 3) has its own middle at pixels (14, 14): distances 6, 2, 2, 2 pixels.
  const sides = (list: number[]) =>
    outputs((write) => list.forEach((pixels, i) => write(MIDDLE, channels.boxes[0] + i, Math.log(pixels / DETECTOR_STRIDE))));
  const exact = lossOf(only('boxes'), sides([6, 2, 2, 2]));
  // Other places inside the box weigh exp(-2) and say sides of one place: their share stays.
  const neighbour = Math.exp(-2);
  // Place (2, 3): middle (10, 14), said [6, 10, 14, 18] against [8, 12, 16, 16]: shared 24, union 64 + 32 - 24, around [6, 10, 16, 18].
  const giou = 24 / 72 - (80 - 72) / 80;
  near(exact, (neighbour * (1 - giou)) / (1 + neighbour), 1e-4);
  // Twice as wide to the right: [8, 12, 18, 16] against [8, 12, 16, 16] is 32 / 40 in and around.
  near(lossOf(only('boxes'), sides([6, 2, 4, 2])), (0.2 + neighbour * (1 - giou)) / (1 + neighbour), 1e-4);
});

test('masks: cross-entropy of the mixture inside the box and one place around it', () => {
  near(
    lossOf(
      only('masks'),
      outputs(() => {}),
    ),
    Math.log(2),
    1e-5,
  );
  const right = outputs((write) => {
    write(MIDDLE, channels.coefficients[0], 20);
    for (let place = 0; place < PLACES; place++)
      write(place, channels.prototypes[0], Math.floor(place / 8) === 3 && [2, 3].includes(place % 8) ? 15 : -15);
  });
  near(lossOf(only('masks'), right), 0, 1e-5);
});

test('keypoints: distance of the labelled ones over the square root of the area', () => {
  // From the middle (3.5, 3.5) in places the first keypoint lies at (2, 3): 1.5 + 0.5 over sqrt(2 x 1) places, mean of x and y.
  near(
    lossOf(
      only('keypoints'),
      outputs(() => {}),
    ),
    (1.5 + 0.5) / Math.SQRT2 / 2,
  );
  const exact = outputs((write) => [-1.5, -0.5, 7, 7].forEach((v, i) => write(MIDDLE, channels.keypoints[0] + i, v)));
  near(lossOf(only('keypoints'), exact), 0);
});

test('gradients by finite differences, where the loss is smooth', () => {
  const whole = task();
  const raw = outputs((write) => {
    for (let place = 0; place < PLACES; place++) for (let c = 0; c < width; c++) write(place, c, Math.sin(0.71 * place + 1.37 * c) * 0.9);
  });
  const truth = given([object]);
  const gradient = tf
    .grad((x) => whole.loss(x, truth))(raw)
    .dataSync();
  const values = raw.dataSync();
  const at = (i: number, step: number): number => {
    const moved = Float32Array.from(values);
    moved[i] = (moved[i] as number) + step;
    return whole.loss(tf.tensor4d(moved, [1, 8, 8, width]), truth).dataSync()[0] as number;
  };
  for (const place of [MIDDLE, MIDDLE - 1, 0]) {
    for (let c = 0; c < width; c++) {
      const i = place * width + c;
      const expected = (at(i, 1e-2) - at(i, -1e-2)) / 2e-2;
      assert.ok(
        Math.abs((gradient[i] as number) - expected) < 2e-3 + 0.02 * Math.abs(expected),
        `channel ${c} of place ${place}: ${gradient[i]}, ${expected}`,
      );
    }
  }
});

const open = (engine: 'auto' | 'eager' | 'compiled', grade: Parameters<typeof detectorTask>[0]['grade'] = () => 0): Promise<Trainer> =>
  openTaskTrainer({
    architecture: detector('detector-4', images.shape, options),
    images,
    task: detectorTask({ images, outputs: options, targets, grade }),
    optimizer: { name: 'adam' },
    batchSize: 8,
    engine,
  });
const order = batches({ count: images.train.count, batchSize: 8, seed: 3 });
const start = (trainer: Trainer): void => {
  const weights = initialise(trainer.architecture, 5, 'heNormal');
  const names = prunable(trainer.architecture).map((p) => p.name);
  trainer.load(denseMask(pick(weights, names)), weights);
};

test('a step compiled equals a step operation by operation', async () => {
  assert.equal(backend, 'tensorflow', 'the native backend is part of the set-up');
  const [compiled, eager] = [await open('compiled'), await open('eager')];
  for (const trainer of [compiled, eager]) start(trainer);
  for (let step = 0; step < 12; step++) {
    const update = [{ indices: order.indices(step).slice(), learningRate: 0.002, step, seed: 1 }];
    const [a, b] = [compiled.update(update)[0] as number, eager.update(update)[0] as number];
    assert.ok(Math.abs(a - b) < 1e-4 * Math.abs(b), `step ${step}: ${a} and ${b}`);
  }
  assert.ok(Math.abs(compiled.evaluate('test').loss - eager.evaluate('test').loss) < 1e-2);
  for (const trainer of [compiled, eager]) trainer.close();
});

test('a small detector finds the rectangles of its training images; the score is what grade says', async () => {
  let found = 0;
  const trainer = await open('auto', (outputs, split, count) => {
    const each = outputs.length / count;
    let right = 0;
    let all = 0;
    set[split].images.slice(0, count).forEach((image, i) => {
      const options = { channels, categories: set.train.categories, stride: DETECTOR_STRIDE, minimum: 0.3 };
      const said = decodeDetections(outputs.subarray(i * each, (i + 1) * each), image, options);
      for (const truth of set[split].annotations.filter((a) => a.image === image.id)) {
        all++;
        if (said.some((d) => d.category === truth.category && boxIou(d.box, truth.box) > 0.5)) right++;
      }
    });
    found = right / all;
    return found;
  });
  start(trainer);
  const before = trainer.evaluate('train').loss;
  for (let step = 0; step < 240; step++) trainer.update([{ indices: order.indices(step).slice(), learningRate: 0.004, step, seed: 1 }]);
  const after = trainer.evaluate('train');
  assert.ok(after.loss < before / 3, `${before}, then ${after.loss}`);
  assert.equal(after.accuracy, found);
  assert.ok(found > 0.8, `${found} of the objects found`);
  trainer.close();
});

test('outputs that do not fit, and a loss of nothing, are named', async () => {
  const other = detector('d', images.shape, { ...options, keypoints: 3 });
  const opened = openTaskTrainer({ architecture: other, images, task: task(), optimizer: { name: 'sgd' }, batchSize: 8 });
  await assert.rejects(opened, /output of 'd'.*\[8,8,16\].*\[8,8,18\]/);
  assert.throws(() => only('nothing' as never), /no loss/);
});

test('the same steps give the same bits', async () => {
  const states = [];
  for (let i = 0; i < 2; i++) {
    const trainer = await open('auto');
    start(trainer);
    for (let step = 0; step < 3; step++) trainer.update([{ indices: order.indices(step).slice(), learningRate: 0.01, step, seed: 1 }]);
    states.push(trainer.state());
    trainer.close();
  }
  assert.equal(firstDifference(states[0]?.weights ?? {}, states[1]?.weights ?? {}), undefined);
});
