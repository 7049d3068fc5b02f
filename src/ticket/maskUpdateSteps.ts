import { checkCount } from '../check.js';

/**
 * The iterations at which dynamic sparse training changes its mask: every `every`, before `end` (RigL: every 100, before 75 % of
 * training; arXiv:1911.11134), counted from `start`.
 * @example maskUpdateSteps(100, 350) // => [100, 200, 300]
 * @example maskUpdateSteps(100, 300) // => [100, 200]
 * @example maskUpdateSteps(100, 350, 50) // => [150, 250]
 */
export function maskUpdateSteps(every: number, end: number, start = 0): number[] {
  checkCount('iterations between mask updates', every, 1);
  checkCount('iteration at which mask updates end', end);
  checkCount('iteration from which mask updates are counted', start);
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / every) - 1) }, (_, i) => start + (i + 1) * every);
}
