import type { KeptAction } from './keptAction.js';

/** Kept weights go back to where they started: the winning ticket. */
export const rewind: KeptAction = {
  summary: 'back to the start',
  keepsSign: true,
  start: ({ initial }) => initial,
};
