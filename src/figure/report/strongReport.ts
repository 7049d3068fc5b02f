/** Reports on strong tickets made of subset sums (Pensia et al. 2020, arXiv:2006.07990; Malach et al. 2020, arXiv:2002.00585). */
import { armLabel } from '../../analysis/arms.js';
import type { Claim } from '../../analysis/claim.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { pivot, type PivotOptions } from '../../analysis/pivot.js';
import { approximationClaims, subsetSumClaims } from '../../analysis/strongClaims.js';
import type { Cell, Table } from '../../analysis/table.js';
import { toLevels, toPoints } from '../../analysis/toTable.js';
import type { RunRecord } from '../../run/record.js';
import { approximationCurves } from '../approximationCurves.js';
import { subsetSumCurves } from '../subsetSumCurves.js';
import type { Block, Report, Section } from './htmlReport.js';
import { percentCell } from './htmlTable.js';
import { type ReportContext, runsSection } from './runsSection.js';

/** How near random sums come: runs of `subsetSums`. */
export function subsetSumReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'subsetSums');
  const points = toPoints(own, 'subset sum');
  const claims = subsetSumClaims(own);
  return {
    title: 'Subset sums: how many random coefficients does a number need?',
    lead: claimsSentence(claims),
    sections: [
      claimsSection(claims),
      {
        heading: 'Error by the number of coefficients',
        blocks: [
          {
            kind: 'figure',
            figure: subsetSumCurves(points),
            caption: 'Median error over the trials of a replicate; bands are 95 % intervals over replicates.',
          },
          pivotBlock(points, { by: 'count', value: 'median' }, 'Median error, mean over replicates.', (cell) =>
            typeof cell === 'number' ? cell.toExponential(1) : '',
          ),
          pivotBlock(points, { by: 'count', value: 'near' }, 'Share of trials that are near enough, in per cent.', percentCell),
        ],
      },
      runsSection(own, context),
    ],
    footer,
  };
}

/** A trained network rebuilt from random coefficients: runs of `approximation`. */
export function approximationReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'approximation');
  const points = toPoints(own, 'approximation');
  const target = toLevels(own);
  const claims = approximationClaims(own);
  const spread = 'Bands span the replicates.';
  return {
    title: 'A trained network rebuilt from random coefficients',
    lead: claimsSentence(claims),
    sections: [
      claimsSection(claims),
      {
        heading: 'What the number of coefficients buys',
        blocks: [
          {
            kind: 'figure',
            figure: approximationCurves(points, { target }),
            caption: `Accuracy on the test part; the dotted line is the target. ${spread}`,
          },
          pivotBlock(points, { by: 'count', value: 'accuracy' }, 'Test accuracy in per cent, mean over replicates.', percentCell),
          {
            kind: 'figure',
            figure: approximationCurves(points, { value: 'maxError' }),
            caption: `The largest error of any weight. ${spread}`,
          },
          {
            kind: 'figure',
            figure: approximationCurves(points, { value: 'keptPerWeight' }),
            caption: `Coefficients that are in use for each weight of the target. ${spread}`,
          },
          pivotBlock(points, { by: 'count', value: 'near' }, 'Weights that are near enough to the target, in per cent.', percentCell),
        ],
      },
      runsSection(own, context),
    ],
    footer,
  };
}

const footer =
  'Eran Malach, Gilad Yehudai, Shai Shalev-Shwartz and Ohad Shamir, Proving the Lottery Ticket Hypothesis: Pruning is All You Need, arXiv:2002.00585; Ankit Pensia, Shashank Rajput, Alliot Nagle, Harit Vishwakarma and Dimitris Papailiopoulos, Optimal Lottery Tickets via SubsetSum, arXiv:2006.07990.';

function claimsSection(claims: readonly Claim[]): Section {
  return { heading: 'Claims', blocks: [{ kind: 'claims', claims }] };
}

function pivotBlock(points: Table, options: PivotOptions, caption: string, format: (cell: Cell) => string): Block {
  if (points.numRows() === 0) return { kind: 'text', text: `${caption} No finished runs.` };
  const table = pivot(points, options);
  const [by = '', ...arms] = table.columnNames();
  return { kind: 'table', table, columns: [{ name: by }, ...arms.map((name) => ({ name, title: armLabel(name), format }))], caption };
}
