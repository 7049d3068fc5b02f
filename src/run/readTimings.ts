/** What runs took, for claims about cost. */
import { readTiming } from './readRecord.js';
import type { RunRecord } from './record.js';
import { findRun, type Store } from './store.js';

/** Seconds of work by stage. */
export type Timing = Readonly<Record<string, number>>;

/** Of runs by key, by the wall's clock and by the processor's (see `readTiming`). */
export interface Timings {
  readonly seconds: Readonly<Record<string, Timing>>;
  readonly processor: Readonly<Record<string, Timing>>;
}

/** The timings of runs and committed records; those without any are left out. */
export function readTimings(store: Store, records: readonly RunRecord[]): Timings {
  const of = (clock: keyof Timings): Record<string, Timing> =>
    Object.fromEntries(
      records.flatMap(({ key }) => {
        const folder = findRun(store, key);
        const timing = folder === undefined ? {} : readTiming(folder, clock);
        return Object.keys(timing).length === 0 ? [] : [[key, timing]];
      }),
    );
  return { seconds: of('seconds'), processor: of('processor') };
}
