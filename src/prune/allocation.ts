/** How many weights each layer keeps of a total: uniform, Erdos-Renyi or Erdos-Renyi-kernel shares, exact to the weight. */
import { size } from '../array.js';
import { checkCount, checkFraction, invalid, lookUp } from '../check.js';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** The weight that a layer gets before saturation, up to a common factor: its density times its size. */
const allocations = {
  /** Every layer has the same density. */
  uniform: size,
  /** Density in proportion to (inputs + outputs) / (inputs * outputs), kernel positions not counted. SET, arXiv:1707.04780. */
  er: (shape: readonly number[]): number => {
    const [inputs, outputs] = shape.slice(-2) as [number, number];
    return ((inputs + outputs) / (inputs * outputs)) * size(shape);
  },
  /** Density in proportion to (height + width + inputs + outputs) / (height * width * inputs * outputs). RigL, arXiv:1911.11134. */
  erk: (shape: readonly number[]): number => shape.reduce((a, b) => a + b, 0),
};

export type Allocation = keyof typeof allocations;

/**
 * The density of each layer, in [0, 1], when all layers together have the given density. Layers that the rule would give more
 * than they hold are dense, and the others are scaled up until the total is right.
 * @param shapes kernels, dense [inputs, outputs] or convolution [height, width, inputs, outputs]
 * @example allocationDensities({ a: [2, 2], b: [4, 4] }, 0.6, 'erk') // => { a: 1, b: 0.5 }
 */
export function allocationDensities(shapes: Shapes, density: number, allocation: Allocation): Record<string, number> {
  checkFraction('density', density);
  const sizes = Object.values(shapes).map(size);
  const total = density * sizes.reduce((a, b) => a + b, 0);
  const shares = saturate(shapes, sizes, total, allocation);
  return Object.fromEntries(
    Object.keys(shapes).map((name, i) => [name, sizes[i] === 0 ? 1 : (shares[i] as number) / (sizes[i] as number)]),
  );
}

/**
 * The number of weights that each layer keeps, their sum exactly `keep`. Shares as in `allocationDensities`, rounded by largest
 * remainder (ties to the earlier layer). A layer that holds weights keeps at least 1, taken from the largest.
 * @param capacities the most that each layer can keep; default its size
 * @throws UserError if `keep` is more than the layers hold, or less than one for each layer
 * @example allocate({ a: [2, 4], b: [3, 6], c: [2, 4, 6] }, 37, 'erk') // => { a: 8, b: 12, c: 17 }
 */
export function allocate(
  shapes: Shapes,
  keep: number,
  allocation: Allocation,
  capacities: Readonly<Record<string, number>> = {},
): Record<string, number> {
  checkCount('number of weights to keep', keep);
  const names = Object.keys(shapes);
  const room = names.map((name) => capacities[name] ?? size(shapes[name] as readonly number[]));
  const most = room.reduce((a, b) => a + b, 0);
  const least = room.filter((n) => n > 0).length;
  if (keep > most || keep < least) {
    throw invalid('number of weights to keep', `${least} (one for each layer) to ${most}`, keep);
  }
  const shares = saturate(shapes, room, keep, allocation);
  const counts = shares.map((share, i) => Math.min(room[i] as number, Math.floor(share)));
  const order = names.map((_, i) => i).sort((i, j) => remainder(shares, j) - remainder(shares, i) || i - j);
  let rest = keep - counts.reduce((a, b) => a + b, 0);
  // One round hands out what flooring left over; a second could only be needed after rounding errors of the shares.
  while (rest > 0) {
    for (const i of order) {
      if (rest === 0 || (counts[i] as number) >= (room[i] as number)) continue;
      counts[i] = (counts[i] as number) + 1;
      rest--;
    }
  }
  counts.forEach((count, i) => {
    if (count > 0 || room[i] === 0) return;
    const largest = counts.indexOf(Math.max(...counts));
    counts[largest] = (counts[largest] as number) - 1;
    counts[i] = 1;
  });
  return Object.fromEntries(names.map((name, i) => [name, counts[i] as number]));
}

function remainder(shares: readonly number[], i: number): number {
  return (shares[i] as number) - Math.floor(shares[i] as number);
}

/** Shares in proportion to the rule's weights, none above its capacity, their sum the total. */
function saturate(shapes: Shapes, capacities: readonly number[], total: number, allocation: Allocation): number[] {
  const rule = lookUp('allocation', allocation, allocations);
  const weights = Object.entries(shapes).map(([name, shape]) => {
    if (shape.length < 2 && allocation !== 'uniform')
      throw invalid(`shape of '${name}'`, `a kernel of 2 or more axes for '${allocation}'`, `[${shape}]`);
    return size(shape) === 0 ? 0 : rule(shape);
  });
  const full = capacities.map((capacity) => capacity === 0);
  for (;;) {
    let free = total;
    let weight = 0;
    capacities.forEach((capacity, i) => {
      if (full[i]) free -= capacity;
      else weight += weights[i] as number;
    });
    const scale = weight === 0 ? 0 : free / weight;
    const over = capacities.map((capacity, i) => !full[i] && scale * (weights[i] as number) > capacity);
    if (!over.includes(true)) return capacities.map((capacity, i) => (full[i] ? capacity : scale * (weights[i] as number)));
    over.forEach((isOver, i) => {
      if (isOver) full[i] = true;
    });
  }
}
