/** Boosting and robust tickets for a terminal. */
import { adversarialClaims, obfuscationClaims } from '../../analysis/adversarialClaims.js';
import { boostingClaims } from '../../analysis/boostingClaims.js';
import { boostingTable } from '../../analysis/boostingTable.js';
import type { Claim } from '../../analysis/claim.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { toPoints } from '../../analysis/toTable.js';
import { firstEpochByDensity } from '../../figure/firstEpochByDensity.js';
import type { Report } from '../../figure/report/htmlReport.js';
import { type ReportContext, runsSection } from '../../figure/report/runsSection.js';
import { robustByCost } from '../../figure/robustByCost.js';
import type { Figure } from '../../figure/figure.js';
import type { RunRecord } from '../../run/record.js';
import { percent } from '../output/format.js';
import { pivotTable } from './pivotTable.js';
import type { Results } from './results.js';

const robustClaims = (records: readonly RunRecord[]): Claim[] => [...adversarialClaims(records), ...obfuscationClaims(records)];

export const boostingResults: Results = {
  table: (records) =>
    pivotTable(
      boostingTable(records),
      'Validation accuracy in % at the first measurement, mean over replicates',
      { by: 'density', value: 'first' },
      percent,
    ),
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
