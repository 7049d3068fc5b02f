/** Records to tidy tables: one row for each evaluation, level, or parameter of a level. */
import type { Evaluation, LevelSummary, Point, RunRecord } from '../run/record.js';
import { type Cell, fromRows, type Table, type TableRow } from './table.js';

const runColumns = ['key', 'experiment', 'replicate', 'arm'];
const evaluationColumns = ['level', 'step', 'split', 'phase', 'loss', 'accuracy', 'density'];
const levelColumns = [
  ...['level', 'density', 'sparsity', 'kept', 'prunable', 'parameters', 'depth', 'steps', 'earlyStop', 'testAtEarlyStop', 'testAtEnd'],
  ...['validationAtEarlyStop', 'validationAtEnd', 'trainAtEnd', 'ticket', 'parent', 'operator'],
];
const layerColumns = ['level', 'density', 'parameter', 'layerDensity'];

/**
 * One row for each evaluation: `key, experiment, replicate, arm`, the spec's other scalar options, then
 * `level, step` (iterations in the level), `split, phase, loss, accuracy` (share of right answers), and `density` of the level
 * (null while it is under way). An option that is named like one of these columns appears as `spec.name`.
 */
export function toTable(records: readonly RunRecord[]): Table {
  const rows = records.flatMap((record) => {
    const densities = new Map(summaries(record).map(({ level, density }) => [level, density]));
    const run = runCells(record, evaluationColumns);
    return record.rows
      .filter((row): row is Evaluation => row.kind === 'evaluation')
      .map(({ kind: _, ...row }): TableRow => ({ ...run, ...row, density: densities.get(row.level) ?? null }));
  });
  return tableOf(rows, evaluationColumns);
}

/**
 * One row for each finished level: the columns of its run as in `toTable`, then those of `LevelSummary` but `layers`, and
 * `sparsity` (1 - density). `engine` is the spec's, and where that is `auto`, the one that was taken.
 */
export function toLevels(records: readonly RunRecord[]): Table {
  const rows = records.flatMap((record) => {
    const run = runCells(record, levelColumns);
    return summaries(record).map(({ kind: _, layers: __, ...row }): TableRow => ({ ...run, ...row, sparsity: 1 - row.density }));
  });
  return tableOf(rows, levelColumns);
}

/** One row for each parameter of each finished level: `level, density` (of the whole), `parameter, layerDensity` (kept share of it). */
export function toLayers(records: readonly RunRecord[]): Table {
  const rows = records.flatMap((record) => {
    const run = runCells(record, layerColumns);
    return summaries(record).flatMap(({ level, density, layers }) =>
      Object.entries(layers).map(([parameter, layerDensity]): TableRow => ({ ...run, level, density, parameter, layerDensity })),
    );
  });
  return tableOf(rows, layerColumns);
}

/** One row for each point of that name: the columns of its run as in `toTable`, then `level` and the point's own values. */
export function toPoints(records: readonly RunRecord[], name: string): Table {
  const rows = records.flatMap((record) => {
    const own = record.rows.filter((row): row is Point => row.kind === 'point' && row.name === name);
    const run = runCells(record, ['level', ...new Set(own.flatMap(({ values }) => Object.keys(values)))]);
    return own.map(({ level, values }): TableRow => ({ ...run, level, ...values }));
  });
  return tableOf(rows, ['level']);
}

/** Without rows a table still has its columns, so that a figure of runs that have only begun is an empty one. */
function tableOf(rows: readonly TableRow[], columns: readonly string[]): Table {
  return fromRows(rows, rows.length === 0 ? [...runColumns, ...columns] : runColumns);
}

function summaries(record: RunRecord): LevelSummary[] {
  return record.rows.filter((row): row is LevelSummary => row.kind === 'level');
}

function runCells({ key, spec }: RunRecord, taken: readonly string[]): Record<string, Cell> {
  const cells: Record<string, Cell> = { key, experiment: spec.experiment, replicate: spec.replicate };
  for (const [name, value] of Object.entries(spec)) {
    // An assignment to `__proto__` would set the prototype, not a cell.
    if (name === 'experiment' || name === 'replicate' || name === '__proto__') continue;
    if (typeof value === 'object' && value !== null) continue;
    cells[taken.includes(name) || name === 'key' ? `spec.${name}` : name] = value as Cell;
  }
  return cells;
}
