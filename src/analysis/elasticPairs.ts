/** Every source with every target: the table of appendix C of the paper on elastic tickets, with its numbers. */
import type { RunRecord } from '../run/record.js';
import { acrossReplicates } from './acrossReplicates.js';
import { elasticTable } from './elasticTable.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';

/** Test accuracy at 89.26 % sparsity, by source and target: Chen et al. 2021, appendix C, fully connected networks on MNIST. */
const paper: Readonly<Record<string, number>> = {
  ...{ 'mlp-300x2-100 to mlp-300x2-100': 0.9806, 'mlp-300x2-100 to mlp-300x3-100': 0.9795, 'mlp-300x2-100 to mlp-300x4-100': 0.9799 },
  ...{ 'mlp-300x3-100 to mlp-300x2-100': 0.9791, 'mlp-300x3-100 to mlp-300x3-100': 0.9783, 'mlp-300x3-100 to mlp-300x4-100': 0.9783 },
  ...{ 'mlp-300x4-100 to mlp-300x2-100': 0.9788, 'mlp-300x4-100 to mlp-300x3-100': 0.9791, 'mlp-300x4-100 to mlp-300x4-100': 0.9803 },
};

export interface ElasticPairsOptions {
  /** Which accuracy. Default `testAtEnd`. */
  readonly value?: 'testAtEnd' | 'testAtEarlyStop';
}

/**
 * One row for each pair of networks at its last level: `source`, `model`, `arm`, `variant`, `level`, mean `sparsity`, then `n`, `mean`,
 * `sd`, `min`, `max` of the test accuracy over replicates, and `paper`, the accuracy that the paper prints for the pair (for its own
 * schedule), or null.
 */
export function elasticPairs(records: readonly RunRecord[], { value = 'testAtEnd' }: ElasticPairsOptions = {}): Table {
  const rows = toRows(elasticTable(records)).filter((row) => String(row['arm']).startsWith('elastic'));
  const last = rows.filter((row) => rows.every((other) => other['key'] !== row['key'] || Number(other['level']) <= Number(row['level'])));
  const by = ['source', 'model', 'arm', 'variant', 'level'];
  const sparsity = toRows(acrossReplicates(fromRows(last, by.concat('sparsity', value)), { by, value: 'sparsity' }));
  const found = toRows(acrossReplicates(fromRows(last, by.concat('sparsity', value)), { by, value })).map(
    (row, i): TableRow => ({
      ...Object.fromEntries(by.map((name) => [name, row[name] ?? null])),
      sparsity: sparsity[i]?.['mean'] ?? null,
      ...Object.fromEntries(['n', 'mean', 'sd', 'min', 'max'].map((name) => [name, row[name] ?? null])),
      paper: row['variant'] === 'rule' ? (paper[`${row['source']} to ${row['model']}`] ?? null) : null,
    }),
  );
  return fromRows(found, [...by, 'sparsity', 'n', 'mean', 'sd', 'min', 'max', 'paper']);
}
