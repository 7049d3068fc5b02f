/** Average precision of detectors against the kept share of the whole network. */
import { fromRows, type Table, toRows } from '../analysis/table.js';
import { byDensity } from './byDensity.js';
import type { Figure } from './figure.js';
import type { Band } from './summarise.js';

export interface ApByDensityOptions {
  /** What is detected. Default `box`. */
  readonly detected?: 'box' | 'mask' | 'keypoints';
  /** Overlap from 0.5 to 0.95, or 0.5 alone. Default `ap`. */
  readonly value?: 'ap' | 'ap50';
  readonly band?: Band;
  readonly title?: string;
}

/**
 * Figure 1 of Girish et al. (arXiv:2012.04643): direct pruning, transferred tickets and controls, by density of the network, not of the
 * part that was pruned. Variants (layerwise, other modules ...) are left out.
 * @param table from `recognitionTable`
 */
export function apByDensity(table: Table, { detected = 'box', value = 'ap', band = 'range', title }: ApByDensityOptions = {}): Figure {
  const rows = toRows(table).filter((row) => row['detected'] === detected && row['variant'] === '');
  const yTitle = `${detected === 'keypoints' ? 'keypoint' : detected} ${value === 'ap' ? 'AP, IoU 0.5 to 0.95' : 'AP at IoU 0.5'}`;
  return byDensity(fromRows(rows, ['arm', 'level', 'density', value]), {
    ...{ value: (row) => (row[value] === null ? undefined : Number(row[value])), columns: [value], band },
    ...{ title: title ?? `Detectors by density: ${detected}`, yTitle, denseLine: true },
    format: (ap) => `AP ${(100 * ap).toFixed(2)} %`,
  });
}
