/** Boosting and robust tickets for a terminal. */
import { adversarialClaims, obfuscationClaims } from '../../analysis/adversarialClaims.js';
import { boostingClaims } from '../../analysis/boostingClaims.js';
import { boostingSummary } from '../../analysis/boostingSummary.js';
import { boostingTable } from '../../analysis/boostingTable.js';
import { type Cell, toRows } from '../../analysis/table.js';
import type { Claim } from '../../analysis/claim.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { toPoints } from '../../analysis/toTable.js';
import { firstEpochByDensity } from '../../figure/firstEpochByDensity.js';
import type { Report } from '../../figure/report/htmlReport.js';
import { type ReportContext, runsSection } from '../../figure/report/runsSection.js';
import { robustByCost } from '../../figure/robustByCost.js';
import type { Figure } from '../../figure/figure.js';
import { readTimings } from '../../run/readTimings.js';
import type { RunRecord } from '../../run/record.js';
import { openStore } from '../../run/store.js';
import { percent } from '../output/format.js';
import { pivotTable } from './pivotTable.js';
import type { Results } from './results.js';

const robustClaims = (records: readonly RunRecord[]): Claim[] => [
  ...adversarialClaims(records, { timings: readTimings(openStore(), records) }),
  ...obfuscationClaims(records),
];

export const boostingResults: Results = {
  table(records) {
    const levels = boostingTable(records);
    if (new Set(toRows(levels).map(({ level }) => level)).size > 2)
      return pivotTable(
        levels,
        'Validation accuracy in % after the first epoch, mean over replicates',
        { by: 'density', value: 'first' },
        percent,
      );
    const data = toRows(boostingSummary(records));
    return {
      title: 'Accuracy in %, mean over replicates: validation after the first epoch, test at the early stop and at the end',
      columns: ['arm', 'density', 'epoch 1', 'early stop', 'test there', 'test at end'].map((title, i) => ({ title, right: i > 0 })),
      rows: data.map((row) => [
        String(row.arm),
        Number(row.density).toFixed(2),
        percent(orUndefined(row.first)),
        typeof row.earlyStopEpoch === 'number' ? `epoch ${row.earlyStopEpoch.toFixed(1)}` : '-',
        percent(orUndefined(row.testAtEarlyStop)),
        percent(orUndefined(row.testAtEnd)),
      ]),
      data,
    };
  },
  claims: (records) => boostingClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: (records, context) =>
    report(
      'Do tickets from a small learning rate train faster?',
      boostingClaims(records),
      firstEpochByDensity(boostingTable(records)),
      'Bands span the replicates.',
      records,
      context,
    ),
};

export const adversarialResults: Results = {
  table: (records) =>
    pivotTable(
      toPoints(records, 'robust'),
      'Test accuracy in % under attack, by gradient evaluations spent',
      { by: 'evaluations', value: 'robust' },
      percent,
    ),
  claims: (records) => robustClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report: (records, context) =>
    report(
      'Is adversarial training cheaper with a ticket?',
      robustClaims(records),
      robustByCost(toPoints(records, 'robust')),
      'Cost includes the training for the mask. Bands span the replicates.',
      records,
      context,
    ),
};

function orUndefined(cell: Cell | undefined): number | undefined {
  return typeof cell === 'number' ? cell : undefined;
}

function report(
  title: string,
  claims: readonly Claim[],
  figure: Figure,
  caption: string,
  records: readonly RunRecord[],
  context: ReportContext,
): Report {
  return {
    title,
    lead: claimsSentence(claims),
    sections: [
      { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
      { heading: 'Measured', blocks: [{ kind: 'figure', figure, caption }] },
      runsSection(records, context),
    ],
    footer:
      'Bai Li, Shiqi Wang, Yunhan Jia, Yantao Lu, Zhenyu Zhong, Lawrence Carin and Suman Jana, Towards Practical Lottery Ticket Hypothesis for Adversarial Training, arXiv:2003.05733.',
  };
}
