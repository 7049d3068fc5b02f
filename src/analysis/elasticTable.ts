/** Elastic tickets beside what they are compared with: one row for each level that was trained. */
import type { Point, RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

/** Options that say what is compared or measured, not how networks are trained. */
const compared = new Set([
  ...['experiment', 'arm', 'replicate', 'source', 'model', 'mapping', 'replicated', 'dropped', 'at', 'levels'],
  ...['connectivityPoints', 'connectivityImages', 'gradientExamples'],
]);

/**
 * The levels of `elastic` runs as in `toLevels`, and for each:
 * - `pair`: source and target as text; `variant`: `rule`, or what an ablation replicates, drops or maps
 * - `sourceSparsity`, `drift`: pruned share of the source's ticket, and how much more of the target is pruned (null without a transfer)
 * - `setting`: all options that say how networks are trained; rows are comparable where it and `model` are the same
 */
export function elasticTable(records: readonly RunRecord[]): Table {
  const rows = records
    .filter(({ spec }) => spec.experiment === 'elastic')
    .flatMap((record) => {
      const { spec } = record;
      const transfers = record.rows.filter((row): row is Point => row.kind === 'point' && row.name === 'transfer');
      const setting = JSON.stringify(
        Object.entries(spec)
          .filter(([name]) => !compared.has(name))
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      );
      return toRows(toLevels([record])).map((row): TableRow => {
        const values = transfers.find(({ level }) => level === row.level)?.values;
        const moved = { sourceSparsity: values?.['sourceSparsity'] ?? null, drift: values?.['drift'] ?? null };
        return { ...row, pair: `${spec['source']} to ${spec['model']}`, variant: variantOf(record), ...moved, setting };
      });
    });
  return fromRows(rows, [
    'arm',
    'source',
    'model',
    'pair',
    'variant',
    'replicate',
    'level',
    'density',
    'sparsity',
    'sourceSparsity',
    'drift',
    'testAtEnd',
  ]);
}

/** `rule`, or what is special of a run's mapping. */
export function variantOf({ spec }: RunRecord): string {
  if (typeof spec['mapping'] === 'string') return `mapping ${spec['mapping']}`;
  if (Array.isArray(spec['replicated'])) return `replicated ${spec['replicated'].join(', ')}`;
  if (Array.isArray(spec['dropped'])) return `dropped ${spec['dropped'].join(', ')}`;
  return 'rule';
}
