import Module, { createRequire } from 'node:module';
import { openTensorflow } from '../model/tensorflow.js';

const require = createRequire(import.meta.url);

type Resolve = (request: string, ...rest: unknown[]) => string;

/**
 * Loads danfojs-node, a dataframe library, on whichever backend serves: it asks for `@tensorflow/tfjs-node` when it is
 * loaded, and where that cannot be had (or is not wanted) it gets `@tensorflow/tfjs`, which has all that it uses.
 */
export async function loadDanfo(): Promise<typeof import('danfojs-node')> {
  const backend = await openTensorflow();
  if (backend === 'tensorflow') return require('danfojs-node') as typeof import('danfojs-node');
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const resolve = loader._resolveFilename;
  loader._resolveFilename = function redirected(this: unknown, request, ...rest): string {
    return resolve.call(this, request === '@tensorflow/tfjs-node' ? '@tensorflow/tfjs' : request, ...rest);
  };
  try {
    return require('danfojs-node') as typeof import('danfojs-node');
  } finally {
    loader._resolveFilename = resolve;
  }
}
