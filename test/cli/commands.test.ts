/** The commands that start no training, as child processes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { experiments, keyOf, readSpec } from '../../src/run/experiments/experiments.js';
import { registerRun } from '../../src/run/registerRun.js';
import { openStore } from '../../src/run/store.js';
import { fakeImpRecords } from '../fixtures/fakeRecords.js';
import { temporaryFolder } from '../run/folders.js';
import { neoteny } from './cli.js';

const csi = '\u001b[';

/** A store with one run that waits, one that failed and one that is damaged. */
function smallStore(t: TestContext): { env: Record<string, string>; root: string; key: string; failed: string; damaged: string } {
  const root = join(temporaryFolder(t), 'runs');
  const store = openStore({ root, records: [] });
  const [key, failed, damaged] = [1, 2, 3].map((replicate) => {
    const spec = readSpec({ experiment: 'imp', levels: 2, replicate });
    registerRun(store, spec, keyOf(spec));
    return keyOf(spec);
  }) as [string, string, string];
  fs.writeFileSync(join(root, failed, 'failed.json'), '{"reason":"training diverged","stage":"level-00"}');
  fs.writeFileSync(join(root, damaged, 'spec.json'), '{"experiment":');
  return { env: { NEOTENY_RUNS: root }, root, key, failed, damaged };
}

test('help names every experiment, and every command has help', async () => {
  const { code, out } = await neoteny(['--help']);
  assert.equal(code, 0);
  for (const name of [...Object.keys(experiments), 'run', 'runs', 'report', 'data', 'list', 'presets', 'doctor'])
    assert.match(out, new RegExp(`^  ${name}\\b`, 'm'));
  const helps = await Promise.all(
    [...Object.keys(experiments), 'run', 'runs', 'report', 'data', 'list', 'presets', 'doctor'].map((name) => neoteny([name, '--help'])),
  );
  for (const help of helps) assert.equal(help.code, 0, help.err);
  const imp = helps[1]?.out ?? '';
  assert.match(imp, /--batch-size <n>/);
  assert.match(imp, /arXiv:1803\.03635/);
  assert.match(imp, /\(default: 60\)/);
  assert.match(imp, /learningRate +learning rate over training \(default: \{"rate":0\.0012\}\)/);
});

test('wrong words are met with the nearest right one', async () => {
  const cases: [string[], RegExp, number][] = [
    [['juvenlie'], /unknown command 'juvenlie'[\s\S]*juvenile/, 2],
    [['imp', '--levls', '3'], /unknown option '--levls'[\s\S]*--levels/, 2],
    [['imp', '--levels', 'many'], /--levels[\s\S]*expected a number/, 2],
    [['imp', '--replicates', '0'], /whole number from 1/, 2],
    [['list'], /missing required argument 'what'/, 2],
    [['imp', '--preset', 'smok', '--dry-run'], /unknown preset[\s\S]*Did you mean 'smoke'/, 65],
    [['imp', '--arms', 'tickets', '--dry-run'], /unknown arm[\s\S]*Did you mean 'ticket'/, 65],
    [
      ['imp', '--set', 'levls=3', '--dry-run'],
      /invalid spec of experiment 'imp': unknown option: 'levls'\. Did you mean 'levels'\? Known: /,
      65,
    ],
    [['imp', '--set', 'levels=-1', '--dry-run'], /invalid spec[\s\S]*levels/, 65],
    [['imp', '--fraction', '20', '--dry-run'], /invalid spec[\s\S]*fraction/, 65],
    [['list', 'criterai'], /Did you mean 'criteria'/, 65],
    [['data', 'load', 'mnis'], /Did you mean 'mnist'/, 65],
    [['runs', 'list', '--status', 'don'], /Did you mean 'done'/, 65],
  ];
  const ends = await Promise.all(cases.map(([args]) => neoteny(args)));
  cases.forEach(([args, message, code], i) => {
    assert.match(ends[i]?.err ?? '', message, args.join(' '));
    assert.equal(ends[i]?.code, code, args.join(' '));
    assert.doesNotMatch(ends[i]?.err ?? '', /\n\s+at /, 'no stack');
  });
});

test('own runs stand alone in a list until records are asked for', async (t) => {
  const { env, key } = smallStore(t);
  const [own, all, filtered] = await Promise.all(
    [['runs'], ['runs', '--records'], ['runs', '--status', 'done']].map((args) => neoteny(args, env)),
  );
  assert.match(own?.out ?? '', new RegExp(key));
  assert.doesNotMatch(own?.out ?? '', /record/);
  assert.match(own?.err ?? '', /^and \d+ records that came with the project: --records$/m);
  for (const listing of [all, filtered]) assert.match(listing?.out ?? '', /done, record/);
});

test('every listing command has JSON, and text without escapes where nobody looks', async (t) => {
  const { env, key } = smallStore(t);
  const listings = [
    ['runs', 'list'],
    ['runs'],
    ['runs', 'show', key],
    ['runs', 'compare', key, key],
    ['data'],
    ['data', 'list'],
    ['presets'],
    ['juvenile', '--dry-run'],
    ...['experiments', 'criteria', 'operators', 'models', 'datasets', 'figures'].map((what) => ['list', what]),
  ];
  await Promise.all(
    listings.map(async (args) => {
      const [json, bare] = await Promise.all([
        neoteny([...args, '--json'], env),
        neoteny(args, { ...env, NO_COLOR: '1', FORCE_COLOR: '1' }),
      ]);
      assert.equal(json.code, 0, `${args.join(' ')}: ${json.err}`);
      assert.equal(typeof JSON.parse(json.out), 'object', args.join(' '));
      assert.ok(!json.out.includes(csi));
      assert.equal(bare.code, 0, bare.err);
      assert.ok(!bare.out.includes(csi) && !bare.err.includes(csi), args.join(' '));
    }),
  );
  const coloured = await neoteny(['runs'], { ...env, FORCE_COLOR: '1' });
  assert.ok(coloured.out.includes(csi));
});

test('runs are listed with their state and filtered', async (t) => {
  const { env, root, key, failed, damaged } = smallStore(t);
  const list = async (...args: string[]) =>
    JSON.parse((await neoteny(['runs', 'list', '--json', ...args], env)).out) as {
      key: string;
      status: string;
      reason: string | null;
      record: boolean;
    }[];
  const own = (await list()).filter(({ record }) => !record);
  assert.deepEqual(
    own.map((entry) => [entry.key, entry.status]),
    [
      [key, 'waiting'],
      [failed, 'failed'],
      [damaged, 'damaged'],
    ],
  );
  assert.equal(own[1]?.reason, 'training diverged');
  const stage = join(root, key, 'stages', '000-level-00');
  fs.mkdirSync(stage, { recursive: true });
  fs.writeFileSync(join(stage, 'checkpoint.safetensors'), '');
  assert.equal((await list()).find((entry) => entry.key === key)?.status, 'begun', 'killed in its first stage');
  assert.deepEqual(
    (await list('--status', 'failed')).map((entry) => entry.key),
    [failed],
  );
  assert.deepEqual(
    (await list('--arm', 'reinitialise')).filter(({ record }) => !record),
    [],
  );
  const shown = await neoteny(['runs', 'show', key.slice(0, 12)], env);
  assert.match(shown.err, /expected one run, found 3/);
  assert.equal((await neoteny(['runs', 'show', damaged], env)).code, 0);
});

test('removal takes whole keys and all or nothing', async (t) => {
  const { env, root, key, failed } = smallStore(t);
  const half = await neoteny(['runs', 'remove', key, failed.slice(0, -1)], env);
  assert.equal(half.code, 65);
  assert.ok(fs.existsSync(join(root, key)));
  const whole = await neoteny(['runs', 'remove', key, failed, '--json'], env);
  assert.deepEqual(JSON.parse(whole.out), { removed: [key, failed] });
  assert.ok(!fs.existsSync(join(root, key)) && !fs.existsSync(join(root, failed)));
  assert.equal((await neoteny(['runs', 'remove', '../../etc'], env)).code, 65);
});

test('malformed specs and files end with one sentence', async (t) => {
  const { env, root, damaged } = smallStore(t);
  const folder = temporaryFolder(t);
  const file = (name: string, text: string): string => {
    fs.writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  // A spec that was moved under another run's key.
  const alien = 'imp-000000000000-r1';
  fs.mkdirSync(join(root, alien));
  fs.writeFileSync(join(root, alien, 'spec.json'), JSON.stringify(readSpec({ experiment: 'imp' })));
  const cases: [string, RegExp][] = [
    [file('cut.json', '{ "experiment": "imp", '), /is not JSON/],
    [file('array.json', '[]'), /unknown experiment/],
    [file('empty.json', ''), /is not JSON/],
    [file('null.json', 'null'), /unknown experiment/],
    [file('other.json', '{"experiment":"ipm"}'), /unknown experiment: 'ipm'/],
    [file('option.json', '{"experiment":"imp","pruneRate":0.2}'), /pruneRate/],
    [file('proto.json', '{"experiment":"imp","__proto__":{"levels":1}}'), /__proto__/],
    [file('twice.json', '{"experiment":"imp","levels":1,"levels":2}'), /levels/],
    [file('huge.json', `"${'x'.repeat(2 << 20)}"`), /too large/],
    [folder, /it is a folder/],
    [join(folder, 'none.json'), /missing file/],
    ['imp-0a1b2c3d4e5f-r1', /missing run/],
    [alien, /mismatched spec/],
    [damaged, /is not JSON/],
    ['imp-0a1b2c3d4e5f-r0', /unknown run/],
  ];
  const ends = await Promise.all(cases.map(([target]) => neoteny(['run', target], env)));
  cases.forEach(([target, message], i) => {
    assert.match(ends[i]?.err ?? '', message, target);
    assert.equal(ends[i]?.code, 65, target);
    assert.doesNotMatch(ends[i]?.err ?? '', /\n\s+at /, target);
  });
  // A worker says the same to its driver.
  const events = await neoteny(['run', cases[0]?.[0] as string, '--events'], env);
  const last = JSON.parse(events.out.trim().split('\n').at(-1) as string) as { event: string; reason: string; code: number };
  assert.equal(last.event, 'failed');
  assert.match(last.reason, /is not JSON/);
  assert.equal(last.code, 65);
});

test('a store that cannot be used is named', async (t) => {
  const file = join(temporaryFolder(t), 'file');
  fs.writeFileSync(file, '');
  const [list, run] = await Promise.all([
    neoteny(['runs'], { NEOTENY_RUNS: file }),
    neoteny(['juvenile', '--preset', 'smoke'], { NEOTENY_RUNS: join(file, 'runs') }),
  ]);
  for (const end of [list, run]) {
    assert.equal(end.code, 74);
    assert.match(end.err, /NEOTENY_RUNS/);
    assert.doesNotMatch(end.err, /\n\s+at /);
  }
  const backend = await neoteny(['juvenile', '--preset', 'smoke'], { NEOTENY_RUNS: `${file}s`, NEOTENY_BACKEND: 'wams' });
  assert.match(backend.err, /unknown backend/);
  assert.equal(backend.code, 65);
  assert.ok(!fs.existsSync(`${file}s`));
});

test('a preview counts runs and updates, and starts nothing', async (t) => {
  const root = join(temporaryFolder(t), 'runs');
  const { code, out } = await neoteny(
    ['imp', '--preset', 'smoke', '--replicates', '2', '--arms', 'shuffle-mask', '--workers', '3', '--dry-run', '--json'],
    { NEOTENY_RUNS: root },
  );
  assert.equal(code, 0);
  const preview = JSON.parse(out);
  // Two ticket runs that were not asked for: 3 levels of 300 updates each; two controls: 2 levels each.
  assert.deepEqual(
    [preview.runs, preview.parents, preview.done, preview.updates, preview.updatesMissing, preview.workers, preview.basis],
    [4, 2, 0, 3000, 3000, 3, 'multiply-adds'],
  );
  // Nothing was timed here: a guess from the size of the network. Its two chains of runs go side by side.
  assert.ok(preview.seconds > 0 && preview.seconds < 10, String(preview.seconds));
  assert.deepEqual([preview.speed], [null]);
  assert.ok(!fs.existsSync(root));
});

test('a report of records', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'runs');
  for (const { spec, rows } of fakeImpRecords().slice(0, 2)) {
    const full = readSpec({ experiment: 'imp', arm: spec['arm'], replicate: spec.replicate, levels: 3 });
    const place = registerRun(openStore({ root, records: [] }), full, keyOf(full));
    fs.mkdirSync(join(place, 'stages', '000-level-00'), { recursive: true });
    fs.writeFileSync(join(place, 'stages', '000-level-00', 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    fs.writeFileSync(join(place, 'stages', '000-level-00', 'result.safetensors'), '');
  }
  const env = { NEOTENY_RUNS: root };
  const { code, out, err } = await neoteny(['report', '--experiment', 'imp', '-o', 'deep/er/report.html'], env, folder);
  assert.equal(code, 0, err);
  assert.equal(out.trim(), join(fs.realpathSync(folder), 'deep', 'er', 'report.html'));
  assert.match(err, /not finished/);
  assert.match(fs.readFileSync(out.trim(), 'utf8'), /^<!doctype html>/i);
  const none = await neoteny(['report', '--experiment', 'juvenile', '--json'], { NEOTENY_RUNS: join(folder, 'none') }, folder);
  assert.ok(none.code === 65 || none.code === 0, 'records of the project may be there');
});

test('the doctor says what to do about what is missing', async (t) => {
  const { code, out } = await neoteny(['doctor', '--json'], {
    NEOTENY_RUNS: join(temporaryFolder(t), 'runs'),
    CHROMIUM: '',
    PATH: '/nonexistent',
    NEOTENY_CACHE: temporaryFolder(t),
    NEOTENY_VENV: '/nonexistent',
  });
  const findings = JSON.parse(out) as { name: string; status: string; detail: string; remedy?: string }[];
  const of = (name: string) => findings.find((finding) => finding.name === name);
  assert.equal(of('node')?.status, 'ok');
  assert.equal(of('backend')?.status, 'ok');
  assert.equal(code, 0);
  assert.match(
    of('sparse kernels')?.detail ?? '',
    /^(native kernels for engine: 'sparse' load|not there, .*; engines 'sparse' and 'auto')/,
  );
  assert.equal(of('sparse kernels')?.remedy === undefined, of('sparse kernels')?.status === 'ok');
  assert.equal(of('python')?.status, 'absent');
  assert.match(of('python')?.remedy ?? '', /install Python/);
  assert.match(of('compiler')?.remedy ?? '', /compiler/);
  assert.equal(of('data sets')?.status, 'absent');
  assert.match(of('notebooks')?.remedy ?? '', /jupyter/);
});

test('--records reads what came with the project and runs the rest', async (t) => {
  const { env, root } = smallStore(t);
  const before = fs.readdirSync(root);
  const [plain, read, mixed, results] = await Promise.all([
    neoteny(['search', '--dry-run'], env),
    neoteny(['search', '--records', '--dry-run', '--json'], env),
    neoteny(['search', '--records', '--replicates', '4', '--arms', 'dense', '--dry-run'], env),
    neoteny(['search', '--records', '--json', '--no-report'], env),
  ]);
  assert.match(plain.out, /records of 18 runs came with the project: here they run again,\s+--records\s+reads them instead/);
  const plan = JSON.parse(read.out) as { runs: number; keys: string[]; read: string[] };
  assert.deepEqual([plan.runs, plan.keys.length, plan.read.length], [0, 0, 18]);
  // The fourth replicate has no record: its control is to be made, and the search that it needs.
  assert.match(mixed.out, /5 runs: 2 arms x 4 replicates; 0 done, 3 read from records that came\s+with\s+the\s+project/);
  const { runs, table } = JSON.parse(results.out) as { runs: { key: string; status: string }[]; table: object };
  assert.equal(results.code, 0, results.err);
  assert.deepEqual(new Set(runs.map(({ status }) => status)), new Set(['read']));
  assert.equal(JSON.stringify(table).includes('"search"'), true);
  assert.deepEqual(fs.readdirSync(root), before, 'nothing was registered');
});
