import { type Arrays, get } from '../../array.js';
import type { Mask } from '../../mask.js';
import { keepTop } from '../../prune/keepTop.js';
import { keptOf, scoreOf, type Supermask } from '../../train/supermask/supermask.js';

/**
 * The mask that trained scores stand for.
 * @param held variables of the supermask's parameterisation: each kernel's scores beside it
 * @param kernels names of the kernels that are masked
 * @param density kept share of each layer, for supermasks that keep the top
 */
export function maskOfScores(supermask: Supermask, held: Arrays, kernels: readonly string[], density: number): Mask {
  const { keeps } = supermask;
  return Object.fromEntries(
    kernels.map((name) => {
      const { shape, values } = get(held, scoreOf(name));
      const chosen =
        'top' in keeps
          ? keepTop(values.map(keeps.top), keptOf(density, values.length))
          : Uint8Array.from(values, (s) => (s >= keeps.threshold ? 1 : 0));
      return [name, { shape, values: chosen }];
    }),
  );
}
