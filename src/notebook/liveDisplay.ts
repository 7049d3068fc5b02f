/** A place under a cell whose content is replaced while work goes on. */
import { randomUUID } from 'node:crypto';
import type { MimeBundle } from './display.js';
import { displayDoor } from './displayDoor.js';

export interface LiveDisplay {
  /** Puts `bundle` in the place, instead of what was there. */
  set(bundle: MimeBundle): void;
}

/** Opens a place; undefined outside a notebook. */
export function liveDisplay(): LiveDisplay | undefined {
  const door = displayDoor();
  if (door === undefined) return undefined;
  const id = randomUUID(); // names an output, decides nothing
  let opened = false;
  return {
    set: (bundle) => {
      door(bundle, id, opened);
      opened = true;
    },
  };
}
