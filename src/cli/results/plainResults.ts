/** Any experiment for a terminal: one line for each finished level. */
import { accuracyByDensity } from '../../figure/accuracyByDensity.js';
import { toLevels } from '../../analysis/toTable.js';
import { runsSection } from '../../figure/report/runsSection.js';
import type { LevelSummary, RunRecord } from '../../run/record.js';
import { count, percent } from '../output/format.js';
import type { Results } from './results.js';

export const plainResults: Results = {
  table(records) {
    const data = records.flatMap(({ key, rows }) => levelsOf({ rows }).map((level) => ({ key, ...level })));
    const several = new Set(data.map(({ key }) => key)).size > 1;
    const engines = data.some(({ engine }) => engine !== undefined);
    const titles = [
      ...(several ? ['run'] : []),
      'level',
      'density',
      'kept',
      'steps',
      'stop',
      'at stop',
      'test',
      'valid.',
      'train',
      ...(engines ? ['engine'] : []),
    ];
    return {
      title: 'Accuracy in %: test at the early-stop iteration and at the end, validation, train',
      columns: titles.map((title) => ({ title, right: title !== 'run' })),
      rows: data.map((row) => [
        ...(several ? [row.key] : []),
        String(row.level),
        row.density.toFixed(4),
        count(row.kept),
        count(row.steps),
        count(row.earlyStop),
        ...[row.testAtEarlyStop, row.testAtEnd, row.validationAtEnd, row.trainAtEnd].map(percent),
        ...(engines ? [row.engine ?? '-'] : []),
      ]),
      data,
      ...(data.length === 0 && { note: 'these runs have no levels; their rows are in rows.jsonl of each folder' }),
    };
  },
  claims: () => [],
  report: (records, context) => ({
    title: [...new Set(records.map(({ spec }) => spec.experiment))].join(', '),
    sections: [
      {
        heading: 'Accuracy',
        blocks: [
          {
            kind: 'figure',
            figure: accuracyByDensity(toLevels(records)),
            caption: 'Test accuracy at the iteration of the least validation loss.',
          },
        ],
      },
      runsSection(records, context),
    ],
  }),
};

/** The level summaries of a record. */
export function levelsOf({ rows }: Pick<RunRecord, 'rows'>): LevelSummary[] {
  return rows.filter((row): row is LevelSummary => row.kind === 'level');
}
