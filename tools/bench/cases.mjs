/** What is measured: a network, the shape of its data, and the training that the field gives it. */

const adam = (learningRate) => ({ optimizer: { name: 'adam' }, learningRate, weightDecay: 0 });
const momentum = { optimizer: { name: 'sgd', momentum: 0.9 }, learningRate: 0.03, weightDecay: 1e-4 };
const mnist = [28, 28, 1];
const cifar = [32, 32, 3];

/** The cases by name. `augmentation` is none or cropFlip; learning rates are those of arXiv:1803.03635 and OpenLTH. */
export const cases = [
  {
    name: 'lenet-60',
    title: 'LeNet-300-100, batch 60, Adam',
    model: 'lenet-300-100',
    input: mnist,
    batchSize: 60,
    ...adam(1.2e-3),
    augmentation: 'none',
  },
  {
    ...{
      name: 'lenet-128',
      title: 'LeNet-300-100, batch 128, SGD',
      model: 'lenet-300-100',
      input: mnist,
      batchSize: 128,
      augmentation: 'none',
    },
    ...{ optimizer: { name: 'sgd' }, learningRate: 0.1, weightDecay: 0 },
  },
  { name: 'conv-2', title: 'Conv-2, batch 60, Adam', model: 'conv-2', input: cifar, batchSize: 60, ...adam(2e-4), augmentation: 'none' },
  { name: 'conv-4', title: 'Conv-4, batch 60, Adam', model: 'conv-4', input: cifar, batchSize: 60, ...adam(3e-4), augmentation: 'none' },
  ...['resnet-8', 'resnet-20'].flatMap((model) =>
    ['none', 'cropFlip'].map((augmentation) => ({
      name: augmentation === 'none' ? model : `${model}-crop`,
      title: `${model.replace('resnet', 'ResNet')}, batch 128, momentum${augmentation === 'none' ? '' : ', crop and flip'}`,
      ...{ model, input: cifar, batchSize: 128, ...momentum, augmentation },
      // On request: what they add to the table is PyTorch's gathering of windows.
      byRequest: augmentation !== 'none',
    })),
  ),
  {
    ...{ name: 'detector', title: 'Detector of boxes, width 16, images of 64 x 64, batch 16, Adam', model: 'detector-16' },
    ...{ input: [64, 64, 3], batchSize: 16, ...adam(1e-3), augmentation: 'none', images: 1000 },
    // The network and its loss are this library's own: no peer has them, and the native kernels know no pyramids.
    ...{ detector: { width: 16, categories: 10 }, without: ['auto', 'native', 'torch', 'torch-compile', 'jax'] },
  },
];

export const CLASSES = 10;

/**
 * The cases of those names; a model's name stands for all its cases.
 * @param names such as ['lenet-60', 'resnet-8']; empty: all but those by request
 * @throws Error for an unknown name, listing the known ones
 */
export function chooseCases(names) {
  for (const name of names) {
    if (cases.some((one) => one.name === name || one.model === name)) continue;
    throw new Error(`unknown model '${name}'; there are: ${[...new Set(cases.flatMap((one) => [one.name, one.model]))].join(', ')}`);
  }
  return names.length === 0
    ? cases.filter((one) => !one.byRequest)
    : cases.filter((one) => names.includes(one.name) || names.includes(one.model));
}
