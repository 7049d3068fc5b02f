/** From a value or a file to runs. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { overrideSweep } from '../../../src/run/sweep/overrideSweep.js';
import { planSweep } from '../../../src/run/sweep/planSweep.js';
import { readSweepFile } from '../../../src/run/sweep/readSweepFile.js';
import { readSweep, type SweepInput } from '../../../src/run/sweep/sweep.js';
import { temporaryFolder } from '../folders.js';

const names = ({ runs }: ReturnType<typeof planSweep>): string[] => runs.map(({ label }) => label);

function file(t: TestContext, name: string, text: string): string {
  const path = join(temporaryFolder(t), name);
  fs.writeFileSync(path, text);
  return path;
}

test('a grid gives every combination, a list what belongs together, arms and replicates multiply', () => {
  const plan = planSweep({
    experiment: 'imp',
    options: { levels: 3 },
    grid: { criterion: ['magnitude', 'random'], 'learningRate.rate': [0.1, 0.2] },
    list: [{ scope: 'global', fraction: 0.3 }, { scope: 'layerwise' }],
    arms: ['ticket'],
    replicates: [2, 5],
  });
  // 2 entries x 2 x 2 points x 2 replicates.
  assert.equal(plan.runs.length, 16);
  assert.equal(new Set(plan.runs.map(({ key }) => key)).size, 16);
  assert.deepEqual(names(plan).slice(0, 3), [
    'scope=global fraction=0.3 criterion=magnitude rate=0.1 ticket r2',
    'scope=global fraction=0.3 criterion=magnitude rate=0.1 ticket r5',
    'scope=global fraction=0.3 criterion=magnitude rate=0.2 ticket r2',
  ]);
  const last = plan.runs[15]?.spec;
  assert.deepEqual(
    [last?.['criterion'], last?.['learningRate'], last?.['scope'], last?.['fraction'], last?.['levels'], last?.replicate],
    ['random', { rate: 0.2 }, 'layerwise', 0.2, 3, 5],
  );
  // The very run that the experiment's own command makes.
  assert.equal(
    plan.runs[0]?.key,
    keyOf(readSpec({ experiment: 'imp', levels: 3, learningRate: { rate: 0.1 }, scope: 'global', fraction: 0.3, replicate: 2 })),
  );
});

test('a part of an option keeps its other parts: those of the preset, else those of the default', () => {
  const [run] = planSweep({
    experiment: 'imp',
    preset: 'resnet-20',
    grid: { 'learningRate.rate': [0.05] },
    arms: ['ticket'],
    replicates: 1,
  }).runs;
  assert.deepEqual(run?.spec['learningRate'], { rate: 0.05, decay: { name: 'steps', at: ['80ep', '120ep'] } });
  assert.equal(run?.spec['model'], 'resnet-20');
});

test('controls wait for their own ticket, parents that nobody asked for are added, stages wait for stages', () => {
  const plan = planSweep({
    stages: [
      { name: 'controls', experiment: 'imp', arms: ['reinitialise'], replicates: 2 },
      { name: 'pairs', experiment: 'juvenile', arms: ['reset'], replicates: 2, after: [{ stage: 'controls', how: 'each' }] },
      { name: 'last', experiment: 'juvenile', arms: ['keep-deep'], after: 'pairs' },
    ],
  });
  const [ticket1, control1, ticket2, control2, pair1, pair2, last] = plan.runs;
  assert.deepEqual(
    plan.runs.map(({ asked }) => asked),
    [false, true, false, true, true, true, true],
  );
  assert.deepEqual([control1?.after, control2?.after], [[ticket1?.key], [ticket2?.key]]);
  assert.deepEqual([pair1?.after, pair2?.after, last?.after], [[control1?.key], [control2?.key], [pair1?.key, pair2?.key]]);
  assert.equal(names(plan)[0], 'ticket for reinitialise r1');
});

test('a parent that was not asked for waits for what its child waits for; a run of two stages belongs to the first', () => {
  const plan = planSweep({
    stages: [
      { name: 'first', experiment: 'juvenile', arms: ['reset'] },
      { name: 'second', experiment: 'imp', arms: ['reinitialise'], after: 'first' },
      { name: 'third', experiment: 'imp', arms: ['ticket', 'reinitialise'] },
    ],
  });
  const [first, ticket, control] = plan.runs;
  assert.equal(plan.runs.length, 3);
  assert.deepEqual([ticket?.stage, ticket?.asked, ticket?.after], ['second', true, [first?.key]]);
  assert.deepEqual(control?.after, [ticket?.key, first?.key]);
});

test('the id names the runs and not how they were written', () => {
  const a = planSweep({ name: 'x', experiment: 'imp', grid: { levels: [1, 2] }, arms: ['ticket'] });
  const b = planSweep({ name: 'x', experiment: 'imp', list: [{ levels: 2 }, { levels: 1 }], arms: ['ticket'] });
  assert.equal(a.id, b.id);
  assert.match(a.id, /^x-[0-9a-f]{8}$/);
  assert.notEqual(planSweep({ name: 'x', experiment: 'imp', grid: { levels: [1] }, arms: ['ticket'] }).id, a.id);
});

test('values from outside take the place of grid, list and options, in all stages or in one', () => {
  const one: SweepInput = {
    experiment: 'imp',
    grid: { levels: [1, 2], 'learningRate.rate': [0.1, 0.2] },
    list: [{ levels: 3, fraction: 0.5 }],
  };
  assert.deepEqual(overrideSweep(one, 'levels=4'), {
    experiment: 'imp',
    grid: { 'learningRate.rate': [0.1, 0.2] },
    list: [{ fraction: 0.5 }],
    options: { levels: 4 },
  });
  // What lies inside goes with it.
  assert.deepEqual(overrideSweep(one, 'learningRate={"rate":1}'), {
    ...one,
    grid: { levels: [1, 2] },
    options: { learningRate: { rate: 1 } },
  });
  assert.deepEqual(overrideSweep(one, 'replicates=3'), { ...one, replicates: 3 });
  const two: SweepInput = {
    stages: [
      { name: 'a', experiment: 'imp' },
      { name: 'b', experiment: 'imp', options: { levels: 1 } },
    ],
  };
  assert.deepEqual(overrideSweep(two, 'b:dataset=cifar-10'), {
    stages: [
      { name: 'a', experiment: 'imp' },
      { name: 'b', experiment: 'imp', options: { levels: 1, dataset: 'cifar-10' } },
    ],
  });
  assert.throws(() => overrideSweep(two, 'c:levels=1'), /invalid stage in --set: expected a or b, found 'c'/);
  assert.throws(() => overrideSweep(two, 'levels'), /invalid --set: expected name=value/);
  assert.throws(() => overrideSweep(two, 'levels=[1'), /invalid value in --set 'levels=\[1': expected JSON/);
});

test('what is wrong is named with its place', () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /invalid sweep: expected an object/],
    [[], /invalid sweep: expected an object/],
    [{}, /invalid sweep: .*experiment/],
    [{ experiment: 'impp' }, /unknown experiment of stage 'runs': 'impp'\. Did you mean 'imp'/],
    [{ experiment: 'imp', gird: {} }, /invalid sweep: unknown field: 'gird'\. Did you mean 'grid'\? Known: /],
    [{ experiment: 'imp', grid: { levels: [] } }, /invalid sweep: .*levels/],
    [{ experiment: 'imp', grid: { levels: 3 } }, /invalid sweep: .*levels/],
    [{ experiment: 'imp', replicates: 0 }, /invalid sweep/],
    [{ experiment: 'imp', options: { arm: 'ticket' } }, /invalid option 'arm' in stage 'runs': it has a field of its own, 'arms'/],
    [{ experiment: 'imp', list: [{ replicate: 2 }] }, /'replicates'/],
    [{ experiment: 'imp', arms: ['tickets'] }, /unknown arm of stage 'runs': 'tickets'\. Did you mean 'ticket'/],
    [{ experiment: 'imp', preset: 'x' }, /unknown preset/],
    [{ experiment: 'imp', grid: { 'a.__proto__.b': [1] } }, /invalid option in stage/],
    [{ experiment: 'imp', grid: { 'a..b': [1] } }, /invalid option in stage/],
    [
      { experiment: 'imp', options: { levls: 1 } },
      /stage 'runs': invalid spec of experiment 'imp': unknown option: 'levls'\. Did you mean 'levels'\?/,
    ],
    [{ experiment: 'imp', options: { levels: Number.NaN } }, /invalid sweep/],
    [{ stages: [] }, /invalid sweep/],
    [
      {
        stages: [
          { name: 'a', experiment: 'imp' },
          { name: 'a', experiment: 'imp' },
        ],
      },
      /invalid names of stages: expected each once, found 'a'/,
    ],
    [
      {
        stages: [
          { name: 'a', experiment: 'imp', after: 'b' },
          { name: 'b', experiment: 'imp' },
        ],
      },
      /unknown stage in 'after' of stage 'a' \(it must stand before it\): 'b'/,
    ],
    [
      {
        stages: [
          { name: 'a', experiment: 'imp', replicates: 2 },
          { name: 'b', experiment: 'imp', after: [{ stage: 'a', how: 'each' }] },
        ],
      },
      /mismatched runs of stage 'b'/,
    ],
    [
      { experiment: 'imp', grid: { levels: Array.from({ length: 400 }, (_, i) => i), seed: Array.from({ length: 400 }, (_, i) => i) } },
      /invalid runs of sweep 'sweep': expected at most 100000/,
    ],
    [{ name: '../x', experiment: 'imp' }, /invalid sweep: .*letters, digits and dashes/],
  ];
  for (const [value, message] of wrong) assert.throws(() => planSweep(value), message, JSON.stringify(value));
});

test("files of YAML and JSON say the same; the name is the file's where none is given", (t) => {
  const yaml = file(t, 'my sweep.yaml', 'experiment: imp\noptions: { model: no, levels: 0x10 }\ngrid:\n  rewind: [0it, 500it]\n');
  assert.deepEqual(readSweepFile(yaml), {
    name: 'my-sweep',
    experiment: 'imp',
    options: { model: 'no', levels: 16 },
    grid: { rewind: ['0it', '500it'] },
  });
  const json = file(t, 'a.json', '{"name":"b","experiment":"imp"}');
  assert.deepEqual(readSweepFile(json), { name: 'b', experiment: 'imp' });
  assert.deepEqual(readSweep(readSweepFile(json)).stages[0], {
    name: 'runs',
    experiment: 'imp',
    options: {},
    grid: {},
    list: [{}],
    after: [],
  });
});

test('hostile files are refused in one sentence', (t) => {
  const bomb = [
    'a0: &a0 [x, x, x, x, x, x, x, x, x]',
    ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
  ].join('\n');
  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['bomb.yaml', bomb, /alias/i],
    ['twice.yaml', 'experiment: imp\nexperiment: juvenile\n', /is not YAML: .*unique/i],
    ['tag.yaml', 'experiment: !!js/function "x"\n', /is not YAML: .*tag/i],
    ['proto.yaml', '__proto__: { experiment: imp }\nexperiment: imp\n', /'__proto__'/],
    ['proto.json', '{"__proto__":{},"experiment":"imp"}', /'__proto__'/],
    ['twice.json', '{"experiment":"imp","experiment":"imp"}', /each name once/],
    ['cut.json', '{"experiment":"imp"', /is not JSON/],
    ['cut.yaml', 'experiment: [imp\n', /is not YAML/],
    ['large.yaml', `experiment: ${'x'.repeat(1 << 20)}`, /too large/],
  ];
  for (const [name, text, message] of wrong) {
    assert.throws(
      () => planSweep(readSweepFile(file(t, name, text))),
      (error: Error) => message.test(error.message) && !error.message.includes('\n') && error.name === 'UserError',
      name,
    );
  }
  assert.throws(() => readSweepFile('/nowhere.yaml'), /missing file '\/nowhere.yaml'/);
  assert.throws(() => readSweepFile(temporaryFolder(t)), /is no file/);
  // Empty, a number, a list: read, and refused as no sweep.
  for (const text of ['', '3', '- imp'])
    assert.throws(() => planSweep(readSweepFile(file(t, 'x.yaml', text))), /invalid sweep: expected an object/);
});
