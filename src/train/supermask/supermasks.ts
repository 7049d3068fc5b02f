/** The supermasks by name. A new one is one file and one line here. */
import { bernoulli, bernoulliRescaled } from './bernoulli.js';
import { biprop } from './biprop.js';
import { edgePopup } from './edgePopup.js';
import { gemMiner } from './gemMiner.js';
import type { Supermask } from './supermask.js';

export const supermasks = {
  'edge-popup': edgePopup,
  'gem-miner': gemMiner,
  bernoulli,
  'bernoulli-rescaled': bernoulliRescaled,
  biprop,
} satisfies Record<string, Supermask>;

export type SupermaskName = keyof typeof supermasks;
