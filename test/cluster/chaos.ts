/**
 * The whole promise at once: 240 real trainings on a private Slurm, while runs, nodes, the controller and the driver are killed. Every file of every
 * run must be that of the same runs by local workers, and of the same runs made one by one in this process. Writes what happened to `data/chaos`.
 * `node dist/test/cluster/chaos.js [--replicates 20] [--out data/chaos]`
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stream } from '../../src/random.js';
import { readEnvironment } from '../../src/run/environment.js';
import { openStore, runFolder } from '../../src/run/store.js';
import { collectSweeps } from '../../src/run/sweep/collectSweeps.js';
import { planSweep } from '../../src/run/sweep/planSweep.js';
import { runSweep } from '../../src/run/sweep/runSweep.js';
import { digestsOf, halfWritten, recompute, sweepDigest, wasResumed } from './digests.js';
import { neoteny, type Program } from './neoteny.js';
import { startCluster } from './privateCluster.js';
import { runProcesses } from './victims.js';

const { values } = parseArgs({
  options: { replicates: { type: 'string', default: '20' }, out: { type: 'string', default: 'data/chaos' } },
});
const sweep = {
  name: 'chaos',
  experiment: 'imp',
  arms: ['ticket', 'reinitialise', 'shuffle-mask'],
  options: { trainLimit: 1000, validateEvery: '25it', length: '100it', levels: 2 },
  grid: { criterion: ['magnitude', 'random'], fraction: [0.3, 0.5] },
  replicates: Number(values.replicates),
};

const plan = planSweep(sweep);
const { runs } = plan;
const folder = fs.mkdtempSync(join(os.tmpdir(), 'neoteny-chaos-'));
const file = join(folder, 'chaos.json');
fs.writeFileSync(file, JSON.stringify(sweep));
const store = openStore({ root: join(folder, 'slurm'), records: [] });
const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const upSince = performance.now();
const cluster = await startCluster();
const clusterUp = seconds(upSince);
say(`cluster up after ${clusterUp} s: ${(await cluster.call('sinfo', '-h')).replaceAll(/\s+/g, ' ')}`);

const began = performance.now();
const happened: { at: number; done: number; what: string }[] = [];
const isDone = (key: string): boolean => fs.existsSync(join(runFolder(store, key), 'done.json'));
const done = (): number => runs.filter(({ key }) => isDone(key)).length;
const note = (what: string): void => {
  happened.push({ at: seconds(began), done: done(), what });
  say(`${seconds(began)} s, ${done()} done: ${what}`);
};
const drive = (): Program =>
  neoteny(['sweep', file, '--executor', 'slurm', '--poll', '1', '--save-every', '0.3', '--json', '--quiet'], {
    NEOTENY_RUNS: store.root,
    ...cluster.env,
  });
let driver = drive();
let exit: number | null | undefined;
const watch = (): void =>
  void driver.ended.then(({ code, err }) => {
    exit = code;
    if (err !== '') say(err);
  });
watch();

const random = stream(1, 'chaos');
const killed = new Set<string>();
let runKills = 0;
/** Kills a run that has a checkpoint to go on from; any, if none turns up. */
const killRun = async (): Promise<void> => {
  for (let tries = 0; tries < 400; tries++) {
    const all = runProcesses(store);
    const among = all.filter(({ key, hasCheckpoint }) => (hasCheckpoint && !killed.has(key)) || tries > 300);
    const victim = among[random.integer(Math.max(1, among.length))];
    if (victim !== undefined) {
      process.kill(victim.pid, 'SIGKILL');
      killed.add(victim.key);
      runKills++;
      return note(`kill -9 of run ${victim.key}`);
    }
    await sleep(25);
  }
};

/** What happens when so great a share of the runs is done; it is the same on a fast and on a slow machine. */
const plot: [number, () => Promise<void>][] = [
  ...Array.from({ length: 14 }, (_, i): [number, () => Promise<void>] => [0.03 + i * 0.06, killRun]),
  [
    0.1,
    async () => {
      await cluster.cutPower('n1');
      note('power cut of n1');
    },
  ],
  [
    0.15,
    async () => {
      driver.child.kill('SIGKILL');
      await driver.ended;
      note('kill -9 of the driver');
      await sleep(3000);
      driver = drive();
      exit = undefined;
      watch();
      note('driver started again');
    },
  ],
  [
    0.25,
    async () => {
      void cluster.startNode('n1');
      note('n1 is back');
    },
  ],
  [
    0.35,
    async () => {
      await cluster.cutPower('n2');
      note('power cut of n2');
      await sleep(3000);
      void cluster.startNode('n2');
      note('n2 is back');
    },
  ],
  [
    0.5,
    async () => {
      await cluster.killController();
      note('kill -9 of the controller');
      await sleep(3000);
      cluster.startController();
      note('controller started again');
    },
  ],
  [
    0.7,
    async () => {
      cluster.freezeController(true);
      note('controller frozen');
      await sleep(15_000);
      cluster.freezeController(false);
      note('controller goes on');
    },
  ],
];
for (const [share, what] of plot.sort(([a], [b]) => a - b)) {
  while (done() < share * runs.length && exit === undefined) await sleep(100);
  if (exit === undefined) await what();
}
while (exit === undefined) await sleep(200);
const bySlurm = seconds(began);
note(`driver ended with ${exit}`);

const left = await cluster.call('squeue', '-h');
const againSince = performance.now();
const again = await runSweep(plan, { store, executor: 'slurm' });
const againSeconds = (performance.now() - againSince) / 1000;
const outlived = await cluster.stop();

say('the same by local workers');
const localSince = performance.now();
const local = openStore({ root: join(folder, 'local'), records: [] });
await runSweep(plan, { store: local });
const byWorkers = seconds(localSince);
say('the same one by one');
const aloneSince = performance.now();
const alone = await recompute(join(folder, 'alone'), runs);
const oneByOne = seconds(aloneSince);

const wrong = runs.filter(({ key }) => !isDone(key) || JSON.stringify(digestsOf(store, key)) !== JSON.stringify(digestsOf(alone, key)));
const { neoteny: version, commit, node, tensorflow, cpu, cores } = readEnvironment();
collectSweeps(store, Date.now() + 86_400_000);
const result = {
  runs: runs.length,
  done: done(),
  wrong: wrong.length,
  resumedFromCheckpoint: runs.filter(({ key }) => isDone(key) && wasResumed(store, key)).length,
  digest: { slurm: sweepDigest(store, runs), workers: sweepDigest(local, runs), oneByOne: sweepDigest(alone, runs) },
  killed: { runs: runKills, nodes: 2, controller: 1, driver: 1, controllerFrozen: 1 },
  seconds: { clusterUp, slurm: bySlurm, workers: byWorkers, oneByOne, secondCall: Math.round(againSeconds * 1000) / 1000 },
  secondCall: { started: again.started, done: again.done.length },
  driverExit: exit,
  queueAfter: left,
  processesAfter: outlived.length,
  halfWrittenAfter: halfWritten(store).length,
  nodes: cluster.nodes.length,
  environment: { version, commit, node, tensorflow, cpu, cores },
  happened,
};
fs.mkdirSync(values.out, { recursive: true });
fs.writeFileSync(join(values.out, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
say(JSON.stringify({ ...result, happened: happened.length }, null, 2));

assert.equal(result.done, runs.length, 'runs are missing');
assert.equal(result.wrong, 0, `runs with other files: ${wrong.map(({ key }) => key).join(', ')}`);
assert.equal(result.digest.slurm, result.digest.workers);
assert.equal(result.digest.slurm, result.digest.oneByOne);
assert.equal(result.driverExit, 0);
assert.ok(result.resumedFromCheckpoint >= 5 || runs.length < 240, `only ${result.resumedFromCheckpoint} runs went on from a checkpoint`);
assert.ok(runKills >= 8 || runs.length < 240, `only ${runKills} runs were killed`);
assert.deepEqual([result.queueAfter, result.processesAfter, result.halfWrittenAfter], ['', 0, 0]);
assert.equal(result.secondCall.started, 0);
assert.ok(againSeconds < 1, `the second call took ${againSeconds} s`);
fs.rmSync(folder, { recursive: true, force: true });
say('passed');
process.exit(0);
