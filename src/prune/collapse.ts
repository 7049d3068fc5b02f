import type { Mask } from '../mask.js';
import type { Architecture } from '../model/architecture.js';
import { deadLayers } from './deadLayers.js';
import { deadUnits } from './deadUnits.js';
import { reachable } from './reachable.js';

/** What a mask has cut off. */
export interface Collapse {
  /** Parameters that keep no weight. In a residual block the shortcut may still carry the signal. */
  readonly deadLayers: readonly string[];
  /** How many outputs of each parameter keep no incoming weight; parameters without any are left out. */
  readonly deadUnits: Readonly<Record<string, number>>;
  /** Outputs of the network that depend on the input, of how many. */
  readonly outputs: { readonly reached: number; readonly total: number };
  /** The first top-level layer after which nothing depends on the input: its name, or its type if it has none; null if a path is left. */
  readonly brokenAt: string | null;
}

/** What of the network a mask has cut off: to be looked at before training is spent on it. Cost: see `reachable`. */
export function collapse(architecture: Architecture, mask: Mask): Collapse {
  const steps = reachable(architecture, mask);
  const broken = steps.find(({ live }) => !live.includes(1))?.layer;
  const last = steps.at(-1)?.live ?? new Uint8Array();
  const counts = Object.entries(deadUnits(mask)).map(([name, units]) => [name, units.length] as const);
  return {
    deadLayers: deadLayers(mask),
    deadUnits: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    outputs: { reached: last.reduce((sum, value) => sum + value, 0), total: last.length },
    brokenAt: broken === undefined ? null : 'name' in broken ? broken.name : broken.type,
  };
}
