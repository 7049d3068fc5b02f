/** The table and the claims on records whose AP is a formula (test/fixtures/fakeRecognition.ts), so that every verdict is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawnDetections } from '../../src/analysis/drawnDetections.js';
import { runLengthString } from '../../src/dataset/coco/runLengthString.js';
import { recognitionClaims } from '../../src/analysis/recognitionClaims.js';
import { recognitionTable } from '../../src/analysis/recognitionTable.js';
import { toRows } from '../../src/analysis/table.js';
import { recognitionReport } from '../../src/figure/report/recognitionReport.js';
import { fakeRecognitionRecords } from '../fixtures/fakeRecognition.js';

const records = fakeRecognitionRecords();

test('one row for each kind and level; variants, densities and the dense partner', () => {
  const rows = toRows(recognitionTable(records));
  // 1 + 5 x 3 levels of arms, 3 layerwise, 1 each of three more; three kinds, three replicates.
  assert.equal(rows.length, (1 + 15 + 3 + 3) * 9);
  const of = (arm: string, variant: string) =>
    rows.filter((row) => row['arm'] === arm && row['variant'] === variant && row['detected'] === 'box');
  assert.deepEqual([...new Set(rows.filter(({ arm }) => arm === 'direct').map(({ variant }) => variant))].sort(), [
    '',
    '3 rounds',
    'back to 0it',
    'heads',
    'layerwise',
  ]);
  assert.deepEqual(
    of('transfer', '')
      .slice(0, 3)
      .map(({ asked, density }) => [asked, Number(Number(density).toFixed(2))]),
    [
      [0.5, 0.7],
      [0.2, 0.52],
      [0.1, 0.46],
    ],
  );
  for (const row of of('direct', '')) assert.equal(row['denseAp'], 0.4 + 0.01 * Number(row['replicate']));
  assert.equal(of('dense', '')[0]?.['asked'], 1);
  assert.equal(toRows(recognitionTable([])).length, 0);
});

test('verdicts follow the numbers', () => {
  const held = Object.fromEntries(recognitionClaims(records).map(({ id, held }) => [id, held]));
  // Direct pruning to 20 % loses 0.02 x 0.64 = 1.28 points; transfer at 10 % loses 7.5; the controls 10.8 and 13.5.
  assert.equal(held['direct'], true);
  assert.equal(held['transfer'], true);
  assert.equal(held['mask-transfer'], true);
  assert.equal(held['shuffled'], true);
  assert.equal(held['fresh'], true);
  assert.equal(held['small'], true);
  // Nothing is known of other tasks: no runs.
  assert.equal(held['tasks'], 'undecided');
  const strict = recognitionClaims(records, { tolerance: 0.01 }).find(({ id }) => id === 'direct');
  assert.equal(strict?.held, false);
  assert.match(
    strict?.sentence ?? '',
    /box AP of direct pruning to 20 % against dense: did not hold, 40\.72 % and 42\.00 %; difference -1\.28 points/,
  );
});

test('the early bird is the kept step nearest to half of the training', () => {
  const overlapping = (at500: number): typeof records =>
    records.map((record): (typeof records)[number] =>
      record.spec['arm'] !== 'dense'
        ? record
        : {
            ...record,
            rows: [
              ...record.rows,
              ...[0, 250, 500, 750].map((step) => ({
                ...{ kind: 'point' as const, name: 'overlap', level: 0 },
                values: { density: 0.2, step, overlap: step === 500 ? at500 : 0.5 },
              })),
            ],
          },
    );
  const verdict = (at500: number) => recognitionClaims(overlapping(at500)).find(({ id }) => id === 'early-bird')?.held;
  assert.deepEqual([verdict(0.95), verdict(0.8)], [true, false]);
});

test('variants say what is learned and where the mask is from', () => {
  const [record] = records.filter(({ spec }) => spec['arm'] === 'direct');
  assert.ok(record);
  const variantOf = (options: object) =>
    toRows(recognitionTable([{ ...record, spec: { ...record.spec, ...options } as never }]))[0]?.['variant'];
  assert.equal(variantOf({ parts: ['keypoints'], ticketParts: ['masks'] }), 'learns keypoints, mask from segmentation');
  assert.equal(variantOf({ parts: ['masks'] }), 'learns segmentation');
  assert.equal(variantOf({ parts: [] }), 'boxes only');
  assert.equal(variantOf({ modules: ['neck'], reset: '0it' }), 'neck, back to 0it');
});

test('drawn detections come back as they were said', () => {
  const [dense] = records.filter(({ spec }) => spec['arm'] === 'dense');
  assert.ok(dense);
  const mask = { height: 64, width: 64, counts: Uint32Array.of(70, 3, 61, 3, 3959) };
  const values = {
    image: 2,
    category: 4,
    score: 0.75,
    x: 1,
    y: 6,
    width: 2,
    height: 3,
    mask: runLengthString(mask),
    keypoints: '1.5 6 1 3 9 1',
  };
  const record = { ...dense, rows: [...dense.rows, { kind: 'point' as const, name: 'drawn', level: 0, values }] };
  const [found] = drawnDetections(record, 0);
  assert.deepEqual(found, {
    ...{ image: 2, category: 4, score: 0.75, box: [1, 6, 2, 3], mask },
    keypoints: Float64Array.of(1.5, 6, 1, 3, 9, 1),
  });
  assert.throws(() => drawnDetections(dense, 7), /missing detections of level 7/);
});

test('without runs every claim is undecided', () => {
  for (const { held } of recognitionClaims([])) assert.equal(held, 'undecided');
});

test('the report has its figures, also of runs that have only begun', () => {
  const figures = (of: typeof records) =>
    recognitionReport(of).sections.flatMap(({ blocks }) => blocks.filter(({ kind }) => kind === 'figure')).length;
  assert.equal(figures(records), 3 + 3 + 3);
  assert.equal(figures([]), 0);
  assert.equal(figures(records.filter(({ spec }) => spec['arm'] === 'direct')), 6);
});
