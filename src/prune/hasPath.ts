import type { Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import { reachable } from './reachable.js';

/** Whether any output depends on the input through kept weights. See `reachable` for what counts as a path. */
export function hasPath(architecture: Architecture, mask: Mask): boolean {
  return reachable(architecture, mask).at(-1)?.live.includes(1) ?? true;
}
