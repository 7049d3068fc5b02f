/** The list of criteria: add a file that exports a `Criterion` and one line here, and the contract tests run over it. */
import type { Criterion } from './criterion.js';
import { grasp } from './grasp.js';
import { largeFinalSameSign } from './largeFinalSameSign.js';
import { largeInit } from './largeInit.js';
import { largeInitFinal } from './largeInitFinal.js';
import { layerNormalisedMagnitude } from './layerNormalisedMagnitude.js';
import { magnitude } from './magnitude.js';
import { magnitudeIncrease } from './magnitudeIncrease.js';
import { movement } from './movement.js';
import { random } from './random.js';
import { smallFinal } from './smallFinal.js';
import { snip } from './snip.js';
import { synflow } from './synflow.js';
import { taylor } from './taylor.js';

export const criteria = {
  magnitude,
  smallFinal,
  movement,
  magnitudeIncrease,
  largeInit,
  largeInitFinal,
  largeFinalSameSign,
  layerNormalisedMagnitude,
  random,
  snip,
  grasp,
  synflow,
  taylor,
} satisfies Record<string, Criterion>;

export type CriterionName = keyof typeof criteria;
