/** Which layers are ranked together, and how many parts each such pool keeps. */
import { checkCount, checkFraction, invalid, UserError, unknown } from '../check.js';
import { type Allocation, allocate, type Shapes } from './allocation.js';

/**
 * How much to remove, of the layers that take part (see `PruneOptions.exclude`), in parts of the granularity.
 * The number removed is rounded, halves up: `round(fraction * remaining)` as in Frankle & Carbin's code, `round(sparsity * total)`.
 */
export type Amount =
  /** Share of the remaining parts to remove, in [0, 1]. */
  | { readonly fraction: number }
  /** Pruned share of all parts to reach, in [0, 1]. */
  | { readonly sparsity: number }
  /** Kept share of all parts to reach, in [0, 1]: 1 - sparsity, as the schedules return it. */
  | { readonly density: number }
  /** Exact number of parts to keep. */
  | { readonly keep: number }
  /** Kept share of each named layer, in [0, 1]; layers without an entry are left as they are. */
  | { readonly densities: Readonly<Record<string, number>> };

export type Scope = 'global' | 'layerwise';

export interface Pool {
  readonly names: readonly string[];
  readonly keep: number;
}

/** What is known of one layer: how many parts it has, and how many are left. */
export interface LayerCount {
  readonly total: number;
  readonly left: number;
}

export interface PoolOptions {
  readonly amount: Amount;
  readonly scope: Scope;
  readonly allocation: Allocation;
  readonly fractions: Readonly<Record<string, number>>;
}

/** The pools and what each keeps; layers that stay as they are may be in none. @throws UserError for amounts that cannot be had */
export function pools(layers: Readonly<Record<string, LayerCount>>, shapes: Shapes, options: PoolOptions): Pool[] {
  const { amount, scope, allocation, fractions } = options;
  const names = Object.keys(layers);
  const alone = Object.keys(fractions);
  if (alone.length > 0 && !('fraction' in amount && allocation === 'uniform')) {
    throw new UserError("invalid fractions: they override amount { fraction } with allocation 'uniform'; remove them or change the amount");
  }
  checkNames([...alone, ...('densities' in amount ? Object.keys(amount.densities) : [])], names);
  const layer = (name: string): LayerCount => layers[name] as LayerCount;

  if ('densities' in amount) {
    return Object.entries(amount.densities).map(([name, density]) => {
      checkFraction(`density of '${name}'`, density);
      return only(name, layer(name), layer(name).total - rounded((1 - density) * layer(name).total));
    });
  }
  if (scope === 'layerwise' && allocation === 'uniform' && !('keep' in amount)) {
    return names.map((name) => only(name, layer(name), target(amount, fractions[name], layer(name))));
  }
  const together = names.filter((name) => !Object.hasOwn(fractions, name));
  const sum = (key: keyof LayerCount): number => together.reduce((total, name) => total + layer(name)[key], 0);
  const all = { total: sum('total'), left: sum('left') };
  const keep = target(amount, undefined, all);
  if (keep > all.left) {
    throw invalid('amount', `at most the ${all.left} of ${all.total} that are left, since pruning brings nothing back`, keep);
  }
  if (scope === 'global') {
    return [{ names: together, keep }, ...alone.map((name) => only(name, layer(name), target(amount, fractions[name], layer(name))))];
  }
  const counts = allocate(shapes, keep, allocation, Object.fromEntries(names.map((name) => [name, layer(name).left])));
  return names.map((name) => ({ names: [name], keep: counts[name] as number }));
}

/** A layer on its own keeps at least one part, if it has any left, and never more than are left. */
function only(name: string, { left }: LayerCount, keep: number): Pool {
  return { names: [name], keep: Math.min(left, Math.max(1, keep)) };
}

function target(amount: Amount, fraction: number | undefined, { total, left }: LayerCount): number {
  if ('keep' in amount) return checkCount('number to keep', amount.keep);
  if ('fraction' in amount) return left - rounded(checkFraction('pruning fraction', fraction ?? amount.fraction) * left);
  if ('sparsity' in amount) return total - rounded(checkFraction('sparsity', amount.sparsity) * total);
  if ('density' in amount) return total - rounded((1 - checkFraction('density', amount.density)) * total);
  throw invalid('amount', 'one of { fraction }, { sparsity }, { density }, { keep }, { densities }', amount);
}

/** The nearest whole number, halves up. The factor makes 0.1 * 15 and (1 - 0.9) * 15, which differ in the last bit, both 2. */
function rounded(n: number): number {
  return Math.round(n * (1 + 1e-12));
}

function checkNames(given: readonly string[], known: readonly string[]): void {
  for (const name of given) if (!known.includes(name)) throw unknown('layer to prune', name, known);
}
