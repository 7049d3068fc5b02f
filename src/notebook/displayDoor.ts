/** Where outputs of a notebook leave: tslab keeps the function in a module of its own, which is found in the cache of loaded modules. */
import { createRequire } from 'node:module';
import type { MimeBundle } from './display.js';

/** Sends a bundle to the cell that runs. With an id, a later bundle of the same id and `update` replaces it. */
export type DisplayDoor = (bundle: MimeBundle, id?: string, update?: boolean) => void;

interface TslabJupyter {
  /** Set by tslab whenever a cell begins. */
  readonly lastWriteDisplayData: ((content: object, update: boolean) => void) | null;
}

const cache = createRequire(import.meta.url).cache;

/** The door of the kernel this code runs in, tslab's own or the project's; undefined outside a notebook. */
export function displayDoor(): DisplayDoor | undefined {
  const path = Object.keys(cache).find((file) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(file));
  const jupyter = path === undefined ? undefined : (cache[path]?.exports as TslabJupyter | undefined);
  if (typeof jupyter?.lastWriteDisplayData !== 'function') return undefined;
  return (bundle, id, update = false) => {
    jupyter.lastWriteDisplayData?.({ data: bundle, metadata: {}, transient: id === undefined ? {} : { display_id: id } }, update);
  };
}
