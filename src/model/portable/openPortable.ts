import { createRequire } from 'node:module';
import type * as TF from '@tensorflow/tfjs';
import { registerTrainingKernels } from './registerTrainingKernels.js';

const require = createRequire(import.meta.url);

/** TensorFlow.js on a backend that needs nothing but Node. */
export interface Portable {
  readonly tf: typeof TF;
  readonly backend: 'wasm' | 'cpu';
}

/** Opens WebAssembly with the kernels that training needs; plain JavaScript if asked for, or where WebAssembly does not start. */
export async function openPortable(wanted: 'wasm' | 'cpu'): Promise<Portable> {
  const tf = require('@tensorflow/tfjs') as typeof TF;
  if (wanted === 'wasm') {
    // It registers itself with the same engine, because both resolve to the one @tensorflow/tfjs-core.
    require('@tensorflow/tfjs-backend-wasm');
    registerTrainingKernels(tf);
    if (await withoutNewListeners(() => tf.setBackend('wasm'))) return { tf, backend: 'wasm' };
    process.emitWarning('WebAssembly did not start; plain JavaScript serves, much slower');
  }
  await tf.setBackend('cpu');
  // Keeps the backend from printing an advertisement at its first tensor.
  (tf.backend() as unknown as { firstUse: boolean }).firstUse = false;
  return { tf, backend: 'cpu' };
}

/** The compiled WebAssembly takes over what the process does on an uncaught error; that is the program's to decide. */
async function withoutNewListeners<T>(work: () => Promise<T>): Promise<T> {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  const result = await work();
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as 'uncaughtException')) {
      if (before[i]?.includes(listener) !== true) process.removeListener(event, listener);
    }
  });
  return result;
}
