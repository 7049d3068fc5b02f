/** Reports on strong tickets made of subset sums (Pensia et al. 2020, arXiv:2006.07990; Malach et al. 2020, arXiv:2002.00585). */
import { armLabel } from '../../analysis/arms.js';
import type { Claim } from '../../analysis/claim.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { pivot, type PivotOptions } from '../../analysis/pivot.js';
import { constructionClaims } from '../../analysis/constructionClaims.js';
import { maskActionClaims } from '../../analysis/maskActionClaims.js';
import { approximationClaims, subsetSumClaims } from '../../analysis/strongClaims.js';
import { supermaskClaims } from '../../analysis/supermaskClaims.js';
import { type Cell, fromRows, type Table, toRows } from '../../analysis/table.js';
import { toLevels, toPoints } from '../../analysis/toTable.js';
import type { RunRecord } from '../../run/record.js';
import { constructionCurves } from '../constructionCurves.js';
import { maskActionCurves } from '../maskActionCurves.js';
import { supermaskCurves } from '../supermaskCurves.js';
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

/** Random networks of twice the depth pruned to a target: runs of `construction`. */
export function constructionReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'construction');
  const points = toPoints(own, 'construction');
  const claims = constructionClaims(own);
  return {
    title: 'A target built by pruning a random network of twice its depth',
    lead: claimsSentence(claims),
    sections: [
      claimsSection(claims),
      {
        heading: 'Error and bound by the number of random units',
        blocks: [
          ...(points.numRows() === 0
            ? []
            : [
                {
                  kind: 'figure' as const,
                  figure: constructionCurves(points),
                  caption: 'Medians over the targets of a replicate; bands span the replicates.',
                },
              ]),
          pivotBlock(points, { by: 'count', value: 'maxError' }, 'Error on the worst target, mean over replicates.', exponent),
          pivotBlock(points, { by: 'count', value: 'maxBound' }, 'The greatest bound, mean over replicates.', exponent),
          pivotBlock(points, { by: 'count', value: 'keptPerWeight' }, 'Units kept for each weight of the target.', (cell) =>
            typeof cell === 'number' ? cell.toFixed(1) : '',
          ),
        ],
      },
      runsSection(own, context),
    ],
    footer,
  };
}

/** Masks trained on frozen random weights: runs of `supermask`. */
export function supermaskReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'supermask');
  const levels = toLevels(own);
  const claims = supermaskClaims(own);
  return {
    title: 'Masks trained on frozen random weights',
    lead: claimsSentence(claims),
    sections: [
      claimsSection(claims),
      {
        heading: 'Accuracy by the kept share',
        blocks: [
          {
            kind: 'figure',
            figure: supermaskCurves(levels),
            caption: 'Test accuracy at the end of the search; bands span the replicates.',
          },
        ],
      },
      runsSection(own, context),
    ],
    footer: supermaskFooter,
  };
}

/** Criteria, what becomes of kept and pruned weights, and untrained masks: runs of `maskActions`. */
export function maskActionReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'maskActions');
  const claims = maskActionClaims(own);
  const untrained = toRows(toPoints(own, 'untrained')).filter((row) => row.weights === 'constantSigned');
  const retrained = toRows(toPoints(own, 'retrained'));
  const figureOf = (rows: typeof retrained, options: Parameters<typeof maskActionCurves>[1], caption: string): Block[] =>
    rows.length === 0 ? [] : [{ kind: 'figure', figure: maskActionCurves(fromRows(rows), options), caption }];
  const plain = retrained.filter((row) => row.keptAction === 'rewind' && row.prunedAction === 'zero');
  const large = retrained.filter((row) => row.arm === 'magnitude');
  return {
    title: 'What a mask keeps, and what becomes of the rest',
    lead: claimsSentence(claims),
    sections: [
      claimsSection(claims),
      {
        heading: 'Measured',
        blocks: [
          ...figureOf(
            untrained,
            { title: 'Untrained masks on signed constants' },
            'Nothing is trained but the network that the criterion looked at.',
          ),
          ...figureOf(plain, { title: 'Kept weights rewound, pruned weights 0, and trained' }, 'By criterion; bands span the replicates.'),
          ...figureOf(
            large.filter((row) => row.prunedAction === 'zero'),
            { group: 'keptAction', title: 'What becomes of kept weights' },
            'Large final masks, pruned weights 0.',
          ),
          ...figureOf(
            large.filter((row) => row.keptAction === 'rewind'),
            { group: 'prunedAction', title: 'What becomes of pruned weights' },
            'Large final masks, kept weights rewound.',
          ),
        ],
      },
      runsSection(own, context),
    ],
    footer: supermaskFooter,
  };
}

const exponent = (cell: Cell): string => (typeof cell === 'number' ? cell.toExponential(1) : '');

const supermaskFooter =
  'Hattie Zhou, Janice Lan, Rosanne Liu and Jason Yosinski, Deconstructing Lottery Tickets: Zeros, Signs, and the Supermask, arXiv:1905.01067; Vivek Ramanujan, Mitchell Wortsman, Aniruddha Kembhavi, Ali Farhadi and Mohammad Rastegari, What is Hidden in a Randomly Weighted Neural Network?, arXiv:1911.13299; James Diffenderfer and Bhavya Kailkhura, Multi-Prize Lottery Ticket Hypothesis, arXiv:2103.09377.';

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
