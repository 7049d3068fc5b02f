/** The list of growth operators: add a file that exports one and one line here; the contract test runs over the list. */
import { deepen } from './deepen.js';
import { dropAndGrow } from './dropAndGrow.js';
import { gradMax } from './gradMax.js';
import type { GrowthOperator } from './growthOperator.js';
import { regrow } from './regrow.js';
import { widen } from './widen.js';

export const operators = { deepen, widen, gradMax, regrow, dropAndGrow } satisfies Record<string, GrowthOperator<never>>;

export type OperatorName = keyof typeof operators;
