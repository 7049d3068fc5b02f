/** Values that show themselves: what is recognised, what a person reads, and that nothing foreign gets into the page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JSDOM } from 'jsdom';
import sharp from 'sharp';
import { juvenileClaims } from '../../src/analysis/juvenileClaims.js';
import type { Architecture } from '../../src/model/architecture.js';
import { mlp } from '../../src/model/families/mlp.js';
import { type MimeBundle, display } from '../../src/notebook/display.js';
import { kinds } from '../../src/notebook/kinds/kinds.js';
import { markdown } from '../../src/notebook/markdown.js';
import { stamp } from '../../src/notebook/stamp.js';
import { prune } from '../../src/prune/prune.js';
import type { RunRecord } from '../../src/run/record.js';
import { criteria } from '../../src/score/criteria.js';
import { stream } from '../../src/random.js';
import { childTicket } from '../../src/ticket/childTicket.js';
import { denseTicket } from '../../src/ticket/denseTicket.js';
import { ticketHash } from '../../src/ticket/ticketHash.js';
import type { Ticket } from '../../src/ticket/ticket.js';
import { fakeImpRecords, fakeJuvenileRecords } from '../fixtures/fakeRecords.js';

const hostile = '<img src=x onerror=alert(1)>&"\'';
const network = mlp('mlp-12-8', [12, 8], [8, 8, 1], 4);
const dense = denseTicket(network, 1, 'glorotNormal');
const scores = await criteria.magnitude.score({ weights: dense.weights, initial: dense.weights, mask: dense.mask, random: stream(1) });
const mask = prune(dense.mask, Object.fromEntries(Object.keys(dense.mask).map((name) => [name, scores[name] as never])), {
  amount: { density: 0.25 },
});
const ticket = childTicket(dense, { mask, weights: dense.weights }, 'prune and rewind', { level: 1 });

async function shown(value: unknown): Promise<{ html: Document; text: string; bundle: MimeBundle }> {
  const bundle = await display(value);
  assert.ok(bundle !== undefined, 'not recognised');
  return { html: new JSDOM(String(bundle['text/html'])).window.document, text: String(bundle['text/plain']), bundle };
}

/** The only pictures are PNGs in the page itself, and nothing runs. */
async function assertSafe(html: Document, pictures: number): Promise<void> {
  assert.equal(html.querySelectorAll('script, svg, style, iframe, link').length, 0);
  const found = [...html.querySelectorAll('img')];
  assert.equal(found.length, pictures);
  for (const picture of found) {
    assert.equal(picture.getAttribute('onerror'), null);
    const [head = '', body = ''] = (picture.getAttribute('src') ?? '').split(',');
    assert.equal(head, 'data:image/png;base64');
    const png = Buffer.from(body, 'base64');
    const [{ width }, { channels }] = await Promise.all([sharp(png).metadata(), sharp(png).stats()]);
    assert.equal(width, 2 * Number(picture.getAttribute('width')));
    assert.ok(Math.max(...channels.map(({ stdev }) => stdev)) > 5, 'a blank picture');
  }
}

test('a ticket: identity, origin, density by layer, what is certain of it, its mask', async () => {
  const { html, text } = await shown(ticket);
  await assertSafe(html, 1);
  // 64 x 12 + 12 x 8 + 8 x 4 = 896 prunable weights, a quarter of them 224
  for (const what of [html.body.textContent ?? '', text]) {
    assert.match(what, new RegExp(ticketHash(ticket)));
    assert.match(what, /224 of 896 prunable weights kept: density 0\.25/);
    assert.match(what, /prune and rewind, level 1/);
    assert.match(what, new RegExp(ticketHash(dense)));
    assert.match(what, /dense1\/kernel\s*64 × 12/);
    assert.match(what, /are exactly 0/);
    assert.match(what, /fit the architecture/);
  }
});

test('a ticket that is none says what is wrong', async () => {
  const alive: Ticket = { ...ticket, weights: dense.weights };
  assert.match((await shown(alive)).text, /pruned weights\s+are not all 0 in dense1\/kernel/);
  const { 'output/kernel': _, ...less } = ticket.mask;
  assert.match((await shown({ ...ticket, mask: less })).text, /do not fit the architecture/);
  const twos = { ...ticket.mask, 'output/kernel': { shape: [8, 4], values: new Uint8Array(32).fill(2) } };
  assert.match((await shown({ ...ticket, mask: twos })).text, /Not drawn: invalid bit 0: expected 0 or 1, found 2/);
});

test('an architecture is a diagram, a mask a picture with its shares', async () => {
  const first = await shown(network);
  await assertSafe(first.html, 1);
  assert.match(first.text, /mlp-12-8, \[8, 8, 1\] to \[4\], 920 parameters, depth 3/); // 896 weights and 12 + 8 + 4 biases
  const second = await shown(mask);
  await assertSafe(second.html, 1);
  assert.match(second.text, /^Mask: 224 of 896 prunable weights kept/);
});

test('a run: key, state, options beside the defaults, levels; runs beside one another', async () => {
  const runs = fakeJuvenileRecords(2, ['reset', 'grow-identity']).map(
    (run, i): RunRecord => ({ ...run, spec: { ...run.spec, batchSize: 64, seed: i } }),
  );
  const [first, ...rest] = runs as [RunRecord, ...RunRecord[]];
  const one = await shown(first);
  await assertSafe(one.html, 0);
  for (const what of [first.key, 'weight reset, replicate 1', 'batchSize = 64']) assert.ok(one.text.includes(what), what);
  assert.equal(one.html.querySelectorAll('table:nth-of-type(2) tbody tr').length, 6);
  const all = await shown(runs);
  await assertSafe(all.html, 0);
  assert.deepEqual(
    [...all.html.querySelectorAll('table:first-of-type tbody tr td:first-child')].map((cell) => cell.textContent),
    ['weight reset', 'grow, identity'],
  );
  const differing = [...all.html.querySelectorAll('table:nth-of-type(2) thead th')].map((cell) => cell.textContent);
  assert.ok(differing.includes('seed') && !differing.includes('batchSize'), differing.join());
  assert.match(all.text, /Options of all: batchSize = 64/);
  for (const run of rest) assert.ok(all.text.includes(run.key));
  assert.ok((await shown(fakeImpRecords())).text.includes('random reinitialisation'));
});

test('a run without levels, of an unknown experiment, still shows itself', async () => {
  const run: RunRecord = { key: 'x-0-r1', spec: { experiment: hostile, replicate: 1, size: 3 }, rows: [], status: 'partial' };
  const { html, text } = await shown(run);
  await assertSafe(html, 0);
  assert.match(text, /0 rows, none of them a finished level/);
  assert.match(text, /size = 3/);
  await assertSafe((await shown([run, run])).html, 0);
});

test('claims with their verdicts', async () => {
  const claims = juvenileClaims(fakeJuvenileRecords());
  const { html, text } = await shown(claims);
  await assertSafe(html, 0);
  const rows = claims.reduce((sum, { parts, reading }) => sum + 1 + parts.length + (reading === '' ? 0 : 1), 0);
  assert.equal(html.querySelectorAll('tbody tr').length, rows);
  assert.match(text, /Claims that held: /);
});

test('text from names and origins is escaped', async () => {
  const named: Architecture = { ...network, name: hostile };
  const bad: Ticket = { ...ticket, architecture: named, origin: { parent: hostile, operator: hostile, options: { [hostile]: hostile } } };
  await assertSafe((await shown(bad)).html, 1);
  await assertSafe((await shown(named)).html, 1);
  await assertSafe((await shown({ [hostile]: { shape: [2, 2], values: Uint8Array.of(1, 0, 0, 1) } })).html, 1);
  await assertSafe((await shown([{ id: hostile, claim: hostile, held: 'undecided', sentence: hostile, parts: [], reading: '' }])).html, 0);
  const record = fakeJuvenileRecords(1, ['reset'])[0] as RunRecord;
  await assertSafe((await shown({ ...record, key: hostile, spec: { ...record.spec, arm: hostile, [hostile]: hostile } })).html, 0);
});

test('what only looks like one of these prints with the reason, and other values are left alone', async () => {
  const bundle = await display({ name: 'broken', input: [8, 8, 1], layers: [{ type: 'dense', name: 'd', units: 3 }] });
  assert.deepEqual(Object.keys(bundle ?? {}), ['text/plain']);
  assert.match(String(bundle?.['text/plain']), /broken[\s\S]*Not drawn: /);
  const others = [
    [],
    {},
    { shape: [1], values: Uint8Array.of(1) },
    { w: { shape: [3], values: Uint8Array.of(1) } },
    { key: 'k', rows: [] },
    [1],
    new Map(),
    null,
    'text',
  ];
  for (const other of others) assert.ok(!kinds.some(({ is }) => is(other)), JSON.stringify(other));
});

test('markdown and the stamp', async () => {
  assert.deepEqual(await display(markdown('**3** of 4')), { 'text/markdown': '**3** of 4', 'text/plain': '**3** of 4' });
  const { html, text } = await shown(
    stamp({ records: fakeJuvenileRecords(2, ['reset']).map((run, i) => ({ ...run, key: `reset-0a-r${i + 1}` })), seed: 7 }),
  );
  await assertSafe(html, 0);
  assert.match(text, /runs: weight reset\s+reset-0a-r1, r2/);
  assert.match(text, /seed\s+7/);
  assert.match(text, /neoteny\s+\d+\.\d+\.\d+/);
});
