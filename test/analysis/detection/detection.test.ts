/** Tables of detectors: by size, by frequency, by difficulty, relative to the dense network. Values by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { bySize } from '../../../src/analysis/detection/bySize.js';
import { byDifficulty, byFrequency, rankGroups } from '../../../src/analysis/detection/rankGroups.js';
import { relativeToDense } from '../../../src/analysis/detection/relativeToDense.js';
import { fromRows, toRows } from '../../../src/analysis/table.js';
import { UserError } from '../../../src/check.js';

const classes = fromRows(
  [
    ['a', 0.8, 0.4, 100],
    ['b', 0.5, 0.55, 10],
    ['c', 0, 0.1, 1],
  ].flatMap(([category, dense, pruned, trained]) => [
    { arm: 'dense', replicate: 1, detected: 'box', category: category as string, ap: dense as number, trained: trained as number },
    { arm: 'direct', replicate: 1, detected: 'box', category: category as string, ap: pruned as number, trained: trained as number },
  ]),
);
const by = ['replicate', 'detected', 'category'];

test('relative to the dense network of the same replicate and class', () => {
  const rows = toRows(relativeToDense(classes, { by })).filter(({ arm }) => arm === 'direct');
  assert.deepEqual(
    rows.map(({ dense, relative }) => [dense, relative === null ? null : Math.round(1000 * (relative as number)) / 1000]),
    [
      [0.8, -0.5],
      [0.5, 0.1],
      [0, null],
    ],
  );
  const other = fromRows(toRows(classes).map((row) => ({ ...row, replicate: row.arm === 'dense' ? 1 : 2 })));
  assert.ok(toRows(relativeToDense(other, { by })).every(({ arm, relative }) => arm === 'dense' || relative === null));
  assert.throws(() => relativeToDense(classes, { by, isDense: () => false }), UserError);
  assert.throws(() => relativeToDense(classes, { by: ['class'] }), UserError);
});

test('classes by frequency and by difficulty', () => {
  const groups = (table: ReturnType<typeof byFrequency>): unknown[] =>
    toRows(table)
      .filter(({ arm }) => arm === 'direct')
      .map(({ group, rank }) => `${group} ${rank}`);
  assert.deepEqual(groups(byFrequency(classes)), ['frequent 3', 'common 2', 'rare 1']);
  assert.deepEqual(groups(byDifficulty(relativeToDense(classes, { by }))), ['easy 3', 'medium 2', 'hard 1']);
});

test('ten classes in three groups: four, three, three; none without a value', () => {
  const table = fromRows([...Array.from({ length: 10 }, (_, i) => ({ category: `c${i}`, n: i })), { category: 'unknown', n: null }]);
  const rows = toRows(rankGroups(table, { value: 'n', within: [], names: ['x', 'y', 'z'] }));
  assert.deepEqual(rows.map(({ group }) => group ?? '-').join(''), 'xxxxyyyzzz-');
  const two = fromRows([
    { category: 'a', n: 1 },
    { category: 'a', n: 2 },
  ]);
  assert.throws(() => rankGroups(two, { value: 'n', within: [], names: ['x'] }), /one value/);
});

test('one row a size', () => {
  const table = fromRows([{ arm: 'dense', ap: 0.5, small: 0.1, medium: 0.6, large: null }]);
  assert.deepEqual(toRows(bySize(table)), [
    { arm: 'dense', size: 'small', ap: 0.1 },
    { arm: 'dense', size: 'medium', ap: 0.6 },
    { arm: 'dense', size: 'large', ap: null },
  ]);
  // What reads the result finds its columns even where no run had the usual parts.
  assert.deepEqual(bySize(fromRows([], table.columnNames())).columnNames(), ['arm', 'size', 'ap']);
});
