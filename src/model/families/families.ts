/** The families of architectures, and the way from a name to one. A new family is one file and one line here. */
import { unknown } from '../../check.js';
import type { Architecture, Shape } from '../architecture.js';
import { blocks } from './blocks.js';
import { convNet } from './convNet.js';
import { convs } from './convs.js';
import { backbone } from './detector.js';
import type { Family } from './family.js';
import { lenet5 } from './lenet5.js';
import { mlpFamily } from './mlp.js';
import { resnetFamily } from './resnet.js';
import { vgg } from './vgg.js';

export const families: readonly Family[] = [mlpFamily, lenet5, convNet, vgg, resnetFamily, convs, blocks, backbone];

/**
 * The architecture of that name for inputs of that shape.
 * @param input [height, width, channels]
 * @throws UserError for an unknown name, listing the known forms
 * @example architecture('lenet-300-100', [28, 28, 1], 10).layers.length // => 6
 */
export function architecture(name: string, input: Shape, classes: number): Architecture {
  for (const family of families) {
    const match = family.pattern.exec(name);
    if (match !== null) return family.build(match, input, classes);
  }
  throw unknown(
    'architecture',
    name,
    families.flatMap((family) => family.form.split(', ')),
  );
}
