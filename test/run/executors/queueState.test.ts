/** What a driver makes of a queue that loses jobs; the looks are those of a real Slurm whose node and controller were away together. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ExecutorContext } from '../../../src/run/executors/executor.js';
import { openQueueState } from '../../../src/run/executors/slurm/queueState.js';
import type { QueuedTask } from '../../../src/run/executors/slurm/slurmClient.js';
import type { PoolEvent } from '../../../src/run/pool.js';
import { temporaryFolder } from '../folders.js';

const tasks = [{ key: 'ticket' }, { key: 'control', after: ['ticket'] }];

function context(t: TestContext, done: ReadonlySet<string>, events: PoolEvent[]): ExecutorContext {
  const folder = temporaryFolder(t);
  return {
    folder,
    root: folder,
    env: {},
    command: (key) => ['true', key],
    isDone: (key) => done.has(key),
    failure: () => undefined,
    progress: () => '',
    onEvent: (event) => events.push(event),
    signal: new AbortController().signal,
    killSignal: new AbortController().signal,
  };
}

const queued = (array: string, state: string, reason: string): QueuedTask => ({ array, index: 0, state, reason });
const array = (id: string, key: string) => ({ name: `neoteny-${id}`, id, tasks: { 0: key } });

test('a job that Slurm drops behind a held parent is sent again once, then waits for the parent, however long that takes', (t) => {
  const done = new Set<string>();
  const events: PoolEvent[] = [];
  const state = openQueueState(tasks, context(t, done, events), { stuckAfter: 1000 });
  const arrays = [array('1', 'ticket'), array('2', 'control')];
  const submit = (id: string, key: string): void => {
    const added = array(id, key);
    arrays.push(added);
    state.submitted([added], state.before(tasks.filter((task) => task.key === key)));
  };
  state.submitted(arrays, state.before(tasks));
  const held = queued('1', 'PENDING', 'launch failed requeued held');
  assert.deepEqual(state.look(arrays, [held, queued('2', 'PENDING', 'Dependency')]).lost, []);
  assert.deepEqual(state.look(arrays, [held]).lost, [], 'one look may be wrong');
  assert.deepEqual(
    state.look(arrays, [held]).lost.map(({ key }) => key),
    ['control'],
  );
  submit('3', 'control');
  for (let i = 0; i < 100; i++) assert.deepEqual(state.look(arrays, [held]).lost, [], `look ${i}`);
  assert.equal(state.open(), 2, 'nothing was given up');

  // The parent's job is taken back and another one makes the run.
  state.look(arrays, []);
  assert.deepEqual(
    state.look(arrays, []).lost.map(({ key }) => key),
    ['ticket'],
  );
  submit('4', 'ticket');
  for (let i = 0; i < 20; i++) assert.deepEqual(state.look(arrays, [queued('4', 'RUNNING', 'None')]).lost, []);
  done.add('ticket');
  assert.deepEqual(
    state.look(arrays, []).lost.map(({ key }) => key),
    ['control'],
  );
  submit('5', 'control');
  done.add('control');
  state.look(arrays, []);
  assert.deepEqual(state.report(), { done: ['ticket', 'control'], failed: [], blocked: [], stopped: [] });
});

test('a run whose jobs vanish ten times without a word is given up, and what waits for it is named', (t) => {
  const events: PoolEvent[] = [];
  const state = openQueueState(tasks, context(t, new Set(), events));
  const arrays = [array('1', 'ticket')];
  state.submitted(arrays, state.before(tasks));
  let sent = 1;
  for (let i = 0; i < 100 && state.open() > 0; i++) {
    for (const { key } of state.look(arrays, []).lost) {
      if (key !== 'ticket') continue;
      const added = array(String(++sent), key);
      arrays.push(added);
      state.submitted([added], state.before(tasks));
    }
  }
  assert.equal(sent, 10);
  const { failed, blocked } = state.report();
  assert.deepEqual(failed, [{ key: 'ticket', reason: 'its job ended without a word (10 jobs)' }]);
  assert.deepEqual(blocked, [{ key: 'control', by: 'ticket' }]);
});

test('a run that is done while its job is held is nothing to depend on', (t) => {
  const done = new Set<string>();
  const state = openQueueState(tasks, context(t, done, []));
  const arrays = [array('1', 'ticket'), array('2', 'control')];
  state.submitted(arrays, state.before(tasks));
  const held = queued('1', 'PENDING', 'launch failed requeued held');
  state.look(arrays, [held, queued('2', 'PENDING', 'Dependency')]);
  assert.deepEqual([...state.places().keys()], ['ticket', 'control']);
  done.add('ticket');
  state.look(arrays, [held]);
  assert.deepEqual(
    state.look(arrays, [held]).lost.map(({ key }) => key),
    ['control'],
  );
  assert.deepEqual([...state.places().keys()], []);
});
