/** The notebook's pieces without a notebook. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';
import { curvesSvg, roundTicks } from '../../src/notebook/curvesSvg.js';
import { display, jupyterDisplay, type MimeBundle } from '../../src/notebook/display.js';
import { interruptible } from '../../src/notebook/interruptible.js';
import { liveChart } from '../../src/notebook/liveChart.js';
import { notebookParameters, type ParameterValue } from '../../src/notebook/notebookParameters.js';
import { progress, progressLine } from '../../src/notebook/progress.js';
import { currentScale, scale } from '../../src/notebook/scale.js';

const hostile = '<img src=x onerror=alert(1)>&"\'';

test('scale: the choice of the environment, preset without one, an error for a wrong name', () => {
  assert.equal(currentScale({}), 'preset');
  assert.equal(currentScale({ NEOTENY_SCALE: 'smoke' }), 'smoke');
  assert.throws(() => currentScale({ NEOTENY_SCALE: 'smok' }), /unknown scale \(NEOTENY_SCALE\): 'smok'\. Did you mean 'smoke'\?/);
  assert.equal(scale({ smoke: 1, preset: 5, paper: 20 }, 'paper'), 20);
});

test('parameters: frozen data that shows itself escaped, and nothing but JSON', () => {
  const chosen = notebookParameters({ levels: 5, title: hostile }, 'smoke');
  assert.deepEqual({ ...chosen }, { levels: 5, title: hostile });
  assert.throws(() => Object.assign(chosen, { levels: 6 }), TypeError);
  const bundle = display(chosen) as MimeBundle;
  assert.equal(bundle['text/plain'], `scale = smoke\nlevels = 5\ntitle = ${JSON.stringify(hostile)}`);
  assert.equal(new JSDOM(String(bundle['text/html'])).window.document.querySelectorAll('img').length, 0);
  assert.throws(() => notebookParameters({ rate: Number.NaN }), /invalid parameter rate: expected .*finite number.*, found NaN/);
  assert.throws(() => notebookParameters({ nested: { deep: (() => 1) as unknown as ParameterValue } }), /invalid parameter nested\.deep/);
});

test('display: own bundles, figures, tables, and undefined for the rest', () => {
  assert.deepEqual(display({ [jupyterDisplay]: () => ({ 'text/plain': 'me' }) }), { 'text/plain': 'me' });
  for (const other of [1, 'text', null, undefined, [], {}, { data: [] }, { data: [1], layout: {} }, new Map()])
    assert.equal(display(other), undefined);
});

test('progress: at most five drawings a second, rate and time left, the final state', () => {
  let clock = 0;
  const drawn: string[] = [];
  const bar = progress('train', 100, { now: () => clock, place: { set: (bundle) => drawn.push(String(bundle['text/plain'])) } });
  for (let i = 1; i <= 100; i++) {
    clock += 50;
    bar.at(i, i === 100 ? 'done' : '');
  }
  bar.finish();
  // 5 s: the opening, one each 200 ms (25), the end
  assert.equal(drawn.length, 27);
  assert.equal(drawn[0], 'train: 0/100 (0%)');
  assert.equal(drawn[1], 'train: 4/100 (4%), 20/s, 5 s left');
  assert.equal(drawn.at(-1), 'train: 100/100 (100%), 20/s, took 5 s, done');
});

test('progress: resumed work counts as done and not into the rate; stopped work says so', () => {
  const state = { done: 30, from: 20, seconds: 100, note: '', ended: false };
  assert.equal(progressLine('run', 50, state), 'run: 30/50 (60%), 10 s each, 3 min 20 s left'); // 20 left at 10 s each
  assert.equal(progressLine('run', 50, { ...state, ended: true }), 'run: 30/50 (60%), 10 s each, stopped after 1 min 40 s');
  assert.throws(() => progress('run', 1.5), /invalid total of progress 'run'/);
});

test('progress outside a notebook prints one line, at the end', () => {
  const lines: string[] = [];
  const bar = progress('run', 2, { now: () => 0, print: (line) => lines.push(line) });
  bar.at(2);
  bar.finish();
  assert.deepEqual(lines, ['run: 2/2 (100%), took 0 s']);
});

test('round ticks', () => {
  assert.deepEqual(roundTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(roundTicks(0.93, 0.99, 5), [0.94, 0.96, 0.98]);
  assert.deepEqual(roundTicks(-3, 12000, 4), [0, 5000, 10000]);
});

test('curves: well-formed SVG, a path per curve, gaps where values are not finite, text escaped', () => {
  const svg = curvesSvg(
    [
      { name: hostile, x: [0, 1, 2, 3], y: [1, Number.NaN, 0.5, 0.25] },
      { name: 'one', x: [1], y: [2] },
    ],
    { title: hostile },
  );
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window; // throws unless well-formed
  const lines = [...document.querySelectorAll('path[stroke-width="1.8"]')].map((path) => path.getAttribute('d') ?? '');
  assert.equal(lines.length, 2);
  assert.equal(lines[0]?.match(/M/g)?.length, 2);
  assert.match(lines[1] ?? '', /h0\.1$/);
  // x from 0 to 3 over 64..500, y from 0.25 to 2 over 276..30: the last point of the first curve is at the bottom right
  assert.match(lines[0] ?? '', /500\.0 276\.0$/);
  assert.equal(document.querySelectorAll('img').length, 0);
  assert.ok([...document.querySelectorAll('text')].some((text) => text.textContent === hostile));
  new JSDOM(curvesSvg([]), { contentType: 'image/svg+xml' });
});

test('a long curve stays small, and a live chart is drawn twice a second', () => {
  const many = Array.from({ length: 100_000 }, (_, i) => i);
  assert.ok(curvesSvg([{ name: 'long', x: many, y: many }]).length < 20_000);
  let clock = 0;
  const drawn: MimeBundle[] = [];
  const chart = liveChart({ now: () => clock, place: { set: (bundle) => drawn.push(bundle) } });
  for (let i = 0; i < 100; i++) {
    chart.add('loss', i, 1 / (i + 1));
    clock += 50;
  }
  assert.equal(drawn.length, 10); // 5 s
});

test('interruptible outside a notebook just runs', async () => {
  assert.equal(await interruptible(async (signal) => signal.aborted), false);
  await assert.rejects(
    interruptible(() => Promise.reject(new Error('mine'))),
    /mine/,
  );
});
