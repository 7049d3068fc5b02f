/** What becomes of kept weights, by name. A new action is one file and one line here. */
import { constant } from './constant.js';
import { constantSigned } from './constantSigned.js';
import type { KeptAction } from './keptAction.js';
import { reinitialise } from './reinitialise.js';
import { reinitialiseSigned } from './reinitialiseSigned.js';
import { reshuffle } from './reshuffle.js';
import { reshuffleSigned } from './reshuffleSigned.js';
import { rewind } from './rewind.js';

export const keptActions = {
  rewind,
  reinitialise,
  reinitialiseSigned,
  reshuffle,
  reshuffleSigned,
  constant,
  constantSigned,
} satisfies Record<string, KeptAction>;

export type KeptActionName = keyof typeof keptActions;
