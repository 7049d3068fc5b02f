/** Names of arms for people, and which arms are controls. */

interface Arm {
  readonly label: string;
  /** A control is what the arm under study is compared with; figures draw it dashed. */
  readonly control: boolean;
}

const arms: Readonly<Record<string, Arm>> = {
  reset: { label: 'weight reset', control: false },
  'grow-identity': { label: 'grow, identity', control: false },
  'grow-random': { label: 'grow, random', control: false },
  'keep-deep': { label: 'keep weights, full depth', control: true },
  'keep-shallow': { label: 'keep weights, shallow', control: true },
  ticket: { label: 'ticket', control: false },
  rigl: { label: 'RigL', control: false },
  set: { label: 'SET', control: false },
  static: { label: 'static mask', control: true },
  pruning: { label: 'iterative pruning', control: false },
  gradual: { label: 'gradual pruning', control: false },
  imp: { label: 'iterative pruning', control: false },
  'elastic-append': { label: 'elastic, appended', control: false },
  'elastic-interpolate': { label: 'elastic, interpolated', control: false },
  'permute-copies': { label: 'elastic, replicas permuted', control: true },
  direct: { label: 'direct pruning', control: false },
  transfer: { label: 'backbone ticket transferred', control: false },
  'mask-transfer': { label: 'backbone mask transferred', control: false },
  pretrain: { label: 'pretraining', control: true },
  dense: { label: 'dense', control: true },
  reinitialise: { label: 'random reinitialisation', control: true },
  'shuffle-mask': { label: 'shuffled mask', control: true },
  'random-mask': { label: 'random mask', control: true },
  uniform: { label: 'subset, uniform', control: false },
  product: { label: 'subset, products of two uniform', control: false },
  hyperbolic: { label: 'subset, hyperbolic', control: false },
  row: { label: 'subset, coefficients shared by a row', control: false },
  weight: { label: 'subset, coefficients for each weight', control: false },
  single: { label: 'best single coefficient', control: true },
  sums: { label: 'best subset', control: false },
  nearest: { label: 'nearest one', control: true },
  target: { label: 'target', control: true },
  boosting: { label: 'boosting ticket', control: false },
  winning: { label: 'winning ticket', control: false },
  'fgsm-mask': { label: 'ticket, mask from FGSM', control: false },
  'pgd-mask': { label: 'ticket, mask from PGD', control: false },
  'natural-mask': { label: 'ticket, mask from clean images', control: false },
  'edge-popup': { label: 'edge-popup', control: false },
  'gem-miner': { label: 'Gem-Miner', control: false },
  bernoulli: { label: 'Bernoulli mask', control: false },
  'bernoulli-rescaled': { label: 'Bernoulli mask, rescaled', control: false },
  biprop: { label: 'multi-prize', control: false },
  magnitude: { label: 'large final', control: false },
  magnitudeIncrease: { label: 'magnitude increase', control: false },
  movement: { label: 'movement', control: false },
  largeFinalSameSign: { label: 'large final, same sign', control: false },
  largeInitFinal: { label: 'large init and final', control: false },
  largeInit: { label: 'large init', control: true },
  smallFinal: { label: 'small final', control: true },
  search: { label: 'search by short training', control: false },
  'search-gradient': { label: 'search by gradient norm', control: false },
  'search-plan': { label: 'fixed plan', control: false },
  'search-random': { label: 'extensions at random', control: true },
  pruned: { label: 'from scratch, pruned', control: true },
  growth: { label: 'growth', control: false },
  'grow-zero': { label: 'grow, zero residual', control: false },
  'one-shot': { label: 'magnitude, one shot', control: true },
  snip: { label: 'SNIP', control: true },
  grasp: { label: 'GraSP', control: true },
  synflow: { label: 'SynFlow', control: true },
  trained: { label: 'trained weights', control: true },
  ...withControl('canonical', 'weights'),
  ...withControl('dct', 'DCT'),
  ...withControl('haar', 'Haar wavelets'),
  ...withControl('hadamard', 'Hadamard'),
  ...withControl('randomOrthogonal', 'random directions'),
  ...withControl('svd', 'SVD'),
  ...withControl('units', 'units'),
  ...withControl('lowRank', 'low rank'),
  subspace: { label: 'random subspace', control: true },
};

/** A basis and its mask with fresh weights. */
function withControl(basis: string, label: string): Record<string, Arm> {
  return { [basis]: { label, control: false }, [`${basis}-reinitialise`]: { label: `${label}, fresh`, control: true } };
}

/**
 * The name of an arm for people; an unknown arm is its own label.
 * @example armLabel('keep-deep') // => 'keep weights, full depth'
 */
export function armLabel(arm: string): string {
  return Object.hasOwn(arms, arm) ? (arms[arm] as Arm).label : arm;
}

/** Whether an arm is a control. @example isControl('random-mask') // => true */
export function isControl(arm: string): boolean {
  return Object.hasOwn(arms, arm) && (arms[arm] as Arm).control;
}

/** Arm names in the order of tables and legends: the known ones first, the others by name. */
export function sortArms(names: Iterable<string>): string[] {
  const order = Object.keys(arms);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return [...new Set(names)].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));
}
