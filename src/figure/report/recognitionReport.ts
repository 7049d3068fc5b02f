/** The report on tickets for object recognition (Girish et al. 2021, arXiv:2012.04643). */
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { recognitionClaims } from '../../analysis/recognitionClaims.js';
import { recognitionTable } from '../../analysis/recognitionTable.js';
import { recognitionCategories } from '../../analysis/recognitionCategories.js';
import { fromRows, type Table, toRows } from '../../analysis/table.js';
import { bySize } from '../../analysis/detection/bySize.js';
import { byDifficulty, byFrequency } from '../../analysis/detection/rankGroups.js';
import { relativeToDense } from '../../analysis/detection/relativeToDense.js';
import type { RunRecord } from '../../run/record.js';
import { apByDensity } from '../apByDensity.js';
import { apChanges } from '../apChanges.js';
import { relativeChange } from '../relativeChange.js';
import type { Block, Report } from './htmlReport.js';
import { type ReportContext, runsSection } from './runsSection.js';

/** The report as data; `htmlReport` writes it. Unfinished runs count as far as they are. */
export function recognitionReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'recognition');
  const table = recognitionTable(own);
  const rows = toRows(table);
  const kinds = (['box', 'mask', 'keypoints'] as const).filter((kind) => rows.some(({ detected }) => detected === kind));
  const hasDense = rows.some(({ arm }) => arm === 'dense');
  const direct = (of: Table): Table =>
    fromRows(
      toRows(of).filter((row) => row['arm'] === 'direct' && row['detected'] === 'box'),
      of.columnNames(),
    );
  const usual = fromRows(
    rows.filter(({ variant }) => variant === ''),
    table.columnNames(),
  );
  const categories = hasDense ? relativeToDense(recognitionCategories(own), { by: ['replicate', 'detected', 'category'] }) : undefined;
  const claims = recognitionClaims(own);
  const figure = (of: Extract<Block, { kind: 'figure' }>['figure'], caption: string): Block => ({ kind: 'figure', figure: of, caption });
  return {
    title: 'Lottery tickets for object recognition',
    lead: claimsSentence(claims),
    sections: [
      { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
      {
        heading: 'Direct pruning and transfer',
        blocks: kinds.map((detected) =>
          figure(apByDensity(table, { detected }), 'By density of the whole network; bands span the replicates.'),
        ),
      },
      {
        heading: 'Ways of pruning',
        blocks: kinds.map((detected) =>
          figure(apChanges(table, { detected }), 'Change against the dense detector that learned the same; lines span the replicates.'),
        ),
      },
      {
        heading: 'Which objects',
        blocks:
          categories === undefined
            ? []
            : [
                figure(
                  relativeChange(direct(relativeToDense(bySize(usual), { by: ['replicate', 'detected', 'size'] }))),
                  'Boxes of small, medium and large objects, direct pruning.',
                ),
                figure(relativeChange(direct(byFrequency(categories)), { by: 'group' }), 'Boxes of rare and frequent classes.'),
                figure(
                  relativeChange(direct(byDifficulty(categories)), { by: 'group' }),
                  'Boxes of classes that are hard and easy to the dense detector.',
                ),
              ],
      },
      runsSection(own, context),
    ],
    footer:
      'Sharath Girish and others, The Lottery Ticket Hypothesis for Object Recognition, arXiv:2012.04643. COCO: Lin and others, arXiv:1405.0312.',
  };
}
