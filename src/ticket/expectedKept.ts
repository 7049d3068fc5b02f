import { get } from '../array.js';
import { kept, type Mask } from '../mask.js';
import type { PruneOptions } from '../prune/prune.js';

/** The nearest whole number, halves up also where the product of a decimal fraction falls just below one (0.7 * 855 is 598.4999...). */
function halvesUp(n: number): number {
  return Math.round(n + 1e-9);
}

/**
 * How many weights are left when a share of the remaining ones is pruned: worked out from counts alone, apart from the code that
 * prunes, so that a certificate can hold one against the other. `pruned` is returned for what counts do not determine (units).
 * @example expectedKept({ a: { shape: [10], values: new Uint8Array(10).fill(1) } }, { amount: { fraction: 0.2 }, scope: 'layerwise' }, 8) // => 8
 */
export function expectedKept(before: Mask, options: PruneOptions, pruned: number): number {
  const { amount, scope = 'global', allocation = 'uniform', granularity = 'weight', fractions = {}, exclude = [] } = options;
  if (granularity !== 'weight' || allocation !== 'uniform' || !('fraction' in amount || 'sparsity' in amount)) return pruned;
  const left = (names: readonly string[]): number => names.reduce((sum, name) => sum + kept({ [name]: get(before, name) }), 0);
  const total = (names: readonly string[]): number => names.reduce((sum, name) => sum + get(before, name).values.length, 0);
  const after = (names: readonly string[], fraction: number | undefined): number => {
    if (fraction !== undefined) return left(names) - halvesUp(fraction * left(names));
    if ('fraction' in amount) return left(names) - halvesUp(amount.fraction * left(names));
    return Math.min(left(names), total(names) - halvesUp((amount as { sparsity: number }).sparsity * total(names)));
  };
  const names = Object.keys(before).filter((name) => !exclude.includes(name));
  const alone = scope === 'layerwise' ? names : names.filter((name) => name in fractions);
  const together = names.filter((name) => !alone.includes(name));
  const own = alone.reduce((sum, name) => sum + Math.max(Math.min(1, left([name])), after([name], fractions[name])), 0);
  return own + left(exclude) + (together.length > 0 ? after(together, undefined) : 0);
}
