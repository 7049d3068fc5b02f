/** The report on recursive grow-and-prune (Zhang 2021, arXiv:2109.03862). */
import { armLabel } from '../../analysis/arms.js';
import { claimsSentence, juvenileClaims } from '../../analysis/juvenileClaims.js';
import { juvenileTable } from '../../analysis/juvenileTable.js';
import { fromRows, toRows } from '../../analysis/table.js';
import { toTable } from '../../analysis/toTable.js';
import type { RunRecord } from '../../run/record.js';
import { accuracyByIteration } from '../accuracyByIteration.js';
import { juvenileCurves } from '../juvenileCurves.js';
import type { Report } from './htmlReport.js';
import { type HtmlColumn, percentCell } from './htmlTable.js';
import { type ReportContext, runsSection } from './runsSection.js';

/**
 * Test accuracy in iteration 5 and after the last pruning of an independent run in NumPy: one seed, 5 epochs an iteration, batch 128.
 * The paper itself prints no numbers.
 */
const reference: Readonly<Record<string, readonly [last: number, pruned: number]>> = {
  reset: [0.9565, 0.9565],
  'grow-identity': [0.9743, 0.9684],
  'grow-random': [0.9733, 0.596],
  'keep-deep': [0.9734, 0.9734],
  'keep-shallow': [0.9463, 0.9463],
};

/** The report as data; `htmlReport` writes it. Unfinished runs count as far as they are. */
export function juvenileReport(records: readonly RunRecord[], context: ReportContext = {}): Report {
  const own = records.filter(({ spec }) => spec.experiment === 'juvenile');
  const evaluations = toTable(own);
  const claims = juvenileClaims(own);
  const unfinished = own.filter(({ status }) => status !== 'done').length;
  const spread = 'Bands span the replicates from least to greatest.';
  return {
    title: 'Recursive grow-and-prune: does a growing ticket stay juvenile?',
    lead: `${claimsSentence(claims)}${resultSentence(own)}${unfinished === 0 ? '' : ` ${unfinished} of ${own.length} runs are not finished.`}`,
    sections: [
      {
        heading: 'Claims',
        blocks: [
          { kind: 'claims', claims },
          { kind: 'text', text: rule },
        ],
      },
      {
        heading: 'Accuracy',
        blocks: [
          {
            kind: 'figure',
            figure: accuracyByIteration(evaluations),
            caption: `Mean test accuracy by iteration, above at the end of training, below right after the pruning that follows. ${spread} Controls are dashed.`,
          },
          { kind: 'table', ...resultTable(own) },
          { kind: 'table', ...referenceTable(own) },
        ],
      },
      {
        heading: 'Training within each iteration',
        blocks: (['accuracy', 'loss'] as const).map((metric) => ({
          kind: 'figure',
          figure: juvenileCurves(evaluations, { metric }),
          caption: `Mean ${metric} while training, one panel an arm, one colour an iteration: validation solid, training dotted. ${spread} Beginnings far outside the common scale are cut off.`,
        })),
      },
      runsSection(own, context),
    ],
    footer: 'Di Zhang, Juvenile state hypothesis: What we can learn from lottery ticket hypothesis researches?, arXiv:2109.03862 (2021).',
  };
}

const rule =
  'How it was decided: arms are compared replicate by replicate. A statement held if the whole 95 % interval (Student) of the mean difference agrees, did not hold if none of it does, and is undecided otherwise; a claim holds if all its statements do. "Early" is after a fifth of an iteration\'s training. "Slower" compares the training iterations to the validation accuracy that both arms reach.';

const whole = (cell: unknown): string => (typeof cell === 'number' ? cell.toFixed(0) : '');

function resultTable(records: readonly RunRecord[]) {
  const rows = toRows(juvenileTable(records)).map((row) => ({ ...row, arm: armLabel(String(row.arm)) }));
  const levels = Object.keys(rows[0] ?? {}).filter((name) => /^it\d+$/.test(name));
  const columns: HtmlColumn[] = [
    { name: 'arm' },
    { name: 'replicates', title: 'n' },
    ...levels.map((name): HtmlColumn => ({ name, format: percentCell })),
    { name: 'sd', title: 'sd', format: percentCell },
    { name: 'pruned', title: 'after last prune', format: percentCell },
    { name: 'kept', title: 'kept weights', format: whole },
    { name: 'stepsTo97', title: 'steps to 97 %', format: (cell) => (cell === null ? 'not reached' : whole(cell)) },
  ];
  const caption =
    'Mean test accuracy in per cent at the end of each iteration; sd of the last one over replicates, in points; steps: mean number of training iterations to 97 % validation accuracy in the iterations after the first.';
  return { table: fromRows(rows, ['arm']), columns, caption };
}

function referenceTable(records: readonly RunRecord[]) {
  const rows = toRows(juvenileTable(records)).map((row) => {
    const [last = null, pruned = null] = reference[String(row.arm)] ?? [];
    const end = Object.keys(row)
      .filter((name) => /^it\d+$/.test(name))
      .at(-1);
    return {
      arm: armLabel(String(row.arm)),
      last: row[end ?? ''] ?? null,
      reference: last,
      pruned: row.pruned ?? null,
      referencePruned: pruned,
    };
  });
  const columns: HtmlColumn[] = [
    { name: 'arm' },
    { name: 'last', title: 'last iteration', format: percentCell },
    { name: 'reference', title: 'reference', format: percentCell },
    { name: 'pruned', title: 'after last prune', format: percentCell },
    { name: 'referencePruned', title: 'reference', format: percentCell },
  ];
  const caption =
    'The same beside an independent run in NumPy (one seed, 5 epochs an iteration, batch 128), test accuracy in per cent. The paper prints no numbers.';
  return { table: fromRows(rows, ['arm']), columns, caption };
}

/** Last test accuracy of each arm, in words. */
function resultSentence(records: readonly RunRecord[]): string {
  const arms = toRows(juvenileTable(records)).flatMap((row) => {
    const last = Object.entries(row)
      .filter(([name]) => /^it\d+$/.test(name))
      .at(-1)?.[1];
    return typeof last === 'number' ? [`${armLabel(String(row.arm))} ${percentCell(last)} %`] : [];
  });
  return arms.length === 0 ? '' : ` Mean test accuracy in the last iteration: ${arms.join('; ')}.`;
}
