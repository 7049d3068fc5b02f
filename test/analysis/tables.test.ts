import assert from 'node:assert/strict';
import test from 'node:test';
import { fromArrow } from 'arquero';
import { acrossReplicates } from '../../src/analysis/acrossReplicates.js';
import { earlyStop } from '../../src/analysis/earlyStop.js';
import { matchingByLevel } from '../../src/analysis/matching.js';
import { fromRows, toRows } from '../../src/analysis/table.js';
import { escapeLatex, toArrow, toCsv, toLatex, toMarkdown } from '../../src/analysis/toText.js';
import { toLayers, toLevels, toTable } from '../../src/analysis/toTable.js';
import { stream } from '../../src/random.js';
import type { Row, RunRecord } from '../../src/run/record.js';
import { fakeImpRecords, fakeJuvenileRecord, fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

test('toTable has one row for each evaluation, joined with scalar options only', () => {
  const record = fakeJuvenileRecord('reset', 2);
  const rows = toRows(toTable([record]));
  assert.equal(rows.length, 6 * (6 * 3 + 2)); // 6 iterations x (start and 5 epochs, 3 splits each, and 2 splits after pruning)
  const first = rows[0];
  assert.deepEqual(
    [first?.key, first?.experiment, first?.replicate, first?.arm, first?.level, first?.step, first?.split, first?.phase, first?.density],
    ['juvenile-reset-r2-0000', 'juvenile', 2, 'reset', 0, 0, 'train', 'training', 1],
  );
  assert.equal(first?.sparsity, 0.95, 'a scalar option is a column');
  assert.equal(Object.hasOwn(first ?? {}, 'optimizer'), false, 'a nested option is not');
});

test('options that are named like a measurement are set apart, and hostile names do no harm', () => {
  const spec = JSON.parse('{"experiment":"x","replicate":1,"level":9,"key":"mine","__proto__":"evil"}');
  const rows: Row[] = [{ kind: 'evaluation', level: 0, step: 1, split: 'test', loss: 1, accuracy: 0.5, phase: 'training' }];
  const [row] = toRows(toTable([{ key: 'k', spec, rows, status: 'done' }]));
  assert.deepEqual([row?.level, row?.['spec.level'], row?.key, row?.['spec.key']], [0, 9, 'k', 'mine']);
  assert.equal(({} as Record<string, unknown>).evil, undefined);
});

test('records of different experiments share a table; what one lacks is null', () => {
  const rows = toRows(toLevels([...fakeJuvenileRecords(1, ['reset']), ...fakeImpRecords(1, 2, ['ticket'])]));
  assert.equal(rows.length, 6 + 3);
  assert.equal(rows.at(-1)?.epochs, null);
  assert.equal(rows[0]?.model, null);
  assert.equal(rows.at(-1)?.sparsity, 1 - 0.8 ** 2);
});

test('toLayers has one row for each parameter of each level', () => {
  const rows = toRows(toLayers(fakeImpRecords(1, 2, ['ticket'])));
  assert.equal(rows.length, 9);
  assert.deepEqual([rows[3]?.level, rows[3]?.parameter, rows[3]?.layerDensity], [1, 'dense1/kernel', 0.8 * 0.95]);
});

test('an empty list of records makes an empty table', () => {
  assert.equal(toTable([]).numRows(), 0);
  assert.ok(toLevels([]).columnNames().includes('arm'));
});

test('acrossReplicates summarises numbers only', () => {
  const table = fromRows([
    { arm: 'a', level: 0, accuracy: 3 },
    { arm: 'a', level: 0, accuracy: 5 },
    { arm: 'a', level: 0, accuracy: 10 },
    { arm: 'a', level: 0, accuracy: null },
    { arm: 'b', level: 0, accuracy: 7 },
    { arm: 'c', level: 0, accuracy: Number.NaN },
  ]);
  const [a, b, c] = toRows(acrossReplicates(table, { by: ['arm', 'level'], value: 'accuracy', confidence: 0.9 }));
  assert.deepEqual([a?.n, a?.mean, a?.min, a?.max], [3, 6, 3, 10]);
  // stats.t.interval(.9, 2, 6, stats.sem([3, 5, 10])), scipy 1.17.1
  assert.ok(Math.abs((a?.low as number) + 0.07843470155373566) < 1e-9);
  assert.ok(Math.abs((a?.sd as number) - Math.sqrt(13)) < 1e-12); // deviations -3, -1, 4: (9 + 1 + 16) / 2
  assert.deepEqual([b?.n, b?.mean, b?.sd, b?.low], [1, 7, null, null]);
  assert.deepEqual([c?.n, c?.mean], [0, null]);
  const [boot] = toRows(acrossReplicates(table, { by: ['arm'], value: 'accuracy', bootstrap: stream(1, 'b') }));
  assert.ok((boot?.low as number) >= 3 && (boot?.high as number) <= 10);
  assert.throws(() => acrossReplicates(table, { by: ['arm'], value: 'loss' }), /missing column 'loss'.*there are: arm, level, accuracy/);
});

test('earlyStop is the first least validation loss of the level, never NaN', () => {
  const row = (level: number, step: number, split: 'validation' | 'test', loss: number, accuracy: number): Row => ({
    ...{ kind: 'evaluation', level, step, split, loss, accuracy, phase: 'training' },
  });
  const rows = [
    ...[row(0, 100, 'validation', 0.3, 0.9), row(0, 200, 'validation', 0.2, 0.93), row(0, 300, 'validation', 0.2, 0.95)],
    ...[row(0, 400, 'validation', Number.NaN, 0.1), row(0, 200, 'test', 0.25, 0.92), row(1, 100, 'validation', 0.01, 0.99)],
  ];
  assert.deepEqual(earlyStop(rows, 0), { step: 200, validationLoss: 0.2, validationAccuracy: 0.93, testAccuracy: 0.92 });
  assert.equal(earlyStop(rows, 2), undefined);
});

test('matchingByLevel pairs each level with the dense network of its replicate', () => {
  const rows = [
    { arm: 'ticket', level: 0, replicate: 1, density: 1, testAtEarlyStop: 0.98 },
    { arm: 'ticket', level: 0, replicate: 2, density: 1, testAtEarlyStop: 0.97 },
    { arm: 'ticket', level: 1, replicate: 1, density: 0.8, testAtEarlyStop: 0.979 },
    { arm: 'ticket', level: 1, replicate: 2, density: 0.8, testAtEarlyStop: 0.971 },
    { arm: 'shuffle', level: 1, replicate: 2, density: 0.8, testAtEarlyStop: 0.96 },
    { arm: 'shuffle', level: 1, replicate: 9, density: 0.8, testAtEarlyStop: 0.99 },
  ];
  const [ticket, shuffle] = toRows(matchingByLevel(fromRows(rows)));
  assert.deepEqual([ticket?.n, ticket?.matching], [2, true]);
  assert.ok(Math.abs(ticket?.difference as number) < 1e-12);
  assert.deepEqual([shuffle?.n, shuffle?.matching, shuffle?.certain, shuffle?.low], [1, false, 'undecided', null]);
});

const hostile = fromRows([
  { name: 'a,"b"\nc', value: 0.123456 },
  { name: '<script>|x_1&', value: null },
]);

test('CSV quotes commas, quotes and line ends', () => {
  assert.equal(toCsv(hostile), 'name,value\n"a,""b""\nc",0.123456\n<script>|x_1&,\n');
});

test('Markdown and LaTeX escape what would be read as markup', () => {
  assert.equal(toMarkdown(hostile, { digits: 3 }), '| name | value |\n| - | -: |\n| a,"b" c | 0.123 |\n| &lt;script>\\|x\\_1&amp; |  |\n');
  const latex = toLatex(hostile, { columns: ['name'] });
  assert.ok(latex.includes('\\begin{tabular}{l}\n\\toprule\nname \\\\\n\\midrule\n'));
  assert.ok(latex.includes('x\\_1\\&'));
  assert.equal(escapeLatex('100% $5 {x} \\input'), '100\\% \\$5 \\{x\\} \\textbackslash{}input');
});

test('Arrow bytes come back as the same table', () => {
  const table = fromRows([
    { arm: 'a', n: 1, mean: 0.5 },
    { arm: 'b', n: 2, mean: 0.25 },
  ]);
  const back = fromArrow(toArrow(table)) as typeof table;
  assert.deepEqual(toRows(back), toRows(table));
});

test('Arrow bytes of columns that hold nothing, or here and there nothing, come back as the same table', () => {
  // pyarrow 26 called the stream of such a table malformed before.
  const table = fromRows([
    { arm: 'a', limit: null, parent: null, mean: null, n: 1 },
    { arm: 'b', limit: null, parent: 'a28f', mean: 0.25, n: 2 },
  ]);
  const bytes = toArrow(table);
  assert.deepEqual(toRows(fromArrow(bytes) as typeof table), toRows(table));
  assert.deepEqual(toRows(fromArrow(toArrow(table.select('limit') as typeof table)) as typeof table), [{ limit: null }, { limit: null }]);
});

test('a level under way has no density yet', () => {
  const full = fakeJuvenileRecord('reset', 1);
  // Level 0 is (start and 5 epochs) x 3 splits, its summary and 2 pruned evaluations; row 22 is the first of level 1.
  const partial: RunRecord = { ...full, rows: full.rows.slice(0, 22), status: 'partial' };
  assert.deepEqual(
    toRows(toTable([partial]))
      .map(({ level, density }) => [level, density])
      .slice(-2),
    [
      [0, 1],
      [1, null],
    ],
  );
});
