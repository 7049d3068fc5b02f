/** `neoteny sweep` as a user types it, without training anything. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { temporaryFolder } from '../run/folders.js';
import { neoteny } from './cli.js';

function setUp(t: TestContext): { file: string; env: Record<string, string> } {
  const folder = temporaryFolder(t);
  const file = join(folder, 'depths.yaml');
  fs.writeFileSync(file, 'experiment: juvenile\narms: [reset]\noptions: { length: 100it }\ngrid: { iterations: [1, 2] }\nreplicates: 2\n');
  return { file, env: { NEOTENY_RUNS: join(folder, 'runs') } };
}

test('a dry run says what there is to do and does nothing', async (t) => {
  const { file, env } = setUp(t);
  const text = await neoteny(['sweep', file, '--dry-run', '--workers', '3'], env);
  assert.equal(text.code, 0, text.err);
  // (1 + 1) x 100 and (2 + 1) x 100 updates, two replicates each.
  assert.match(
    text.out,
    /^sweep depths-[0-9a-f]{8} {2}4 runs in 1 stage: 0 done\n {2}1,000 updates to go: \d+ s of one worker, as on the machines of the records that came with the project\n {2}with 3 workers here: about \d+ s\n/,
  );
  const json = await neoteny(['sweep', file, '--dry-run', '--json', '--set', 'iterations=4', '--set', 'replicates=[7]'], env);
  const { runs, updates } = JSON.parse(json.out) as { runs: { label: string; status: string }[]; updates: number };
  assert.deepEqual([runs.map(({ label, status }) => [label, status]), updates], [[['reset', 'waiting']], 500]);
  assert.ok(!fs.existsSync(env['NEOTENY_RUNS'] as string));
});

test('status reads the folders, also of a sweep that was never started; without a name it lists those that were', async (t) => {
  const { file, env } = setUp(t);
  const one = await neoteny(['sweep', 'status', file, '--json'], env);
  const { waiting, runs, executor } = JSON.parse(one.out) as { waiting: number; runs: unknown[]; executor: string | null };
  assert.deepEqual([one.code, waiting, runs.length, executor], [0, 4, 4, null]);
  const all = await neoteny(['sweep', 'status'], env);
  assert.equal(all.code, 0);
  assert.match(all.err, /no sweeps in /);
});

test('an option that one stage does not know is refused, with the way to set it in another', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'two.json');
  const stages = [
    { name: 'tickets', experiment: 'imp', arms: ['ticket'] },
    { name: 'last', experiment: 'juvenile', arms: ['reset'], after: 'tickets' },
  ];
  fs.writeFileSync(file, JSON.stringify({ stages }));
  const env = { NEOTENY_RUNS: join(folder, 'runs') };
  const refused = await neoteny(['sweep', file, '--dry-run', '--set', 'levels=1'], env);
  assert.equal(refused.code, 65);
  assert.match(refused.err, /stage 'last': .*unknown option: 'levels'.*; an option for one stage only is set by --set STAGE:name=value/);
  const taken = await neoteny(['sweep', file, '--dry-run', '--json', '--set', 'tickets:levels=1', '--set', 'tickets:length=10it'], env);
  const { runs } = JSON.parse(taken.out) as { runs: { updates: number }[] };
  assert.equal(runs[0]?.updates, 20);
});

test('wrong use is refused in one sentence before anything starts', async (t) => {
  const { file, env } = setUp(t);
  const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['sweep'], 2, /missing required argument 'file'/],
    [['sweep', '/nowhere.yaml'], 65, /missing file '\/nowhere.yaml'/],
    [['sweep', file, '--executor', 'ray'], 2, /Allowed choices are local, slurm/],
    [['sweep', file, '--sbatch', '--partition=x'], 65, /need --executor slurm/],
    [['sweep', file, '--executor', 'slurm', '--sbatch', 'evil.sh', '--dry-run'], 65, /invalid option for sbatch: .*'evil.sh'/],
    [['sweep', file, '--workers', '0'], 2, /whole number of at least 1/],
    [['sweep', file, '--set', 'iteratons=1', '--dry-run'], 65, /iteratons/],
    [['sweep', file, '--set', 'arm=reset', '--dry-run'], 65, /'arms'/],
    [['sweep', 'status', 'depth'], 65, /missing file 'depth'/],
    [['sweep', 'cancel', file], 65, /missing sweep 'depths-[0-9a-f]{8}'/],
    [['sweep', 'report', file], 65, /no run of sweep .* has anything to report yet/],
    [['sweep', 'log', 'imp-000000000000-r1'], 65, /unknown run/],
  ];
  for (const [args, code, message] of wrong) {
    const end = await neoteny(args, env);
    assert.equal(end.code, code, `${args.join(' ')}: ${end.err}`);
    assert.match(end.err, message);
  }
});

test('the log of a run has what it said and what its jobs printed, in words and without control characters', async (t) => {
  const { env } = setUp(t);
  const key = 'imp-0123456789ab-r1';
  const [run, log] = [join(env['NEOTENY_RUNS'] as string, key), join(env['NEOTENY_RUNS'] as string, 'sweeps', 'one', 'log')];
  for (const folder of [run, log]) fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(join(run, 'spec.json'), '{"experiment":"imp","replicate":1}');
  fs.writeFileSync(join(run, 'log.txt'), 'opened by process 1\n');
  const printed = [
    'job 7_0 on n1, start 1',
    '{"event":"progress","level":0,"levels":2,"step":20,"steps":60,"loss":0.123456,"accuracy":0.9}',
    '{"event":"level","level":0,"density":1,"testAtEnd":0.8853,"validationAtEnd":0.8722}',
    '{"event":"level","level":null}',
    '{"event":"failed","code":1,"reason":"\\u001b[2Joops"}',
    '\u001b[2Jno event',
    '{"half a li',
  ];
  fs.writeFileSync(join(log, `${key}.log`), `${printed.join('\n')}\n`);
  const { code, out } = await neoteny(['sweep', 'log', 'imp-0123'], env);
  assert.equal(code, 0);
  assert.deepEqual(out.split('\n').slice(-9), [
    join(log, `${key}.log`),
    'job 7_0 on n1, start 1',
    'level 0/2  step 20/60  loss 0.1235  validation 90.00 %',
    'level 0 is done: density 1.0000  test 88.53 %  validation 87.22 %',
    'level ? is done: density NaN  test - %  validation - %',
    'ended with code 1: [2Joops',
    '[2Jno event',
    '{"half a li',
    '',
  ]);
  assert.match(out, /opened by process 1/);
});

test('without Slurm the sweep says so', async (t) => {
  const { file, env } = setUp(t);
  const end = await neoteny(['sweep', file, '--executor', 'slurm', '--quiet'], { ...env, PATH: '/nowhere', NEOTENY_BACKEND: 'cpu' });
  assert.equal(end.code, 65);
  assert.match(end.err, /missing program 'scontrol'; it comes with Slurm.*--executor local/);
});
