/** What all contestants of a case are given: one folder with the same images, labels and starting weights. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { detector } from '../../dist/src/model/families/detector.js';
import { architecture } from '../../dist/src/model/families/families.js';
import { initialise } from '../../dist/src/model/initialise.js';
import { parameters } from '../../dist/src/model/shapes.js';
import { stream } from '../../dist/src/random.js';
import { CLASSES } from './cases.mjs';

/**
 * Writes `pixels.bin` (bytes, [images, height, width, channels]), `labels.bin` (bytes) and `weights.bin` (float32, all parameters in
 * order) and returns the case as contestants read it. Images are noise: speed does not depend on what they show.
 */
export function writeInputs(folder, one, images) {
  const random = stream(0, 'bench', one.name);
  const [height, width, channels] = one.input;
  const pixels = Buffer.alloc(images * height * width * channels);
  for (let i = 0; i < pixels.length; i += 4) pixels.writeUInt32LE(random.bits(), Math.min(i, pixels.length - 4));
  const built = one.detector ? detector(one.model, one.input, one.detector) : architecture(one.model, one.input, CLASSES);
  const weights = initialise(built, 0);
  const list = parameters(built);
  writeFileSync(join(folder, 'pixels.bin'), pixels);
  writeFileSync(
    join(folder, 'labels.bin'),
    Uint8Array.from({ length: images }, () => random.integer(CLASSES)),
  );
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(list.map(({ name }) => bytesOf(weights[name].values))));
  return {
    ...one,
    architecture: built,
    parameters: list.map(({ name, shape, role, trainable }) => ({ name, shape, role, trainable })),
    classes: CLASSES,
    images,
    mean: Array.from({ length: channels }, () => 0.5),
    std: Array.from({ length: channels }, () => 0.25),
  };
}

function bytesOf(values) {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
