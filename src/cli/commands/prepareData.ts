/** The data set of a plan, fetched once and not by every worker. */
import { dataStatus } from '../../dataset/dataStatus.js';
import { loadDataset } from '../../dataset/loadDataset.js';
import { bytes } from '../output/format.js';
import { activity } from '../progress/poolDisplay.js';

/** Fetches a data set that is not in the cache yet, showing how it goes. */
export async function prepareData(names: readonly string[]): Promise<void> {
  const cached = new Set((await dataStatus()).filter((entry) => entry.cached).map(({ name }) => name));
  for (const name of new Set(names)) {
    if (!cached.has(name) || process.env['NEOTENY_DATA']) await loadShown(name);
  }
}

/** Loads a data set, showing how it goes. */
export function loadShown(name: string): ReturnType<typeof loadDataset> {
  return activity(`data set ${name}`, (update) =>
    loadDataset(name, {
      onProgress: (what, done, total) =>
        update(done > 0 ? `${what}  ${bytes(done)}${total === undefined ? '' : ` of ${bytes(total)}`}` : what),
    }),
  );
}
