import { get, mapArrays } from '../../../array.js';
import type { KeptAction } from './keptAction.js';

/** Kept weights are drawn anew and take the sign that they had: |fresh| sign(w0). */
export const reinitialiseSigned: KeptAction = {
  summary: 'drawn anew, the sign kept',
  keepsSign: true,
  start: ({ initial, fresh }) => mapArrays(initial, (w0, i, name) => Math.sign(w0) * Math.abs(get(fresh, name).values[i] as number)),
};
