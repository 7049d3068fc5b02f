/** The report on tickets for object recognition (Girish et al. 2021, arXiv:2012.04643). */
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { recognitionClaims } from '../../analysis/recognitionClaims.js';
import { recognitionTable } from '../../analysis/recognitionTable.js';
import { toRows } from '../../analysis/table.js';
import { toPoints } from '../../analysis/toTable.js';
import type { RunRecord } from '../../run/record.js';
import { apByCategory } from '../apByCategory.js';
import { apByDensity } from '../apByDensity.js';
import { apChanges } from '../apChanges.js';
import type { Block, Report } from './htmlReport.js';
import { type ReportContext, runsSection } from './runsSection.js';

/** The report as data; `htmlReport` writes it. Unfinished runs count as far as they are. */
export function recognitionReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'recognition');
  const table = recognitionTable(own);
  const rows = toRows(table);
  const kinds = (['box', 'mask', 'keypoints'] as const).filter((kind) => rows.some(({ detected }) => detected === kind));
  const usual = new Set(rows.filter(({ variant }) => variant === '').map(({ key }) => String(key)));
  const categories = toPoints(
    own.filter(({ key }) => usual.has(key)),
    'category',
  );
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
        blocks: [
          figure(apChanges(table, { by: 'size' }), 'Small, medium and large objects of direct pruning, by kept share.'),
          figure(apByCategory(categories), 'Each point is a category.'),
          figure(apByCategory(categories, { by: 'dense' }), 'Easy categories to the right.'),
        ],
      },
      runsSection(own, context),
    ],
    footer:
      'Sharath Girish and others, The Lottery Ticket Hypothesis for Object Recognition, arXiv:2012.04643. COCO: Lin and others, arXiv:1405.0312.',
  };
}
