import { checkCount, checkFraction } from '../check.js';

/**
 * Share of the kept weights that a step of dynamic sparse training drops and grows: alpha / 2 (1 + cos(pi step / end)), and 0 from `end`
 * on, where the masks stay. RigL's alpha is 0.3 and its end 75 % of training (arXiv:1911.11134).
 * @example dropFraction(0, 100) // => 0.3
 * @example dropFraction(50, 100, 0.4) // => 0.2
 * @example dropFraction(100, 100) // => 0
 */
export function dropFraction(step: number, end: number, alpha = 0.3): number {
  checkCount('step', step);
  checkCount('last step of drop and grow', end, 1);
  checkFraction('alpha', alpha);
  return step >= end ? 0 : (alpha / 2) * (1 + Math.cos((Math.PI * step) / end));
}
