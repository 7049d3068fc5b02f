/** The report on iterative magnitude pruning with its controls (Frankle & Carbin 2019, arXiv:1803.03635). */
import { acrossReplicates } from '../../analysis/acrossReplicates.js';
import { armLabel, sortArms } from '../../analysis/arms.js';
import { impClaims } from '../../analysis/impClaims.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { matchingByLevel } from '../../analysis/matching.js';
import { fromRows, type TableRow, toRows } from '../../analysis/table.js';
import { toLayers, toLevels } from '../../analysis/toTable.js';
import type { RunRecord } from '../../run/record.js';
import { accuracyByDensity } from '../accuracyByDensity.js';
import { densityByLayer } from '../densityByLayer.js';
import { earlyStopByDensity } from '../earlyStopByDensity.js';
import { generalisationGap } from '../generalisationGap.js';
import type { Report } from './htmlReport.js';
import { type HtmlColumn, percentCell } from './htmlTable.js';
import { type ReportContext, runsSection } from './runsSection.js';

/** The report as data; `htmlReport` writes it. Unfinished runs count as far as they are. */
export function impReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'imp');
  const levels = toLevels(own);
  const claims = impClaims(own);
  const unfinished = own.filter(({ status }) => status !== 'done').length;
  const spread = 'Bands span the replicates from least to greatest; the dotted line is the mean dense network.';
  return {
    title: 'Iterative magnitude pruning: are tickets better than their controls?',
    lead: `${claimsSentence(claims)}${unfinished === 0 ? '' : ` ${unfinished} of ${own.length} runs are not finished.`}`,
    sections: [
      {
        heading: 'Claims',
        blocks: [
          { kind: 'claims', claims },
          { kind: 'text', text: rule },
        ],
      },
      {
        heading: 'Accuracy and early stop',
        blocks: [
          {
            kind: 'figure',
            figure: accuracyByDensity(levels),
            caption: `Test accuracy at the iteration of the least validation loss. ${spread}`,
          },
          {
            kind: 'figure',
            figure: earlyStopByDensity(levels),
            caption: `The iteration of the least validation loss: the earlier, the faster the network learned. ${spread}`,
          },
          { kind: 'table', ...levelTable(own) },
        ],
      },
      {
        heading: 'Generalisation and layers',
        blocks: [
          {
            kind: 'figure',
            figure: generalisationGap(levels),
            caption: `Training accuracy minus test accuracy at the end of training. ${spread}`,
          },
          ...(toLayers(own).numRows() === 0
            ? []
            : [
                {
                  kind: 'figure',
                  figure: densityByLayer(toLayers(own), { arm: 'ticket' }),
                  caption: 'Kept share of each layer of the tickets.',
                } as const,
              ]),
        ],
      },
      runsSection(own, context),
    ],
    footer:
      'Jonathan Frankle and Michael Carbin, The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks, arXiv:1803.03635 (ICLR 2019).',
  };
}

const rule =
  'How it was decided: a ticket is compared with the control or the dense network of the same replicate. A statement held if the whole 95 % interval (Student) of the mean difference agrees, did not hold if none of it does, and is undecided otherwise. Several claims are tested at once: one in twenty intervals misses by chance.';

/** Mean accuracy and early stop of each arm by level, and whether the ticket matches the dense network. */
function levelTable(records: readonly RunRecord[]) {
  const levels = toLevels(records);
  const arms = sortArms(toRows(levels).map((row) => String(row.arm)));
  const means = (value: string): TableRow[] => toRows(acrossReplicates(levels, { by: ['arm', 'level'], value }));
  const [density, accuracy, stop] = [means('density'), means('testAtEarlyStop'), means('earlyStop')];
  const verdicts = toRows(matchingByLevel(levels));
  const pick = (rows: readonly TableRow[], arm: string, level: unknown) => rows.find((row) => row.arm === arm && row.level === level);
  const ids = [...new Set(toRows(levels).map((row) => Number(row.level)))].sort((a, b) => a - b);
  const rows = ids.map((level): TableRow => {
    const verdict = pick(verdicts, 'ticket', level);
    return {
      level,
      density: density.find((row) => row.level === level)?.mean ?? null,
      ...Object.fromEntries(
        arms.flatMap((arm) => [
          [`${arm} accuracy`, pick(accuracy, arm, level)?.mean ?? null],
          [`${arm} stop`, pick(stop, arm, level)?.mean ?? null],
        ]),
      ),
      matching:
        verdict === undefined ? '' : `${verdict.matching === true ? 'yes' : 'no'}${verdict.certain === 'undecided' ? ', not certain' : ''}`,
    };
  });
  const columns: HtmlColumn[] = [
    { name: 'level' },
    { name: 'density', format: (cell) => (typeof cell === 'number' ? cell.toFixed(3) : '') },
    ...arms.flatMap((arm): HtmlColumn[] => [
      { name: `${arm} accuracy`, title: `${armLabel(arm)}, %`, format: percentCell },
      { name: `${arm} stop`, title: 'early stop', format: (cell) => (typeof cell === 'number' ? cell.toFixed(0) : '') },
    ]),
    { name: 'matching', title: 'ticket matches dense' },
  ];
  const caption =
    'Means over replicates: test accuracy in per cent at the early stop, and the early-stop iteration. Matching: within 0.2 points of the dense network of the same replicate, certain if the whole 95 % interval is.';
  return { table: fromRows(rows, ['level', 'density']), columns, caption };
}
