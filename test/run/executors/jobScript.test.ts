/** The script of a job, run by bash without a cluster: what becomes of each way in which a run can end. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { jobScript, quote } from '../../../src/run/executors/slurm/jobScript.js';
import { temporaryFolder } from '../folders.js';

/** A job whose program is a piece of shell that sees its key as `$1`; `scontrol` is one that notes how it was called. */
function job(t: TestContext, body: string, { tries = 3, patience = 60, scontrol = 'exit 0' } = {}) {
  // A space and a quote in all paths.
  const folder = join(temporaryFolder(t), "it's a folder");
  for (const name of ['log', 'bin', 'runs']) fs.mkdirSync(join(folder, name), { recursive: true });
  fs.writeFileSync(join(folder, 'program.sh'), `cd "$(dirname "$0")"\necho "said by $1 $2"\necho x >> starts\n${body}`);
  fs.writeFileSync(join(folder, 'bin', 'scontrol'), `#!/bin/bash\necho "$@" > "$(dirname "$0")/../requeued"\n${scontrol}\n`, {
    mode: 0o755,
  });
  fs.writeFileSync(join(folder, 'tasks'), 'first\nsecond\n\n');
  const script = jobScript({
    tasks: join(folder, 'tasks'),
    log: join(folder, 'log'),
    program: ['/bin/bash', join(folder, 'program.sh')],
    options: ['--events'],
    env: { WORD: "a 'b'" },
    setUp: ['export MORE=1'],
    root: join(folder, 'runs'),
    tries,
    patience,
  });
  const path = join(folder, 'job.sh');
  fs.writeFileSync(path, script);
  const start = (task = 1): ChildProcess =>
    spawn('/bin/bash', [path], {
      stdio: 'ignore',
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, SLURM_ARRAY_TASK_ID: String(task), SLURM_ARRAY_JOB_ID: '7' },
    });
  const read = (name: string): string => (fs.existsSync(join(folder, name)) ? fs.readFileSync(join(folder, name), 'utf8') : '');
  return {
    folder,
    start,
    read,
    starts: () => read('starts').length / 2,
    end: async (child = start()) => (await once(child, 'close'))[0] as number | null,
  };
}

test('a run that works: its key, its environment, its log', async (t) => {
  const one = job(t, 'echo "$WORD $MORE" > env; mkdir -p "runs/$1"; echo > "runs/$1/done.json"');
  assert.equal(await one.end(), 0);
  assert.equal(one.read('env'), "a 'b' 1\n");
  assert.match(one.read('log/second.log'), /^job 7_1 on \?, start 1\nsaid by second --events\n$/);
  // A line that is empty is no run.
  assert.equal(await one.end(one.start(2)), 1);
  assert.equal(one.starts(), 1);
});

test('crashes are tried again so many times, "not now" for so long, and what will never work is not', { timeout: 60_000 }, async (t) => {
  const crash = job(t, '[ "$(wc -l < starts)" -lt 3 ] && kill -9 $$; mkdir -p "runs/$1"; echo > "runs/$1/done.json"');
  assert.equal(await crash.end(), 0);
  assert.equal(crash.starts(), 3);
  const always = job(t, 'exit 1', { tries: 2 });
  assert.equal(await always.end(), 1);
  assert.equal(always.starts(), 2);
  const bad = job(t, 'exit 65');
  assert.equal(await bad.end(), 65);
  assert.equal(bad.starts(), 1);
  const later = job(t, '[ "$(wc -l < starts)" -lt 2 ] && exit 75; mkdir -p "runs/$1"; echo > "runs/$1/done.json"');
  assert.equal(await later.end(), 0);
  const never = job(t, 'exit 75', { patience: 1 });
  assert.equal(await never.end(), 75);
  assert.equal(never.starts(), 2);
  // It says that it worked, and there is nothing: a fault of the program.
  const empty = job(t, 'exit 0', { tries: 1 });
  assert.equal(await empty.end(), 1);
});

const save = `echo saved > saved; mkdir -p "runs/$1"; echo '{"event":"save"}' >> "runs/$1/timing.jsonl"; exit 130`;
const untilStopped = `stop() { ${save}; }; trap 'stop second' TERM; for i in $(seq 200); do sleep 0.05; done`;

test('the early warning and the end reach the run, which saves; a warned task goes back into the queue', { timeout: 60_000 }, async (t) => {
  const ask = async (one: ReturnType<typeof job>, signal: NodeJS.Signals): Promise<ChildProcess> => {
    const child = one.start();
    while (one.starts() === 0) await sleep(20);
    await sleep(200);
    child.kill(signal);
    return child;
  };
  const stopped = job(t, untilStopped);
  assert.equal(await stopped.end(await ask(stopped, 'SIGTERM')), 130);
  assert.equal(stopped.read('saved'), 'saved\n');
  assert.equal(stopped.read('requeued'), '');
  // Where users may not requeue, the task ends, and the driver submits it again.
  const refused = job(t, untilStopped, { scontrol: 'exit 1' });
  assert.equal(await refused.end(await ask(refused, 'SIGUSR1')), 130);
  assert.equal(refused.read('requeued'), 'requeue 7_1\n');
  // Put back into the queue, a task waits for its end.
  const warned = job(t, untilStopped);
  const child = await ask(warned, 'SIGUSR1');
  while (warned.read('requeued') === '') await sleep(20);
  await sleep(300);
  assert.equal(child.exitCode, null);
  assert.equal(warned.read('saved'), 'saved\n');
  child.kill('SIGTERM');
  assert.equal(await warned.end(child), 130);
  assert.equal(warned.starts(), 1);
  // A start that brought nothing would be followed by another one like it, for ever: the driver is told instead.
  const early = job(t, 'trap "exit 130" TERM; for i in $(seq 200); do sleep 0.05; done');
  assert.equal(await early.end(await ask(early, 'SIGUSR1')), 130);
  assert.equal(early.read('requeued'), '');
  assert.match(early.read('log/second.log'), /\nwarned of the time limit before anything was kept: the job needs more time \(--time\)\n$/);
  // Warned, and done before it could stop.
  const done = job(t, `trap 'mkdir -p "runs/$1"; echo > "runs/$1/done.json"; exit 0' TERM; for i in $(seq 200); do sleep 0.05; done`);
  assert.equal(await done.end(await ask(done, 'SIGUSR1')), 0);
  assert.equal(done.read('requeued'), '');
});

test('any text is one word of a shell', async (t) => {
  const folder = temporaryFolder(t);
  for (const text of ['', "it's", '$(touch x) `touch x`', 'a"b\\c\n', '-n']) {
    const child = spawn('/bin/bash', ['-c', `printf %s ${quote(text)}`], { cwd: folder });
    let out = '';
    child.stdout.on('data', (part) => (out += part));
    await once(child, 'close');
    assert.equal(out, text);
  }
  assert.deepEqual(fs.readdirSync(folder), []);
});
