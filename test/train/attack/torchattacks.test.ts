/** Our attacks beside an independent implementation on the same weights: PyTorch's torchattacks, where it is installed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const folder = join(import.meta.dirname, '..', '..', '..', '..', 'tools', 'attacks');
// biome-ignore lint/suspicious/noExplicitAny: the tools are plain JavaScript
const load = (name: string): Promise<any> => import(pathToFileURL(join(folder, `${name}.mjs`)).href);
const { attacksPython } = await load('install');
const { python, missing } = attacksPython({ install: false, say: () => {} });

test('robust accuracy agrees with torchattacks to half a point; npm run attacks compares convolutions and residual blocks too', {
  skip: python === undefined && missing,
}, async () => {
  const { cases, compareAttacks, TOLERANCE } = await load('compare');
  const rows = await compareAttacks(python, cases[0]);
  assert.deepEqual(
    rows.map(({ name }: { name: string }) => name),
    ['clean', ...Object.keys(cases[0].attacks)],
  );
  for (const { name, ours, theirs } of rows) assert.ok(Math.abs(ours - theirs) <= TOLERANCE, `${name}: ${ours} and ${theirs}`);
  const [clean, ...attacked] = rows.map(({ theirs }: { theirs: number }) => theirs);
  assert.ok(
    attacked.every((accuracy: number) => accuracy > 0.3 && accuracy < clean - 0.1),
    'the attacks do harm, but not all harm: a wrong one would show',
  );
});

test('where it is not installed the message says what to do', () => {
  const before = process.env['NEOTENY_CACHE'];
  process.env['NEOTENY_CACHE'] = join(folder, 'no such cache');
  try {
    assert.match(attacksPython({ install: false, say: () => {} }).missing, /torchattacks are not installed; npm run attacks/);
  } finally {
    if (before === undefined) delete process.env['NEOTENY_CACHE'];
    else process.env['NEOTENY_CACHE'] = before;
  }
});
