/** The straight lines from the networks of iterative pruning to those of other arms. */
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { variantOf } from './elasticTable.js';
import { fromRows, type Table, toRows } from './table.js';
import { toPoints } from './toTable.js';

/**
 * One row for each network that was measured: `alpha` (0 the network of iterative pruning on the target, 1 that of the arm), `error`
 * and `loss` on test images, `level`, `source`, `model`, and `name`, the arm with its source. For `lossBarrier`.
 */
export function elasticLine(records: readonly RunRecord[]): Table {
  const rows = records
    .filter(({ spec }) => spec.experiment === 'elastic')
    .flatMap((record) => {
      const { arm, source } = record.spec;
      const variant = variantOf(record);
      const from = arm === 'imp' ? '' : ` from ${source}${variant === 'rule' ? '' : `, ${variant}`}`;
      return toRows(toPoints([record], 'connectivity')).map((row) => ({ ...row, variant, name: `${armLabel(String(arm))}${from}` }));
    });
  return fromRows(rows, ['alpha', 'error', 'loss', 'name', 'arm', 'source', 'model', 'variant', 'replicate', 'level']);
}
