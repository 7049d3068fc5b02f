/**
 * A real Slurm for tests: three nodes on this machine, nothing of it outside one folder. Each node has process ids of its own, so killing its first
 * process is a power cut: its daemon and its runs are gone at once, and nothing else is.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PrivateCluster {
  readonly folder: string;
  /** What programs need to find this cluster. */
  readonly env: { readonly SLURM_CONF: string };
  readonly nodes: readonly string[];
  /** Runs one of Slurm's programs; its output. */
  call(program: string, ...args: string[]): Promise<string>;
  cutPower(node: string): Promise<void>;
  startNode(node: string): Promise<void>;
  killController(): Promise<void>;
  startController(): void;
  /** Stops the controller in the middle of whatever it does, or lets it go on. */
  freezeController(frozen: boolean): void;
  /** Ends all of it. Returns what was still running of it afterwards. */
  stop(): Promise<string[]>;
}

export interface ClusterOptions {
  readonly nodes?: number;
  /** Runs at once on each node. */
  readonly cpus?: number;
}

/** Starts a cluster and waits until all its nodes are idle. @throws Error that names packages that are missing */
export async function startCluster({ nodes: count = 3, cpus = 2 }: ClusterOptions = {}): Promise<PrivateCluster> {
  await checkPrograms();
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'neoteny-slurm-'));
  fs.chmodSync(folder, 0o755);
  for (const name of ['state', 'log', 'munge', 'spool']) fs.mkdirSync(join(folder, name), { mode: 0o755 });
  fs.writeFileSync(join(folder, 'munge', 'key'), randomBytes(1024), { mode: 0o400 });
  const nodes = Array.from({ length: count }, (_, i) => `n${i + 1}`);
  const conf = join(folder, 'slurm.conf');
  fs.writeFileSync(conf, configuration(folder, count, cpus, await freePorts(count + 1)));
  const env = { SLURM_CONF: conf };
  const processes = new Map<string, ChildProcess>();

  const start = (name: string, program: string, args: readonly string[]): void => {
    const log = fs.openSync(join(folder, 'log', `${name}.out`), 'a');
    // In a session of its own, so that Ctrl-C in a terminal reaches the test and not the cluster.
    const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log], env: { ...process.env, ...env } });
    fs.closeSync(log);
    child.on('error', () => {});
    child.unref();
    processes.set(name, child);
  };
  const end = async (name: string, signal: NodeJS.Signals): Promise<void> => {
    const child = processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    child.ref();
    await ended;
  };
  const call = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, args, { env: { ...process.env, ...env }, timeout: 20_000 })).stdout.trim();
  const startNode = (node: string): void =>
    start(node, 'unshare', [
      '--fork',
      '--pid',
      '--mount-proc',
      '--kill-child=KILL',
      'bash',
      '-c',
      `slurmd -D -f '${conf}' -N ${node} & wait`,
    ]);
  const startController = (): void => start('controller', 'slurmctld', ['-D', '-f', conf]);
  const stop = async (): Promise<string[]> => {
    for (const node of nodes) await end(node, 'SIGKILL');
    await end('controller', 'SIGKILL');
    await end('munge', 'SIGTERM');
    // What is killed with its namespace takes a moment to be gone on a busy machine.
    for (let i = 0; i < 200 && processesOf(folder).length > 0; i++) await sleep(50);
    const left = processesOf(folder);
    fs.rmSync(folder, { recursive: true, force: true });
    return left;
  };

  const munge = (name: string): string => join(folder, 'munge', name);
  start('munge', 'munged', [
    '--foreground',
    `--key-file=${munge('key')}`,
    `--socket=${munge('sock')}`,
    `--pid-file=${munge('pid')}`,
    `--log-file=${munge('log')}`,
    `--seed-file=${munge('seed')}`,
    '--num-threads=2',
    '--force',
  ]);
  for (let i = 0; i < 100 && !fs.existsSync(munge('sock')); i++) await sleep(50);
  startController();
  for (const node of nodes) startNode(node);
  for (let i = 0; ; i++) {
    const idle = await call('sinfo', '-h', '-t', 'idle', '-o', '%D').catch(() => '');
    if (idle === String(count)) break;
    if (i === 600) {
      const last = fs.readdirSync(join(folder, 'log')).map(
        (name) =>
          `${name}: ${fs
            .readFileSync(join(folder, 'log', name), 'utf8')
            .split('\n')
            .slice(-4)
            .join(' ')}`,
      );
      await stop();
      throw new Error(`Slurm did not come up in a minute; ${last.join('; ')}`);
    }
    await sleep(100);
  }

  return {
    folder,
    env,
    nodes,
    call,
    cutPower: (node) => end(node, 'SIGKILL'),
    async startNode(node) {
      startNode(node);
      // A node that came back from a power cut is taken by itself; one whose jobs the controller has doubts about is not.
      for (let i = 0; i < 300; i++) {
        const state = await call('sinfo', '-h', '-n', node, '-o', '%T').catch(() => '');
        if (/^(idle|mixed|allocated|completing)/.test(state) && !state.endsWith('*')) return;
        if (/drain/.test(state)) await call('scontrol', 'update', `nodename=${node}`, 'state=resume').catch(() => {});
        await sleep(200);
      }
    },
    killController: () => end('controller', 'SIGKILL'),
    startController,
    freezeController: (frozen) => void processes.get('controller')?.kill(frozen ? 'SIGSTOP' : 'SIGCONT'),
    stop,
  };
}

/** Processes whose command line names the folder. */
function processesOf(folder: string): string[] {
  return fs.readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes(folder) ? [`${pid} ${line.trim()}`] : [];
    } catch {
      return [];
    }
  });
}

async function checkPrograms(): Promise<void> {
  const found = await run('bash', [
    '-c',
    'PATH=$PATH:/usr/sbin:/sbin; for p in slurmctld slurmd sbatch squeue scancel sinfo munged unshare; do command -v $p >/dev/null || echo $p; done',
  ]);
  const missing = found.stdout
    .trim()
    .split('\n')
    .filter((name) => name !== '');
  if (missing.length > 0) throw new Error(`missing ${missing.join(', ')}: apt-get install -y --no-install-recommends slurm-wlm munge`);
  if (process.getuid?.() !== 0) throw new Error('the cluster of the tests needs root: its nodes have process ids of their own');
  if (!/(^|:)\/usr\/sbin(:|$)/.test(process.env['PATH'] ?? '')) process.env['PATH'] += ':/usr/sbin:/sbin';
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function configuration(folder: string, nodes: number, cpus: number, [controller, ...ports]: readonly number[]): string {
  return `ClusterName=lab
SlurmctldHost=${os.hostname().split('.')[0]}(127.0.0.1)
SlurmUser=root
SlurmctldPort=${controller}
AuthType=auth/munge
AuthInfo=socket=${folder}/munge/sock,cred_expire=5
CredType=cred/munge
StateSaveLocation=${folder}/state
SlurmdSpoolDir=${folder}/spool/%n
SlurmctldPidFile=${folder}/slurmctld.pid
SlurmdPidFile=${folder}/slurmd-%n.pid
SlurmctldLogFile=${folder}/log/slurmctld.log
SlurmdLogFile=${folder}/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobCompType=jobcomp/filetxt
JobCompLoc=${folder}/jobcomp.txt
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,bf_interval=2,sched_interval=5
SlurmdParameters=config_overrides
SlurmdTimeout=10
MessageTimeout=10
KillWait=20
ReturnToService=2
JobRequeue=1
MaxArraySize=2001
MaxJobCount=20000
DefMemPerCPU=500
${ports
  .slice(0, nodes)
  .map((port, i) => `NodeName=n${i + 1} NodeHostname=localhost NodeAddr=127.0.0.1 Port=${port} CPUs=${cpus} RealMemory=16000 State=UNKNOWN`)
  .join('\n')}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}
