/** Options from the schema, and values as they are typed. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { flagOf, schemaOptions } from '../../src/cli/options/schemaOptions.js';
import { readFlag, setOption } from '../../src/cli/options/setOption.js';
import { defaultsOf, experiments } from '../../src/run/experiments/experiments.js';
import { planRuns } from '../../src/run/experiments/planRuns.js';

test('every option of every experiment has a description and the default of an empty spec', () => {
  for (const experiment of Object.values(experiments)) {
    const standard = defaultsOf(experiment.name);
    const options = schemaOptions(experiment);
    assert.deepEqual(
      options.map(({ name }) => name).sort(),
      Object.keys(standard)
        .filter((name) => !['experiment', 'arm', 'replicate'].includes(name))
        .sort(),
    );
    for (const option of options) {
      assert.deepEqual(option.default, standard[option.name], option.name);
      assert.notEqual(option.description, '', `${experiment.name} ${option.name}`);
    }
  }
});

test('kinds of options', () => {
  const options = Object.fromEntries(schemaOptions(experiments['imp'] as never).map((option) => [option.name, option]));
  assert.equal(options['batchSize']?.kind, 'number');
  assert.equal(options['trainLimit']?.nullable, true);
  assert.equal(options['trainLimit']?.kind, 'number');
  assert.equal(options['learningRate']?.kind, 'other');
  assert.ok(options['dataset']?.choices?.includes('mnist'));
  assert.equal(flagOf('fineTuneLength'), 'fine-tune-length');
});

test('--set takes JSON, else text, and reaches into objects', () => {
  assert.deepEqual(setOption({}, 'levels=5'), { levels: 5 });
  assert.deepEqual(setOption({}, 'length=500it'), { length: '500it' });
  assert.deepEqual(setOption({}, 'trainLimit=null'), { trainLimit: null });
  assert.deepEqual(setOption({}, 'optimizer={"name":"sgd"}'), { optimizer: { name: 'sgd' } });
  assert.deepEqual(setOption({}, 'note=a=b'), { note: 'a=b' });
  const standard = { learningRate: { rate: 1, warmup: { length: '1ep' } } };
  const once = setOption({}, 'learningRate.rate=0.01', standard);
  assert.deepEqual(once, { learningRate: { rate: 0.01, warmup: { length: '1ep' } } });
  assert.deepEqual(setOption(once, 'learningRate.warmup.length=2ep', standard), {
    learningRate: { rate: 0.01, warmup: { length: '2ep' } },
  });
  assert.equal(standard.learningRate.rate, 1);
  // A name with a slash is one name.
  assert.deepEqual(setOption({}, 'fractions.output/kernel=0.2'), { fractions: { 'output/kernel': 0.2 } });
});

test('--set refuses what it cannot mean', () => {
  for (const text of ['levels', '=5', '.x=1', 'a.=1', '']) assert.throws(() => setOption({}, text), /expected name=value/);
  assert.throws(() => setOption({}, 'arm=reset'), /--arms/);
  assert.throws(() => setOption({}, 'replicate=2'), /--replicates/);
  assert.throws(() => setOption({}, 'optimizer={"name":'), /expected JSON/);
  for (const name of ['__proto__.polluted', 'x.constructor.y', 'prototype'])
    assert.throws(() => setOption({}, `${name}=1`), /expected the name of an option/);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
});

test('flags are read by kind', () => {
  const options = Object.fromEntries(schemaOptions(experiments['imp'] as never).map((option) => [option.name, option]));
  assert.equal(readFlag(options['levels'] as never, '5'), 5);
  assert.equal(readFlag(options['trainLimit'] as never, 'null'), null);
  assert.throws(() => readFlag(options['levels'] as never, 'null'), /expected a number/);
  for (const text of ['', ' ', 'x', 'Infinity', 'NaN']) assert.throws(() => readFlag(options['levels'] as never, text), /--levels/);
  assert.throws(() => readFlag(options['dataset'] as never, 'mnis'), /Did you mean 'mnist'/);
});

test('a plan has parents before children, and adds those that were not asked for', () => {
  const runs = planRuns({ experiment: 'imp', arms: ['shuffle-mask'], replicates: 2 });
  assert.deepEqual(
    runs.map(({ spec, asked }) => `${spec['arm']} ${spec.replicate} ${asked}`),
    ['ticket 1 false', 'shuffle-mask 1 true', 'ticket 2 false', 'shuffle-mask 2 true'],
  );
  assert.deepEqual(runs[1]?.parents, [runs[0]?.key]);
  // All arms: nothing twice, and the ticket runs count as asked for.
  const all = planRuns({ experiment: 'imp', replicates: 1 });
  assert.equal(new Set(all.map(({ key }) => key)).size, all.length);
  assert.ok(all.every(({ asked }) => asked));
  assert.equal(all.length, Object.keys(experiments['imp']?.arms ?? {}).length);
  assert.throws(() => planRuns({ experiment: 'imp', arms: ['tickt'], replicates: 1 }), /Did you mean 'ticket'/);
  assert.throws(() => planRuns({ experiment: 'imp', options: { levls: 3 }, replicates: 1 }), /levls/);
});
