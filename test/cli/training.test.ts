/** Plans that really train, tiny ones, through the command line: results, interruptions, kills, failures. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { contents, temporaryFolder } from '../run/folders.js';
import { neoteny, start } from './cli.js';

/** Two arms, two levels, 16 units. */
const tiny = [
  'juvenile',
  '--preset',
  'smoke',
  '--arms',
  'grow-identity,keep-deep',
  '--seed-model',
  'mlp-16x1',
  '--full-model',
  'mlp-16x2',
  '--iterations',
  '1',
  '--train-limit',
  '3000',
  '--validate-every',
  '50it',
];

function runsIn(root: string): Record<string, Record<string, string>> {
  const keys = fs
    .readdirSync(root)
    .filter((name) => !name.startsWith('.'))
    .sort();
  return Object.fromEntries(keys.map((key) => [key, contents(join(root, key))]));
}

test('the main job, small: results as text and JSON, report, and nothing to do the second time', async (t) => {
  const folder = temporaryFolder(t);
  const env = { NEOTENY_RUNS: join(folder, 'runs'), NO_COLOR: '1' };
  const command = [...tiny, '--length', '60it'];
  const first = await neoteny(command, env, folder);
  assert.equal(first.code, 0, first.err);
  // Plain lines where nobody looks: one for each finished level.
  assert.equal(first.err.match(/level [01](?:\/1)? +density/g)?.length, 4, first.err);
  assert.match(first.err, /serves/);
  assert.match(first.err, /2\/2 runs done/);
  assert.ok(!/[\u001b\r]/.test(first.err + first.out));
  assert.match(first.out, /^arm +it0 +it1 +pruned +sd +kept$/m);
  assert.match(first.out, /^grow-identity +\d+\.\d\d +\d+\.\d\d/m);
  assert.match(first.out, /undecided/);
  const report = join(fs.realpathSync(folder), 'out', 'juvenile-smoke.html');
  assert.ok(first.out.includes(report));
  assert.match(fs.readFileSync(report, 'utf8'), /grow/);

  const again = start([...command, '--json'], env, folder);
  const { code, out, err } = await again.ended;
  assert.equal(code, 0, err);
  assert.doesNotMatch(err, /starts/);
  const result = JSON.parse(out) as {
    runs: { key: string; arm: string; status: string }[];
    table: { arm: string; it1: number }[];
    claims: unknown[];
    report: string;
  };
  assert.deepEqual(
    result.runs.map(({ arm, status }) => [arm, status]),
    [
      ['grow-identity', 'done'],
      ['keep-deep', 'done'],
    ],
  );
  assert.ok(result.table.every(({ it1 }) => it1 > 0.1 && it1 <= 1));
  assert.equal(result.report, report);

  // What was measured is what the next preview is made of.
  const preview = JSON.parse((await neoteny([...command, '--replicates', '3', '--dry-run', '--json'], env, folder)).out);
  assert.deepEqual([preview.runs, preview.done, preview.basis], [6, 2, 'measured here']);
  assert.ok(preview.seconds > 0 && preview.speed.updatesPerSecond > 0);

  // The same run in another process and store, by a spec file: the same bytes.
  const key = result.runs[0]?.key as string;
  const spec = join(folder, 'spec.json');
  fs.copyFileSync(join(folder, 'runs', key, 'spec.json'), spec);
  const alone = await neoteny(['run', spec], { NEOTENY_RUNS: join(folder, 'others') }, folder);
  assert.equal(alone.code, 0, alone.err);
  assert.deepEqual(contents(join(folder, 'others', key)), contents(join(folder, 'runs', key)));

  const shown = JSON.parse((await neoteny(['runs', 'show', key, '--json'], env)).out);
  assert.deepEqual([shown.status, shown.levels.length, shown.certificates.length], ['done', 2, 2]);
  const published = await neoteny(['runs', 'publish', key, '--to', join(folder, 'records')], env);
  assert.equal(published.code, 0, published.err);
  assert.ok(fs.existsSync(join(folder, 'records', key, 'done.json')));
});

test('stopped by Ctrl-C or killed at once, the same command goes on to the same bytes', async (t) => {
  const folder = temporaryFolder(t);
  const command = [...tiny, '--length', '900it', '--no-report'];
  const env = (name: string): Record<string, string> => ({ NEOTENY_RUNS: join(folder, name), NO_COLOR: '1' });
  const undisturbed = await neoteny(command, env('whole'), folder);
  assert.equal(undisturbed.code, 0, undisturbed.err);

  const stopped = start(command, env('stopped'), folder);
  await stopped.says(/level 0(?:\/1)? +density/);
  stopped.signal('SIGINT');
  const end = await stopped.ended;
  assert.equal(end.code, 130, end.err);
  assert.match(end.err, /stopping: saving checkpoints/);
  assert.match(end.err, /stopped: \d of 2 runs (is|are) done.*The same command goes on/);
  assert.doesNotMatch(end.err, /failed|error/);
  assert.ok(
    fs.readdirSync(join(folder, 'stopped')).some((key) => !fs.existsSync(join(folder, 'stopped', key, 'done.json'))),
    'it was stopped on the way',
  );

  const killed = start(command, env('killed'), folder);
  await killed.says(/level 0(?:\/1)? +density/);
  killed.signal('SIGKILL');
  await killed.ended;

  // At once: the workers of the killed driver may still be saving.
  for (const name of ['stopped', 'killed']) {
    const resumed = await neoteny(command, env(name), folder);
    assert.equal(resumed.code, 0, resumed.err);
    assert.deepEqual(runsIn(join(folder, name)), runsIn(join(folder, 'whole')), name);
  }
});

test('a run that fails is told with its reason, and what hangs on it is not started', async (t) => {
  const folder = temporaryFolder(t);
  const env = { NEOTENY_RUNS: join(folder, 'runs'), NO_COLOR: '1' };
  const command = [
    'imp',
    '--preset',
    'smoke',
    '--arms',
    'ticket,shuffle-mask',
    '--model',
    'mlp-16',
    '--train-limit',
    '2000',
    '--length',
    '60it',
    '--set',
    'learningRate.rate=1e30',
    '--set',
    'optimizer={"name":"sgd"}',
  ];
  const { code, out, err } = await neoteny([...command, '--json'], env, folder);
  assert.equal(code, 65, err);
  const { runs, report } = JSON.parse(out) as { runs: { status: string; reason: string }[]; report: null };
  assert.deepEqual(
    runs.map(({ status }) => status),
    ['failed', 'blocked'],
  );
  assert.match(runs[0]?.reason ?? '', /training diverged/);
  assert.equal(report, null);
  assert.doesNotMatch(err, /\n\s+at /);
  const list = JSON.parse((await neoteny(['runs', 'list', '--status', 'failed', '--json'], env)).out) as { reason: string }[];
  assert.match(list[0]?.reason ?? '', /training diverged/);
});

test('a control says which run it needs', async (t) => {
  const folder = temporaryFolder(t);
  fs.writeFileSync(
    join(folder, 'spec.json'),
    '{ "experiment": "imp", "arm": "shuffle-mask", "model": "mlp-16", "trainLimit": 2000, "levels": 1, "length": "10it" }',
  );
  const { code, err } = await neoteny(['run', join(folder, 'spec.json')], { NEOTENY_RUNS: join(folder, 'runs') });
  assert.equal(code, 75, err);
  assert.match(err, /missing parent run 'imp-[0-9a-f]{12}-r1'/);
});

test('the portable backend serves too, and is named', async (t) => {
  const folder = temporaryFolder(t);
  const env = { NEOTENY_RUNS: join(folder, 'runs'), NO_COLOR: '1', NEOTENY_BACKEND: 'wasm' };
  const { code, err, out } = await neoteny([...tiny, '--arms', 'keep-deep', '--length', '10it', '--no-report'], env, folder);
  assert.equal(code, 0, err);
  assert.match(err, /WebAssembly serves/);
  assert.match(out, /^keep-deep/m);
});
