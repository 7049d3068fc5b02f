/** The report on dynamic sparse training (Evci et al. 2020, arXiv:1911.11134). */
import { dynamicSparseClaims } from '../../analysis/dynamicSparseClaims.js';
import { dynamicSparseTable } from '../../analysis/dynamicSparseTable.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { fromRows, toRows } from '../../analysis/table.js';
import { toPoints } from '../../analysis/toTable.js';
import type { Timings } from '../../run/readTimings.js';
import type { RunRecord } from '../../run/record.js';
import { accuracyByDensity } from '../accuracyByDensity.js';
import { accuracyByTime } from '../accuracyByTime.js';
import type { Block, Report } from './htmlReport.js';
import { type ReportContext, runsSection } from './runsSection.js';

/**
 * The report as data; `htmlReport` writes it. Unfinished runs count as far as they are.
 * @param timings from `readTimings`; without them there is nothing at equal time
 */
export function dynamicSparseReport(records: readonly RunRecord[], context: ReportContext = {}, timings?: Timings): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'dynamicSparse');
  const table = dynamicSparseTable(own, timings);
  const rows = toRows(table);
  const claims = dynamicSparseClaims(own, { ...(timings && { timings }) });
  const multiples = [...new Set(rows.map(({ multiple }) => Number(multiple)))].sort((a, b) => a - b);
  const steps = multiples.map((multiple): Block => {
    const length = rows.find((row) => row.multiple === multiple)?.steps;
    return {
      kind: 'figure',
      figure: accuracyByDensity(fromRows(rows.filter((row) => row.multiple === multiple)), {
        value: 'testAtEnd',
        title: `Accuracy by density, ${length} updates for every arm`,
      }),
      caption: 'Test accuracy at the end; all trainings of iterative pruning together take as many updates. Bands span the replicates.',
    };
  });
  const timed = rows.some((row) => row.processor !== null);
  const updates = toPoints(own, 'mask update');
  const prunings = toPoints(own, 'gradual pruning');
  return {
    title: 'Sparse from start to end: dynamic sparse training',
    lead: claimsSentence(claims),
    sections: [
      { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
      { heading: 'At equal steps', blocks: steps },
      {
        heading: 'At equal time',
        blocks: timed
          ? [
              {
                kind: 'figure',
                figure: accuracyByTime(table),
                caption: "Each point is a training from start to end, measuring and RigL's dense gradients included.",
              },
            ]
          : [{ kind: 'text', text: 'These runs have no timings.' }],
      },
      {
        heading: 'Mask updates',
        blocks: [
          {
            kind: 'table',
            table:
              updates.numRows() === 0
                ? updates
                : updates.select('arm', 'replicate', 'density', 'multiple', 'step', 'share', 'moved', 'overlap'),
            caption: 'Some of the mask updates: the share that was put up for exchange, new connections, and overlap with the first mask.',
            folded: true,
          },
          ...(prunings.numRows() === 0
            ? []
            : [
                {
                  kind: 'table' as const,
                  table: prunings.select('replicate', 'density', 'multiple', 'step', 'removed', 'kept', 'left'),
                  caption: 'Some of the prunings of gradual pruning: weights that went, those that are left, and their share.',
                  folded: true,
                },
              ]),
        ],
      },
      runsSection(own, context),
    ],
    footer:
      'Utku Evci, Trevor Gale, Jacob Menick, Pablo Samuel Castro and Erich Elsen, Rigging the Lottery: Making All Tickets Winners, arXiv:1911.11134. Decebal Constantin Mocanu and others, Scalable training of artificial neural networks with adaptive sparse connectivity inspired by network science, arXiv:1707.04780. Michael Zhu and Suyog Gupta, To prune, or not to prune, arXiv:1710.01878.',
  };
}
