/**
 * The only door to TensorFlow: `tf` is usable after `await openTensorflow()`, so that importing this library loads nothing.
 */
import { createRequire } from 'node:module';
import type * as TF from '@tensorflow/tfjs';
import { UserError } from '../check.js';

const require = createRequire(import.meta.url);

/** TensorFlow's functions; throws until `openTensorflow` was awaited. */
export let tf: typeof TF = new Proxy({} as typeof TF, {
  get: () => {
    throw new UserError('missing TensorFlow; await openTensorflow() before the first tensor');
  },
});

export type BackendName = 'tensorflow' | 'wasm' | 'cpu';
let opening: Promise<BackendName> | undefined;

/** Loads TensorFlow once and says which backend serves. */
export function openTensorflow(): Promise<BackendName> {
  opening ??= open();
  return opening;
}

async function open(): Promise<BackendName> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  tf = require('@tensorflow/tfjs-node') as typeof TF;
  await tf.ready();
  return 'tensorflow';
}
