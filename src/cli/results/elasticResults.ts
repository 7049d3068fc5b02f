/** Elastic tickets for a terminal and a report: every arm by sparsity, or every source by target. */
import { armLabel, sortArms } from '../../analysis/arms.js';
import { elasticClaims } from '../../analysis/elasticClaims.js';
import { elasticLine } from '../../analysis/elasticLine.js';
import { elasticPairs } from '../../analysis/elasticPairs.js';
import { elasticTable } from '../../analysis/elasticTable.js';
import { claimsSentence } from '../../analysis/juvenileClaims.js';
import { mean } from '../../analysis/confidence.js';
import { fromRows, groupRows, type TableRow, toRows } from '../../analysis/table.js';
import { accuracyByDensity } from '../../figure/accuracyByDensity.js';
import { lossBarrier } from '../../figure/lossBarrier.js';
import type { Block } from '../../figure/report/htmlReport.js';
import { runsSection } from '../../figure/report/runsSection.js';
import type { RunRecord } from '../../run/record.js';
import { percent } from '../output/format.js';
import type { Results, ResultTable } from './results.js';

export const elasticResults: Results = {
  table: (records) => (armsOf(records).some((arm) => !/^(elastic-.*|imp)$/.test(arm)) ? byLevel(records) : byPair(records)),
  claims: (records) => elasticClaims(records).map(({ id, claim, held, sentence }) => ({ id, claim, held, sentence })),
  report(records, context) {
    const own = records.filter(({ spec }) => spec.experiment === 'elastic');
    const claims = elasticClaims(own);
    return {
      title: 'Elastic tickets: does a ticket survive another depth?',
      lead: claimsSentence(claims),
      sections: [
        { heading: 'Claims', blocks: [{ kind: 'claims', claims }] },
        { heading: 'Measured', blocks: [...figuresOf(own), { kind: 'table', ...htmlPairs(own) }] },
        runsSection(records, context),
      ],
      footer:
        'Xiaohan Chen, Yu Cheng, Shuohang Wang, Zhe Gan, Jingjing Liu and Zhangyang Wang, The Elastic Lottery Ticket Hypothesis, arXiv:2103.16547 (NeurIPS 2021).',
    };
  },
};

function armsOf(records: readonly RunRecord[]): string[] {
  return sortArms(records.filter(({ spec }) => spec.experiment === 'elastic').map(({ spec }) => String(spec['arm'])));
}

/** A row for each target and level, a column for each arm. */
function byLevel(records: readonly RunRecord[]): ResultTable {
  const rows = toRows(elasticTable(records)).filter((row) => row['variant'] === 'rule');
  const arms = armsOf(records);
  const groups = groupRows(rows, ['model', 'level']).sort(
    ([a], [b]) => String(a?.['model']).localeCompare(String(b?.['model'])) || Number(a?.['level']) - Number(b?.['level']),
  );
  const several = new Set(rows.map((row) => row['model'])).size > 1;
  const average = (own: readonly TableRow[], name: string): number | null =>
    own.length === 0 ? null : mean(own.map((row) => Number(row[name])));
  const data = groups.map((own) => {
    const baseline = own.filter((row) => !/^(elastic|permute)/.test(String(row['arm'])));
    return {
      ...{ model: own[0]?.['model'] ?? null, level: own[0]?.['level'] ?? null },
      sparsity: average(baseline.length > 0 ? baseline : own, 'sparsity'),
      arms: Object.fromEntries(
        arms.map((arm) => {
          const these = own.filter((row) => row['arm'] === arm);
          return [arm, { replicates: these.length, testAtEnd: average(these, 'testAtEnd'), sparsity: average(these, 'sparsity') }];
        }),
      ),
    };
  });
  return {
    title: 'Test accuracy in % at the end of training, mean over replicates',
    columns: [...(several ? ['target'] : []), 'level', 'sparsity', ...arms].map((title) => ({ title, right: title !== 'target' })),
    rows: data.map((row) => [
      ...(several ? [String(row.model)] : []),
      String(row.level),
      row.sparsity === null ? '-' : row.sparsity.toFixed(4),
      ...arms.map((arm) => percent(row.arms[arm]?.testAtEnd)),
    ]),
    data,
    note: 'The sparsity is that of iterative pruning on the target; that of elastic tickets drifts a little from it (see the points `transfer` of the runs).',
  };
}

/** A row for each pair of networks, with the number of the paper where it has one. */
function byPair(records: readonly RunRecord[]): ResultTable {
  const data = toRows(elasticPairs(records));
  const cell = (value: unknown): string => percent(typeof value === 'number' ? value : null);
  return {
    title: 'Test accuracy in % at the last level, mean over replicates, beside the paper',
    columns: ['source', 'target', 'arm', 'mapping', 'sparsity', 'mean', 'sd', 'n', 'paper'].map((title, i) => ({ title, right: i > 3 })),
    rows: data.map((row) => [
      ...[row['source'], row['model'], row['arm'], row['variant']].map(String),
      Number(row['sparsity']).toFixed(4),
      ...[cell(row['mean']), cell(row['sd']), String(row['n']), cell(row['paper'])],
    ]),
    data,
    ...(data.length === 0 && { note: 'no finished runs of elastic tickets' }),
  };
}

function figuresOf(records: readonly RunRecord[]): Block[] {
  const rows = toRows(elasticTable(records)).filter((row) => row['variant'] === 'rule');
  const targets = [...new Set(rows.map((row) => String(row['model'])))].sort();
  const curves = targets.flatMap((model): Block[] => {
    const own = rows.filter((row) => row['model'] === model);
    const table = fromRows(own.map((row) => ({ ...row, line: nameOf(row) })));
    return [
      {
        kind: 'figure',
        figure: accuracyByDensity(table, {
          value: 'testAtEnd',
          group: new Set(own.map(nameOf)).size > new Set(own.map((r) => r['arm'])).size ? 'line' : 'arm',
          title: `Target ${model}`,
        }),
        caption: `Test accuracy of ${model} at the end of training. Bands span the replicates.`,
      },
    ];
  });
  const line = toRows(elasticLine(records)).filter((row) => row['variant'] === 'rule');
  const lines = [...new Set(line.map((row) => String(row['model'])))].sort().map(
    (model): Block => ({
      kind: 'figure',
      figure: lossBarrier(fromRows(line.filter((row) => row['model'] === model)), {
        title: `From iterative pruning on ${model} to other arms`,
      }),
      caption: 'Error on test images on the straight line from the network of iterative pruning (0) to that of each arm (1).',
    }),
  );
  return [...curves, ...lines];
}

function nameOf(row: TableRow): string {
  const arm = armLabel(String(row['arm']));
  return String(row['arm']).startsWith('elastic') ? `${arm}, from ${row['source']}` : arm;
}

function htmlPairs(records: readonly RunRecord[]) {
  const format = (cell: unknown): string => (typeof cell === 'number' ? (100 * cell).toFixed(2) : '');
  return {
    table: elasticPairs(records),
    columns: [
      ...['source', 'model', 'arm', 'variant'].map((name) => ({ name })),
      { name: 'sparsity', format: (cell: unknown) => (typeof cell === 'number' ? cell.toFixed(4) : '') },
      ...[
        ['mean', 'accuracy, %'],
        ['sd', 'sd'],
        ['paper', 'paper, %'],
      ].map(([name, title]) => ({ name: name as string, title: title as string, format })),
      { name: 'n' },
    ],
    caption:
      'Elastic tickets at the last level: test accuracy at the end, mean and standard deviation over replicates, beside what the paper prints for its own schedule.',
  };
}
