import assert from 'node:assert/strict';
import { test } from 'node:test';
import { indexRanges, planArrays } from '../../../src/run/executors/slurm/arrays.js';
import { readSbatchOptions } from '../../../src/run/executors/slurm/readSbatchOptions.js';
import { readTask } from '../../../src/run/executors/slurm/slurmClient.js';

const shape = (arrays: ReturnType<typeof planArrays>) =>
  arrays.map(({ tasks, after }) => [Object.fromEntries(tasks), after && `${after.how} ${after.places.join(' ')}`]);
const none = new Map();

test('children take the index of their parent and wait for that task only; a second child goes into another array', () => {
  const tasks = [
    { key: 'a' },
    { key: 'b' },
    { key: 'a1', after: ['a'] },
    { key: 'a2', after: ['a'] },
    { key: 'b1', after: ['b'] },
    { key: 'c', after: ['a1', 'a2'] },
  ];
  assert.deepEqual(shape(planArrays(tasks, none, 10)), [
    [{ 0: 'a', 1: 'b' }, undefined],
    [{ 0: 'a1', 1: 'b1' }, 'corr #0'],
    [{ 0: 'a2' }, 'corr #0'],
    [{ 0: 'c' }, 'corr #1 #2'],
  ]);
});

test('who waits for tasks of several indices waits for exactly those, or for whole arrays where they are many', () => {
  const few = [{ key: 'a' }, { key: 'b' }, { key: 'c' }, { key: 'x', after: ['a', 'c'] }, { key: 'y', after: ['a', 'c'] }];
  assert.deepEqual(shape(planArrays(few, none, 10)), [
    [{ 0: 'a', 1: 'b', 2: 'c' }, undefined],
    [{ 0: 'x', 1: 'y' }, 'ok #0_0 #0_2'],
  ]);
  const many = Array.from({ length: 60 }, (_, i) => ({ key: `k${i}` }));
  assert.equal(shape(planArrays([...many, { key: 'x', after: many.map(({ key }) => key) }], none, 100))[1]?.[1], 'ok #0');
});

test('arrays end below the largest index, and children stay with their parents', () => {
  const tasks = [{ key: 'a' }, { key: 'b' }, { key: 'c' }, { key: 'c1', after: ['c'] }];
  assert.deepEqual(shape(planArrays(tasks, none, 2)), [
    [{ 0: 'a', 1: 'b' }, undefined],
    [{ 0: 'c' }, undefined],
    [{ 0: 'c1' }, 'corr #1'],
  ]);
});

test('parents that Slurm has already are waited for where they are; parents that are nowhere are done', () => {
  const queued = new Map([['p', { array: '77', index: 5 }]]);
  assert.deepEqual(
    shape(
      planArrays(
        [
          { key: 'x', after: ['p', 'gone'] },
          { key: 'y', after: ['gone'] },
        ],
        queued,
        10,
      ),
    ),
    [
      [{ 5: 'x' }, 'corr 77'],
      [{ 0: 'y' }, undefined],
    ],
  );
});

test('indices, tasks and options are read and written as Slurm does', () => {
  assert.equal(indexRanges([7, 3, 0, 1, 2, 9, 8]), '0-3,7-9');
  assert.equal(readTask('slurm_load_jobs error'), undefined);
  // A job that is no array.
  assert.equal(readTask('12|N/A|RUNNING|None'), undefined);
  assert.deepEqual(readTask('12|3|PENDING|launch failed requeued held'), {
    array: '12',
    index: 3,
    state: 'PENDING',
    reason: 'launch failed requeued held',
  });
  assert.deepEqual(readSbatchOptions(''), []);
  assert.deepEqual(readSbatchOptions("--partition=gpu -t 60 --comment='a b' --exclusive"), [
    '--partition=gpu',
    '-t',
    '60',
    '--comment=a b',
    '--exclusive',
  ]);
  for (const text of ['script.sh', '--exclusive script.sh', '-t 60 more'])
    assert.throws(() => readSbatchOptions(text), /invalid option for sbatch/);
  for (const text of ['--array=1', '--wrap=ls', '-d afterok:1', '--dependency=afterok:1', '-J x', '-o out'])
    assert.throws(() => readSbatchOptions(text), /set by the sweep itself/);
});
