/** What `writeInputs` wrote, as this library takes it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pick } from '../../dist/src/array.js';
import { denseMask } from '../../dist/src/mask.js';
import { parameters, prunable } from '../../dist/src/model/shapes.js';

/** @returns `{ dataset, network: { weights, mask } }`; validation and test part are one image */
export function readInputs(folder, spec) {
  const pixels = new Uint8Array(readFileSync(join(folder, 'pixels.bin')));
  const labels = new Uint8Array(readFileSync(join(folder, 'labels.bin')));
  const { architecture, input, classes, mean, std } = spec;
  const count = labels.length;
  const one = { pixels: pixels.slice(0, pixels.length / count), labels: labels.slice(0, 1), count: 1 };
  const names = Array.from({ length: classes }, (_, i) => String(i));
  const dataset = { name: 'noise', shape: input, classes: names, mean, std, train: { pixels, labels, count }, validation: one, test: one };
  const bytes = readFileSync(join(folder, 'weights.bin'));
  const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  let from = 0;
  const weights = {};
  for (const { name, shape } of parameters(architecture)) {
    const size = shape.reduce((a, b) => a * b, 1);
    weights[name] = { shape, values: all.slice(from, from + size) };
    from += size;
  }
  const kernels = prunable(architecture).map(({ name }) => name);
  return { dataset, network: { weights, mask: denseMask(pick(weights, kernels)) } };
}
