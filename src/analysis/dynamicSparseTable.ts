/** What dynamic sparse training and its rivals reach, and what it takes. Evci et al. 2020, arXiv:1911.11134. */
import { type DynamicSparseSpec, dynamicSparseSettings } from '../run/experiments/dynamicSparse.js';
import type { Timing, Timings } from '../run/readTimings.js';
import type { LevelSummary, RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow } from './table.js';

/**
 * One row for each finished setting of the `dynamicSparse` runs: `key, arm, replicate`, `asked` (density asked for; 1 for the dense
 * network), `density` (of the last mask), `kept`, `multiple` of the length, `steps` (updates of the whole setting, of iterative pruning
 * all levels together), `testAtEnd, testAtEarlyStop, validationAtEnd` of its last level, `seconds` and `processor` (by the wall's clock
 * and by the processor's, measuring included; null without timings), and `level` (0: dense, else the rank of the density, so that
 * figures by density can draw it).
 */
export function dynamicSparseTable(records: readonly RunRecord[], timings?: Timings): Table {
  const own = records.filter(({ spec }) => spec.experiment === 'dynamicSparse');
  const densities = [...new Set(own.flatMap(({ spec }) => (spec.arm === 'dense' ? [] : (spec as DynamicSparseSpec).densities)))];
  densities.sort((a, b) => b - a);
  const rows = own.flatMap(({ key, spec, rows: written }) => {
    const levels = written.filter((row): row is LevelSummary => row.kind === 'level');
    return dynamicSparseSettings(spec as DynamicSparseSpec).flatMap(({ density: asked, multiple, first, last, stage }): TableRow[] => {
      const inside = levels.filter(({ level }) => level >= first && level <= last);
      const end = inside.find(({ level }) => level === last);
      if (end === undefined) return [];
      return [
        {
          ...{ key, arm: String(spec.arm), replicate: spec.replicate, asked, density: end.density, kept: end.kept, multiple },
          steps: inside.reduce((sum, { steps }) => sum + steps, 0),
          ...{ testAtEnd: end.testAtEnd, testAtEarlyStop: end.testAtEarlyStop, validationAtEnd: end.validationAtEnd },
          ...{ seconds: spent(timings?.seconds[key], stage), processor: spent(timings?.processor[key], stage) },
          level: spec.arm === 'dense' ? 0 : 1 + densities.indexOf(asked),
        },
      ];
    });
  });
  const columns = ['key', 'arm', 'replicate', 'asked', 'density', 'kept', 'multiple', 'steps', 'testAtEnd', 'testAtEarlyStop'];
  return fromRows(rows, [...columns, 'validationAtEnd', 'seconds', 'processor', 'level']);
}

/** Of a stage and of those that number its levels. */
function spent(timing: Timing | undefined, stage: string): number | null {
  const own = Object.entries(timing ?? {}).filter(([name]) => name === stage || name.startsWith(`${stage}-level-`));
  return own.length === 0 ? null : own.reduce((sum, [, seconds]) => sum + seconds, 0);
}
