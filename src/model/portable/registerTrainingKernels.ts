import type * as TF from '@tensorflow/tfjs';
import { convolutionFilterGradient } from './convolutionFilterGradient.js';
import { convolutionInputGradient } from './convolutionInputGradient.js';
import { depthwiseFilterGradient } from './depthwiseFilterGradient.js';
import { depthwiseInputGradient } from './depthwiseInputGradient.js';
import { maxPoolGradient } from './maxPoolGradient.js';
import { segmentSum } from './segmentSum.js';

type Kernel = (tf: typeof TF, inputs: never, attributes: never) => TF.Tensor;

const KERNELS: Readonly<Record<string, Kernel>> = {
  Conv2DBackpropFilter: convolutionFilterGradient,
  Conv2DBackpropInput: convolutionInputGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
  MaxPoolGrad: maxPoolGradient,
  UnsortedSegmentSum: segmentSum,
};

/**
 * Gives the WebAssembly backend the kernels of training that it lacks, has wrong (MaxPoolGrad) or slow (Conv2DBackpropInput). They may use operations that
 * it has: inside a kernel these run, and are not recorded for the gradient.
 */
export function registerTrainingKernels(tf: typeof TF): void {
  for (const [kernelName, kernel] of Object.entries(KERNELS)) {
    if (tf.getKernel(kernelName, 'wasm') !== undefined) tf.unregisterKernel(kernelName, 'wasm');
    tf.registerKernel({
      kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => tf.tidy(() => kernel(tf, inputs as never, attrs as never)),
    });
  }
}
