/** The state of a plan under way, its estimate and its lines. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { colors } from '../../src/cli/output/colors.js';
import { announcementLine, plainStatus, poolFrame } from '../../src/cli/progress/poolFrame.js';
import { applyPoolEvent, openPoolState, type PoolState } from '../../src/cli/progress/poolState.js';
import { doneShare, makespan, timeLeft } from '../../src/cli/progress/timeLeft.js';
import type { PoolEvent } from '../../src/run/pool.js';

const plain = colors({}, { NO_COLOR: '1' });
const seconds = 1000;

function fourRuns(): PoolState {
  const runs = ['a', 'b', 'c', 'd'].map((key) => ({ key, label: `grow-identity ${key}`, updates: 1000, share: 0, done: key === 'd' }));
  return openPoolState({ runs, workers: 2, now: 0 });
}

function progress(key: string, level: number, step: number): PoolEvent {
  // Two levels of 500 updates.
  return { kind: 'worker', key, event: { event: 'progress', level, levels: 1, step, steps: 500, accuracy: 0.9, stepsPerSecond: 100 } };
}

test('shares, and the time left from the speed of all work so far', () => {
  const state = fourRuns();
  assert.equal(doneShare(state), 0.25);
  assert.equal(timeLeft(state, 0), undefined);
  applyPoolEvent(state, { kind: 'started', key: 'a' }, 0);
  applyPoolEvent(state, { kind: 'started', key: 'b' }, 0);
  applyPoolEvent(state, progress('a', 0, 100), 2 * seconds);
  applyPoolEvent(state, progress('b', 0, 100), 2 * seconds);
  assert.equal(state.runs.get('a')?.share, 0.1);
  assert.equal(timeLeft(state, 2 * seconds), undefined);
  applyPoolEvent(state, progress('a', 1, 0), 6 * seconds);
  applyPoolEvent(state, progress('b', 1, 0), 6 * seconds);
  assert.equal(state.runs.get('a')?.share, 0.5);
  // 2 x 400 updates in 2 x 4 s are 100 a second; a and b have 500 to go, then c takes 2 s to start and 10 s.
  assert.equal(timeLeft(state, 6 * seconds), 5 + 2 + 10);
  applyPoolEvent(state, { kind: 'done', key: 'a' }, 11 * seconds);
  // Now 1300 updates in 9 + 9 s; b stands where it was.
  assert.ok(Math.abs((timeLeft(state, 11 * seconds) as number) - (2 + 1000 / (1300 / 18))) < 1e-9);
});

test('a control that has no level 0 starts at no share', () => {
  const state = openPoolState({ runs: [{ key: 'a', label: 'a', updates: 1500, share: 0, done: false }], workers: 1, now: 0 });
  const event = (level: number, step: number): PoolEvent => ({
    kind: 'worker',
    key: 'a',
    event: { event: 'progress', level, levels: 3, step, steps: 500 },
  });
  applyPoolEvent(state, event(1, 0), 0);
  assert.equal(state.runs.get('a')?.share, 0);
  applyPoolEvent(state, event(3, 500), 0);
  assert.equal(state.runs.get('a')?.share, 1);
});

test('runs without steps tell their share, or a level', () => {
  const state = fourRuns();
  applyPoolEvent(state, { kind: 'started', key: 'a' }, 0);
  applyPoolEvent(state, { kind: 'worker', key: 'a', event: { event: 'progress', share: 0.25 } }, seconds);
  assert.equal(state.runs.get('a')?.share, 0.25);
  assert.match(poolFrame(state, { now: seconds, width: 79, height: 23, colors: plain }).join('\n'), /grow-identity a +- +- +- +- +━/);
  // A level that was found moves the share and starts no clock: it was not computed now.
  applyPoolEvent(state, { kind: 'started', key: 'b' }, 0);
  applyPoolEvent(state, { kind: 'worker', key: 'b', event: { event: 'progress', level: 5, levels: 10 } }, seconds);
  assert.deepEqual([state.runs.get('b')?.share, state.runs.get('b')?.origin, state.runs.get('b')?.status], [0.5, null, 'starting']);
});

test('tasks are handed out as workers become free', () => {
  assert.equal(makespan([10, 2], [5, 5], 2), 12);
  assert.equal(makespan([], [3, 3, 3], 2), 6);
  assert.equal(makespan([], [], 2), 0);
  assert.equal(makespan([4], [], 8), 4);
});

test('events of other makers do no harm', () => {
  const state = fourRuns();
  applyPoolEvent(state, { kind: 'started', key: 'a' }, 0);
  for (const event of [
    { event: 'progress', steps: 0 },
    { event: 'progress', steps: 'x' },
    { event: 'progress', steps: 500, step: null, level: 'one', levels: 2 },
    { event: 'level', level: null, density: 'x' },
    { event: 'nonsense' },
    { event: 'notice' },
  ]) {
    for (const announcement of applyPoolEvent(state, { kind: 'worker', key: 'a', event: event as never }, 0)) {
      assert.equal(typeof announcementLine(announcement, state, { colors: plain, now: 0 }), 'string');
    }
  }
  assert.deepEqual(applyPoolEvent(state, { kind: 'started', key: 'unknown' }, 0), []);
  assert.ok(!poolFrame(state, { now: 0, width: 80, height: 20, colors: plain }).join('').includes('NaN'));
});

test('no line of a frame is wider than the terminal, and none too many', () => {
  for (const bright of [plain, colors({}, { FORCE_COLOR: '1' })]) {
    const state = openPoolState({
      runs: Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, label: `keep-shallow r${i}`, updates: 1000, share: 0, done: false })),
      workers: 20,
      now: 0,
    });
    for (let i = 0; i < 20; i++) applyPoolEvent(state, { kind: 'started', key: `k${i}` }, 0);
    for (let i = 0; i < 10; i++) applyPoolEvent(state, progress(`k${i}`, 1, 123), seconds);
    for (const now of [seconds, 9 * seconds, 10_000 * seconds]) {
      for (let width = 20; width <= 200; width++) {
        const frame = poolFrame(state, { now, width, height: 12, colors: bright });
        assert.ok(frame.length <= 12);
        for (const line of frame) assert.ok(stripVTControlCharacters(line).length <= width, `${width}: ${line}`);
      }
    }
  }
});

test('a frame at 80 columns', () => {
  const state = fourRuns();
  applyPoolEvent(state, { kind: 'started', key: 'a' }, 0);
  applyPoolEvent(state, { kind: 'started', key: 'b' }, 0);
  applyPoolEvent(state, progress('a', 1, 250), seconds);
  assert.deepEqual(poolFrame(state, { now: seconds, width: 79, height: 23, colors: plain }), [
    '  run               level         step  val. %   steps/s',
    `  grow-identity a     1/1      250/500   90.00       100  ${'━'.repeat(16)}${'╌'.repeat(5)}`,
    '  grow-identity b  starting 0:01',
    `  1/4 runs  43 %  ${'━'.repeat(17)}${'╌'.repeat(21)}  0:01, measuring speed`,
  ]);
  state.stopping = true;
  assert.match(poolFrame(state, { now: seconds, width: 79, height: 23, colors: plain }).at(-1) ?? '', /stopping: saving checkpoints/);
});

test('what is worth a line that stays', () => {
  const state = fourRuns();
  applyPoolEvent(state, { kind: 'started', key: 'a' }, 0);
  const lines = (event: PoolEvent): string[] =>
    applyPoolEvent(state, event, seconds).map((one) => announcementLine(one, state, { colors: plain, now: seconds }));
  assert.deepEqual(lines({ kind: 'worker', key: 'a', event: { event: 'backend', backend: 'wasm' } }), [
    '   0:01    WebAssembly serves, several times slower than native TensorFlow (neoteny doctor)',
  ]);
  assert.deepEqual(lines({ kind: 'worker', key: 'a', event: { event: 'backend', backend: 'wasm' } }), []);
  const level = { event: 'level', level: 0, density: 0.05, testAtEnd: 0.9743, validationAtEnd: 0.98 };
  assert.deepEqual(lines({ kind: 'worker', key: 'a', event: level }), [
    '   0:01    grow-identity a  level 0  density 0.0500  test  97.43 %  validation  98.00 %',
  ]);
  assert.deepEqual(lines({ kind: 'done', key: 'a' }), ['   0:01  ✓ grow-identity a  test 97.43 %']);
  assert.deepEqual(lines({ kind: 'failed', key: 'b', reason: 'training diverged' }), [
    '   0:01  ✗ grow-identity b  failed: training diverged',
  ]);
  assert.deepEqual(lines({ kind: 'blocked', key: 'c', by: 'b' }), ['   0:01  ✗ grow-identity c  not started: it needs grow-identity b']);
  assert.equal(plainStatus(state, seconds), '2/4 runs done, 1 failed, 1 blocked, 0 under way, 50 %');
});

test('runs that failed before are not counted as done', () => {
  const runs = (['a', 'b', 'c'] as const).map((key) => ({ key, label: key, updates: 1000, share: 0, done: key === 'a' }));
  const state = openPoolState({
    runs: runs.map((run) => (run.key === 'b' ? { ...run, share: 0.2, lost: 'failed' as const } : run)),
    workers: 1,
    now: 0,
  });
  assert.equal(plainStatus(state, 0), '1/3 runs done, 1 failed, 0 under way, 40 %');
  assert.match(poolFrame(state, { now: 0, width: 79, height: 23, colors: plain }).at(-1) ?? '', /^ {2}1\/3 runs, 1 failed {2}40 % /);
  applyPoolEvent(state, { kind: 'started', key: 'c' }, 0);
  applyPoolEvent(state, { kind: 'worker', key: 'c', event: { event: 'progress', level: 0, levels: 0, step: 0, steps: 1000 } }, 0);
  applyPoolEvent(state, { kind: 'done', key: 'c' }, 10 * seconds);
  // No time is left where nothing is left to do.
  assert.equal(plainStatus(state, 10 * seconds), '2/3 runs done, 1 failed, 0 under way, 73 %');
});
