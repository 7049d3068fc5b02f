/** Kernels of which a part is trained and the rest is frozen at values other than 0. */
import { tf } from '../model/tensorflow.js';
import type { Parameterisation } from './parameterisation.js';

/** Name of the frozen part of a kernel. @example restOf('conv1/kernel') // => 'conv1/rest' */
export function restOf(kernel: string): string {
  return kernel.replace(/kernel$/, 'rest');
}

/**
 * The network's kernel is kernel + rest. With a mask, pruned weights of `kernel` are 0 and `rest` says what they count instead: the
 * mask-0 actions of Zhou et al. 2019, arXiv:1905.01067. No update touches the rest.
 */
export const frozenRest: Parameterisation = {
  variables: (parameters) =>
    parameters.flatMap((p) => (p.prunable ? [p, { ...p, name: restOf(p.name), trainable: false, prunable: false }] : [p])),
  weights: (held) =>
    Object.fromEntries(
      Object.entries(held)
        .filter(([name]) => !name.endsWith('/rest'))
        .map(([name, tensor]) => {
          const rest = held[restOf(name)];
          return [name, rest === undefined || rest === tensor ? tensor : tf.add(tensor, rest)];
        }),
    ),
};
