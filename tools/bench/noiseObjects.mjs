/** Objects for a detector to learn in images of noise: speed does not depend on what they are. */
import { DETECTOR_STRIDE } from '../../dist/src/model/families/detector.js';
import { stream } from '../../dist/src/random.js';

const OBJECTS = 4;

/** Targets as `detectorTargets` makes them: so many boxes of any category in each image, without masks. */
export function noiseObjects({ shape, train, validation, test }, { categories }) {
  const images = train.count + validation.count + test.count;
  const [height, width] = shape;
  const random = stream(0, 'bench', 'objects');
  const objects = new Float32Array(images * OBJECTS * 5);
  for (let at = 0; at < objects.length; at += 5) {
    const [w, h] = [8 + random.uniform() * (width / 2 - 8), 8 + random.uniform() * (height / 2 - 8)];
    const [x, y] = [w / 2 + random.uniform() * (width - w), h / 2 + random.uniform() * (height - h)];
    objects.set([random.integer(categories), x, y, w, h], at);
  }
  const places = (height / DETECTOR_STRIDE) * (width / DETECTOR_STRIDE);
  return {
    objects: { shape: [images, OBJECTS, 5], values: objects },
    masks: { shape: [images, OBJECTS, places], values: new Uint8Array(images * OBJECTS * places) },
  };
}
