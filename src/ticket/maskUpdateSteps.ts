import { checkCount } from '../check.js';

/**
 * The iterations at which dynamic sparse training changes its mask: every `every`, before `end` (RigL: every 100, before 75 % of
 * training; arXiv:1911.11134).
 * @example maskUpdateSteps(100, 350) // => [100, 200, 300]
 * @example maskUpdateSteps(100, 300) // => [100, 200]
 */
export function maskUpdateSteps(every: number, end: number): number[] {
  checkCount('iterations between mask updates', every, 1);
  checkCount('iteration at which mask updates end', end);
  return Array.from({ length: Math.max(0, Math.ceil(end / every) - 1) }, (_, i) => (i + 1) * every);
}
