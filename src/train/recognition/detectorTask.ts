/** What a detector learns: classes, boxes, instance masks and keypoints of the objects in its images. */
import type { Tensor } from '@tensorflow/tfjs';
import { mismatched, UserError } from '../../check.js';
import type { ImageSet, Split } from '../../dataset/dataset.js';
import { DETECTOR_STRIDE, type DetectorOptions, detectorOutputs } from '../../model/families/detector.js';
import { outputShape } from '../../model/shapes.js';
import { tf } from '../../model/tensorflow.js';
import type { DetectorTargets } from '../../recognition/detectorTargets.js';
import type { Targets, Task } from '../task.js';

/** Weights of the parts of the loss; 0 leaves a part out. */
export interface DetectorLossWeights {
  readonly classes: number;
  readonly boxes: number;
  readonly masks: number;
  readonly keypoints: number;
}

export const DETECTOR_LOSS_WEIGHTS: DetectorLossWeights = { classes: 2, boxes: 2, masks: 1, keypoints: 1 };

export interface DetectorTaskOptions {
  readonly images: ImageSet;
  readonly outputs: DetectorOptions;
  readonly targets: DetectorTargets;
  readonly weights?: DetectorLossWeights;
  /** The score of a part, in [0, 1], from the outputs of its first `count` images: [count, places, channels]. */
  readonly grade: (outputs: Float32Array, split: Split, count: number) => number;
}

/**
 * The loss of an image is the sum, weighted, of
 * - classes: focal loss against Gaussian peaks at the middle of each object, -(1 - p)^2 log p at a peak and -(1 - y)^4 p^2 log(1 - p)
 *   elsewhere, over the number of objects (Zhou et al. 2019, arXiv:1904.07850); the deviations are a sixth of width and height, half a
 *   place at least (apart for the two sides, as in Liu et al. 2020, arXiv:1909.00700);
 * - boxes: 1 - GIoU of the box said at each place near the middle of an object, weighted by its Gaussian (Rezatofighi et al. 2019,
 *   arXiv:1902.09630);
 * - masks: cross-entropy of the object's mixture of prototypes inside its box, over the box's places (Bolya et al. 2019, arXiv:1904.02689);
 * - keypoints: |distance| / sqrt(box area) of the labelled ones, from the middle place.
 * @throws UserError where masks or keypoints are weighted that the network does not say
 */
export function detectorTask(options: DetectorTaskOptions): Task {
  const { images, outputs, targets, grade } = options;
  const weights = options.weights ?? DETECTOR_LOSS_WEIGHTS;
  const at = detectorOutputs(outputs);
  const [height, width] = [images.shape[0] / DETECTOR_STRIDE, images.shape[1] / DETECTOR_STRIDE];
  const places = height * width;
  const channels = at.keypoints[0] + at.keypoints[1];
  const count = targets.objects.shape[1] as number;
  const { classes, boxes, masks, keypoints } = weights;
  const wanted = { masks: at.prototypes[1] > 0 ? masks : 0, keypoints: at.keypoints[1] > 0 ? keypoints : 0 };
  if (classes === 0 && boxes === 0 && wanted.masks === 0 && wanted.keypoints === 0)
    throw new UserError('a detector with no loss learns nothing');

  const lossOf = (raw: Tensor, given: Targets): Tensor => {
    const batch = raw.shape[0] as number;
    const flat = tf.reshape(raw, [batch, places, channels]);
    const channel = ([from, size]: readonly [number, number]): Tensor => tf.slice(flat, [0, 0, from], [batch, places, size]);
    const objects = given['objects'] as Tensor;
    /** A number of each object: [batch, objects, size]. */
    const field = (from: number, size = 1): Tensor => tf.slice(objects, [0, 0, from], [batch, count, size]);
    const category = field(0);
    const present = tf.cast(tf.greaterEqual(category, 0), 'float32');
    const absent = tf.sub(1, present);
    // In places; boxes that are no objects get sides of 1, so that nothing divides by 0.
    const [x, y, w, h] = [1, 2, 3, 4].map((i) => tf.div(field(i), DETECTOR_STRIDE)) as [Tensor, Tensor, Tensor, Tensor];
    const sides = [tf.add(w, absent), tf.add(h, absent)] as const;
    const middle = [tf.floor(x), tf.floor(y)] as const;
    const grid = placeGrid(height, width);
    const peak = (axis: 0 | 1): Tensor => {
      const deviation = tf.maximum(tf.div(sides[axis], 6), 0.5);
      return tf.square(tf.div(tf.sub(grid[axis], middle[axis]), deviation));
    };
    /** The Gaussian of each object: [batch, objects, places], 1 at its middle place. */
    const gaussian = tf.mul(tf.exp(tf.mul(tf.add(peak(0), peak(1)), -0.5)), present);
    /** One place for each object. */
    const atMiddle = tf.mul(tf.cast(tf.greaterEqual(gaussian, 1), 'float32'), present);
    const objectsOf = tf.maximum(tf.sum(present, [1, 2]), 1);

    let total: Tensor = tf.zeros([batch]);
    const add = (weight: number, part: Tensor): void => {
      total = tf.add(total, tf.mul(part, weight));
    };
    if (classes > 0) {
      const oneHot = tf.cast(tf.equal(category, tf.reshape(tf.range(0, outputs.categories), [1, 1, outputs.categories])), 'float32');
      const truth = tf.max(tf.mul(tf.expandDims(gaussian, 3), tf.expandDims(oneHot, 2)), 1);
      add(classes, tf.div(tf.sum(focal(channel(at.classes), truth), [1, 2]), objectsOf));
    }
    if (boxes > 0) {
      const corners = [tf.sub(x, tf.div(w, 2)), tf.sub(y, tf.div(h, 2)), tf.add(x, tf.div(w, 2)), tf.add(y, tf.div(h, 2))] as const;
      const strongest = tf.max(gaussian, 1, true);
      const inside = tf.mul(within(grid[0], corners[0], corners[2]), within(grid[1], corners[1], corners[3]));
      const near = tf.mul(tf.cast(tf.greaterEqual(gaussian, tf.maximum(strongest, 0.1)), 'float32'), inside);
      // A place between two objects of the same strength belongs to both, in equal shares.
      const weight = tf.mul(gaussian, near);
      const sum = tf.maximum(tf.sum(weight, 1), 1e-6);
      const owner = tf.div(weight, tf.expandDims(sum, 1));
      const trueSide = (corner: Tensor): Tensor => tf.sum(tf.mul(owner, corner), 1);
      const [gridX, gridY] = [tf.add(tf.reshape(grid[0], [1, places]), 0.5), tf.add(tf.reshape(grid[1], [1, places]), 0.5)];
      const distances = tf.exp(tf.clipByValue(channel(at.boxes), -4, 4));
      const side = (i: number): Tensor => tf.reshape(tf.slice(distances, [0, 0, i], [batch, places, 1]), [batch, places]);
      const said = [tf.sub(gridX, side(0)), tf.sub(gridY, side(1)), tf.add(gridX, side(2)), tf.add(gridY, side(3))] as const;
      const real = corners.map(trueSide) as unknown as Corners;
      const strength = tf.max(weight, 1);
      const lost = tf.mul(tf.sub(1, generalisedIou(said, real)), strength);
      add(boxes, tf.div(tf.sum(lost, 1), tf.maximum(tf.sum(strength, 1), 1e-6)));
    }
    if (wanted.masks > 0) {
      const coefficients = tf.matMul(atMiddle, tf.tanh(channel(at.coefficients)));
      const logits = tf.matMul(coefficients, channel(at.prototypes), false, true);
      const truth = tf.div(given['masks'] as Tensor, 255);
      const margin = 1;
      const box = tf.mul(
        within(grid[0], tf.sub(tf.sub(x, tf.div(w, 2)), margin), tf.add(tf.add(x, tf.div(w, 2)), margin)),
        within(grid[1], tf.sub(tf.sub(y, tf.div(h, 2)), margin), tf.add(tf.add(y, tf.div(h, 2)), margin)),
      );
      const inside = tf.mul(box, present);
      const lost = tf.sum(tf.mul(crossEntropyWithLogits(logits, truth), inside), 2);
      add(wanted.masks, tf.div(tf.sum(tf.div(lost, tf.maximum(tf.sum(inside, 2), 1)), 1), objectsOf));
    }
    if (wanted.keypoints > 0) {
      const points = outputs.keypoints as number;
      const said = tf.reshape(tf.matMul(atMiddle, channel(at.keypoints)), [batch, count, points, 2]);
      const labelled = tf.reshape(field(5, 3 * points), [batch, count, points, 3]);
      const xy = tf.div(tf.slice(labelled, [0, 0, 0, 0], [batch, count, points, 2]), DETECTOR_STRIDE);
      const visible = tf.mul(
        tf.cast(tf.greater(tf.slice(labelled, [0, 0, 0, 2], [batch, count, points, 1]), 0), 'float32'),
        tf.expandDims(present, 3),
      );
      const origin = tf.reshape(tf.add(tf.concat([...middle], 2), 0.5), [batch, count, 1, 2]);
      const scale = tf.expandDims(tf.sqrt(tf.maximum(tf.mul(sides[0], sides[1]), 1)), 3);
      const off = tf.div(tf.abs(tf.sub(tf.add(said, origin), xy)), scale);
      const seen = tf.maximum(tf.mul(tf.sum(visible, [1, 2, 3]), 2), 1);
      add(wanted.keypoints, tf.div(tf.sum(tf.mul(off, visible), [1, 2, 3]), seen));
    }
    return total;
  };

  return {
    targets: { ...targets },
    check(architecture) {
      const found = outputShape(architecture);
      const expected = [height, width, channels];
      if (found.join() === expected.join()) return;
      throw mismatched(`output of '${architecture.name}'`, `[${expected}] for these objects`, `[${found}]`, 'build the detector for them');
    },
    loss: (raw, given) => tf.mean(lossOf(raw, given)),
    measure: (raw, given) => ({ loss: lossOf(raw, given), score: tf.zeros([raw.shape[0] as number]) }),
    grade,
    evaluationBatch: 100,
  };
}

type Corners = readonly [left: Tensor, top: Tensor, right: Tensor, bottom: Tensor];

/** x and y of every place, row by row: each [1, 1, places]. */
function placeGrid(height: number, width: number): readonly [Tensor, Tensor] {
  const of = (value: (i: number) => number): Tensor =>
    tf.tensor(
      Float32Array.from({ length: height * width }, (_, i) => value(i)),
      [1, 1, height * width],
    );
  return [of((i) => i % width), of((i) => Math.floor(i / width))];
}

/** 1 where the middle of the place lies between the two: [batch, objects, places]. */
function within(place: Tensor, from: Tensor, to: Tensor): Tensor {
  const middle = tf.add(place, 0.5);
  return tf.mul(tf.cast(tf.greater(middle, from), 'float32'), tf.cast(tf.less(middle, to), 'float32'));
}

/** log(1 + e^x) without overflow; written out, since tf.softplus has no kernel in the native backend's gradient. */
function softplus(x: Tensor): Tensor {
  return tf.add(tf.relu(x), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x))))));
}

/** -log p at peaks (truth 1) weighted by (1 - p)^2, -log(1 - p) elsewhere weighted by (1 - truth)^4 p^2. */
function focal(logits: Tensor, truth: Tensor): Tensor {
  const peak = tf.cast(tf.greaterEqual(truth, 1), 'float32');
  const p = tf.sigmoid(logits);
  const found = tf.mul(tf.square(tf.sub(1, p)), softplus(tf.neg(logits)));
  const elsewhere = tf.mul(tf.mul(tf.square(tf.square(tf.sub(1, truth))), tf.square(p)), softplus(logits));
  return tf.add(tf.mul(peak, found), tf.mul(tf.sub(1, peak), elsewhere));
}

function crossEntropyWithLogits(logits: Tensor, truth: Tensor): Tensor {
  return tf.sub(softplus(logits), tf.mul(logits, truth));
}

/** IoU less the share of the smallest box around both that neither covers. */
function generalisedIou(a: Corners, b: Corners): Tensor {
  const area = ([left, top, right, bottom]: Corners): Tensor => tf.mul(tf.sub(right, left), tf.sub(bottom, top));
  const [left, top] = [tf.maximum(a[0], b[0]), tf.maximum(a[1], b[1])];
  const [right, bottom] = [tf.minimum(a[2], b[2]), tf.minimum(a[3], b[3])];
  const shared = tf.mul(tf.relu(tf.sub(right, left)), tf.relu(tf.sub(bottom, top)));
  const union = tf.maximum(tf.sub(tf.add(area(a), area(b)), shared), 1e-6);
  const around = tf.maximum(area([tf.minimum(a[0], b[0]), tf.minimum(a[1], b[1]), tf.maximum(a[2], b[2]), tf.maximum(a[3], b[3])]), 1e-6);
  return tf.sub(tf.div(shared, union), tf.div(tf.sub(around, union), around));
}
