/**
 * The only door to TensorFlow: `tf` is usable after `await openTensorflow()`, so that importing this library loads nothing.
 */
import { createRequire } from 'node:module';
import util from 'node:util';
import type * as TF from '@tensorflow/tfjs';
import { UserError, missing, unknown } from '../check.js';
import { openPortable } from './portable/openPortable.js';

const require = createRequire(import.meta.url);

/** TensorFlow's functions; throws until `openTensorflow` was awaited. */
export let tf: typeof TF = new Proxy({} as typeof TF, {
  get: () => {
    throw new UserError('missing TensorFlow; await openTensorflow() before the first tensor');
  },
});

/** `tensorflow` is the native library; `wasm` (WebAssembly) and `cpu` (plain JavaScript) run wherever Node does. */
export type BackendName = 'tensorflow' | 'wasm' | 'cpu';

const CHOICES = ['native', 'wasm', 'cpu'];
let opening: Promise<BackendName> | undefined;

/**
 * Loads TensorFlow once and says which backend serves: native if the set-up provided it, else WebAssembly, else plain
 * JavaScript. The environment variable NEOTENY_BACKEND (native, wasm or cpu) forces one.
 * @throws UserError when NEOTENY_BACKEND names no backend, or one that cannot be loaded
 */
export function openTensorflow(): Promise<BackendName> {
  opening ??= open().catch((error: unknown) => {
    opening = undefined;
    throw error;
  });
  return opening;
}

async function open(): Promise<BackendName> {
  const choice = process.env['NEOTENY_BACKEND'] || undefined;
  if (choice !== undefined && !CHOICES.includes(choice)) throw unknown('backend in NEOTENY_BACKEND', choice, CHOICES);
  if (choice === undefined || choice === 'native') {
    try {
      tf = openNative();
      await tf.ready();
      return 'tensorflow';
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
      if (choice === 'native') throw missing(`native TensorFlow (${reason})`, 'run `npm run setup -- --retry`, or unset NEOTENY_BACKEND');
      // An addon that is absent was reported by the set-up; one that is there and broken was not.
      if (!reason.includes('can not be found'))
        process.emitWarning(`native TensorFlow did not load (${reason}); the portable backend serves, slower`);
    }
  }
  const portable = await openPortable(choice === 'cpu' ? 'cpu' : 'wasm');
  tf = portable.tf;
  return portable.backend;
}

function openNative(): typeof TF {
  // Read by the library when it is loaded. Without oneDNN convolutions take twice as long on processors without AVX-512.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  process.env['TF_ENABLE_ONEDNN_OPTS'] ??= '1';
  restoreIsNullOrUndefined();
  return require('@tensorflow/tfjs-node') as typeof TF;
}

/** tfjs-node 4.22 calls `util.isNullOrUndefined`, which Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  const target = util as unknown as Record<string, unknown>;
  target['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
}
