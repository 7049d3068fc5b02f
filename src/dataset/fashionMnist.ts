/** Fashion-MNIST: articles of clothing, in the form of MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747). */
import { debianPackage } from './debianPackage.js';
import type { DatasetDefinition } from './definition.js';
import { decodeIdxFolder } from './idxFolder.js';
import { site } from './site.js';

const gzipped = ['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'];

/** 60,000 + 10,000 grey images of 28 x 28 pixels. Mean and std are computed from the 60,000 training images (0.28604, 0.35302). */
export const fashionMnist: DatasetDefinition = {
  name: 'fashion-mnist',
  title: 'Fashion-MNIST',
  shape: [28, 28, 1],
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  mean: [0.286],
  std: [0.353],
  content: [
    {
      name: 'train-images',
      split: 'train',
      kind: 'images',
      count: 60000,
      sha256: '2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012',
    },
    {
      name: 'train-labels',
      split: 'train',
      kind: 'labels',
      count: 60000,
      sha256: '657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7',
    },
    {
      name: 't10k-images',
      split: 'test',
      kind: 'images',
      count: 10000,
      sha256: 'c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a',
    },
    {
      name: 't10k-labels',
      split: 'test',
      kind: 'labels',
      count: 10000,
      sha256: '3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9',
    },
  ],
  files: 'train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, gzipped or not',
  folders: ['fashion-mnist', 'FashionMNIST/raw'],
  decode: decodeIdxFolder,
  sources: [
    debianPackage('dataset-fashion-mnist', '/usr/share/datasets/fashion-mnist'),
    site('https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/', gzipped),
  ],
};
