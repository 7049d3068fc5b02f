/** Runs whose engine is chosen by measurement: the choice is kept with the run, and with it come the same bits. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toLevels } from '../../../src/analysis/toTable.js';
import { toRows } from '../../../src/analysis/table.js';
import { checkSameSpec } from '../../../src/run/checkSameSpec.js';
import { decisionsFile, type RunDecisions, readDecisions } from '../../../src/run/engineDecisions.js';
import { Interrupted } from '../../../src/run/exitCode.js';
import { experiments, keyOf, readSpec } from '../../../src/run/experiments/experiments.js';
import { getOrRun } from '../../../src/run/getOrRun.js';
import type { RunOptions } from '../../../src/run/openRun.js';
import { publish } from '../../../src/run/publish.js';
import { readRecord } from '../../../src/run/readRecord.js';
import type { LevelSummary, RunRecord } from '../../../src/run/record.js';
import { openStore, runFolder, type Store } from '../../../src/run/store.js';
import { whyNoSparseKernels } from '../../../src/train/sparse/kernels.js';
import { contents } from '../folders.js';

const folder = mkdtempSync(join(tmpdir(), 'neoteny-auto-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const storeIn = (name: string): Store => openStore({ root: join(folder, name), records: [] });
const options = {
  ...{ experiment: 'imp', engine: 'auto', model: 'mlp-30-20', levels: 1, fraction: 0.5 },
  ...{ trainLimit: 2000, length: '40it', validateEvery: '10it' },
};

function make(store: Store, given: object, how: RunOptions = {}): Promise<RunRecord> {
  const spec = readSpec(given);
  return getOrRun(store, spec, keyOf(spec), (s, context) => experiments[s.experiment]!.run(s, context, store), how);
}
const levelsOf = ({ rows }: RunRecord): LevelSummary[] => rows.filter((row): row is LevelSummary => row.kind === 'level');

/** The decisions of a run, turned around at every second level. */
function otherwise(engines: RunDecisions): RunDecisions {
  const entries = Object.entries(engines).map(([stage, list], i) => {
    const engine =
      whyNoSparseKernels() === undefined && i % 2 === 0
        ? 'sparse'
        : (list[0]?.milliseconds['eager'] ?? null) === null
          ? 'compiled'
          : 'eager';
    return [stage, list.map((decision) => ({ ...decision, engine }))] as const;
  });
  return Object.fromEntries(entries) as RunDecisions;
}

test('whoever starts a run is told if another engine trains than was wished', async () => {
  const said: string[] = [];
  const inBasis = { ...options, levels: 0, basis: 'dct' };
  const { status } = await make(storeIn('told'), inBasis, { notice: (text) => said.push(text) });
  assert.equal(status, 'done');
  assert.match(said.join(), /^training runs on the engine '(compiled|eager)': the sparse kernels train the weights themselves/);
});

test('a run keeps what it chose and why, resumes with it, and is made again with it, bit by bit', async () => {
  const first = storeIn('first');
  const record = await make(first, options);
  const engines = record.engines as RunDecisions;
  assert.deepEqual(Object.keys(engines), ['level-00', 'level-01']);
  for (const [i, { kept, engine }] of levelsOf(record).entries()) {
    const [decision, ...others] = engines[`level-0${i}`] as RunDecisions[string];
    assert.deepEqual([others.length, decision?.kept, decision?.engine], [0, kept, engine]);
    assert.match(decision?.reason ?? '', new RegExp(`^${engine} at density .* ms an update`));
  }
  assert.deepEqual(
    toRows(toLevels([record])).map(({ engine }) => engine),
    levelsOf(record).map(({ engine }) => engine),
  );

  const plan = otherwise(engines);
  const [whole, broken] = [storeIn('whole'), storeIn('broken')];
  const undisturbed = await make(whole, options, { engines: plan });
  assert.deepEqual(
    levelsOf(undisturbed).map(({ engine }) => engine),
    Object.values(plan).map(([decision]) => decision?.engine),
  );

  const asked = new AbortController();
  const stopAt = {
    signal: asked.signal,
    row: (row: object) => void ('level' in row && 'step' in row && row.level === 1 && row.step === 20 && asked.abort()),
  };
  await assert.rejects(make(broken, options, { engines: plan, ...stopAt }), Interrupted);
  // What is asked for later changes nothing in a run that has begun.
  await make(broken, options, { engines: {} });
  assert.deepEqual(contents(runFolder(broken, record.key)), contents(runFolder(whole, record.key)));

  const records = join(folder, 'records');
  assert.deepEqual(readRecord(publish(first, record.key, records)).engines, engines);
});

test('other engines keep nothing', async () => {
  const record = await make(storeIn('forced'), { ...options, engine: 'compiled', levels: 0 });
  assert.equal(record.engines, undefined);
  assert.equal(levelsOf(record)[0]?.engine, undefined);
});

test('a damaged file of decisions is named', () => {
  for (const text of ['{"level-00": 1}', '{"level-00": [{"engine": "fast"}]}', '[]', '{']) {
    writeFileSync(join(folder, decisionsFile), text);
    assert.throws(() => readDecisions(folder), /engines\.json/);
  }
  writeFileSync(join(folder, decisionsFile), '{}');
  assert.deepEqual(readDecisions(folder), {});
  assert.equal(readFileSync(join(folder, decisionsFile), 'utf8'), '{}');
});

test('records of before, whose default was called auto, are those of the default', () => {
  const spec = readSpec({ experiment: 'imp' });
  assert.equal(spec['engine'], 'tensorflow');
  // The key of the documentation of runKey, which is older than this name.
  assert.equal(keyOf(readSpec({ experiment: 'imp', replicate: 2 })), 'imp-a0ff2c43c526-r2');
  checkSameSpec({ ...spec, engine: 'auto' }, spec, 'a record');
  assert.throws(() => checkSameSpec({ ...spec, engine: 'sparse' }, spec, 'a record'), /mismatched option 'engine'/);
  assert.notEqual(keyOf(readSpec({ experiment: 'imp', engine: 'auto' })), keyOf(spec));
});
