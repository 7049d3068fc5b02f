/** The list of data sets, by name. To add one: a file that exports a `DatasetDefinition`, and a line here. */
import { cifar10 } from './cifar10.js';
import type { DatasetDefinition } from './definition.js';
import { fashionMnist } from './fashionMnist.js';
import { mnist } from './mnist.js';

export const datasets = {
  mnist,
  'fashion-mnist': fashionMnist,
  'cifar-10': cifar10,
} satisfies Record<string, DatasetDefinition>;

export type DatasetName = keyof typeof datasets;
