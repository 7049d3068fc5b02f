import type { KeptAction } from './keptAction.js';

/** Kept weights are drawn anew. */
export const reinitialise: KeptAction = {
  summary: 'drawn anew',
  keepsSign: false,
  start: ({ fresh }) => fresh,
};
