/** Slurm's own programs: what they are asked, and what they answer. */
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { missing, UserError } from '../../../check.js';
import { Interrupted } from '../../exitCode.js';

/** A task of an array that Slurm still knows. */
export interface QueuedTask {
  /** Id of the array. */
  readonly array: string;
  readonly index: number;
  /** PENDING, RUNNING, COMPLETING, ... */
  readonly state: string;
  /** Why it waits. */
  readonly reason: string;
}

export interface SlurmClient {
  /** Hands in a job script: the id of the job, or why there is no room in the queue now. @throws UserError if Slurm refuses it */
  submit(name: string, args: readonly string[]): Promise<{ readonly id: string } | { readonly full: string }>;
  /** The ids of jobs by the name that they were submitted under: there is one, or none. */
  find(name: string): Promise<string | undefined>;
  queue(ids: readonly string[]): Promise<QueuedTask[]>;
  /** Takes jobs or tasks (`12_3`) back; those that have ended stay as they are. */
  cancel(ids: readonly string[]): Promise<void>;
  /** One more than the largest index in an array. */
  maxArraySize(): Promise<number>;
}

export interface SlurmClientOptions {
  /** Aborted: waiting for the controller ends. */
  readonly signal?: AbortSignal;
  /** Told, once, that the controller does not answer, and when it does again. */
  readonly onNotice?: (text: string) => void;
  /** Seconds for one call. Default 30. */
  readonly timeout?: number;
}

/** What the programs say while the controller is away or busy; they may be asked again. */
const away =
  /unable to contact|connect(?:ion)? (?:failure|refused|timed out|reset)|timed out|zero bytes|try again|communication (?:connection )?failure|not responding|unable to establish control/i;
/** What sbatch says when a user may not have more jobs in the queue, or a job to wait for has just been forgotten: later it may work. */
const full = /dependency problem|submit limit|max\w*submit|job count|maximum number of jobs|temporarily unable to accept/i;

/** Opens the programs of the cluster that this machine belongs to. */
export function openSlurmClient({ signal, onNotice = () => {}, timeout = 30 }: SlurmClientOptions = {}): SlurmClient {
  let gone = false;
  /** Asks until the controller answers. `before` may find that an answer is no longer needed. */
  const call = async (
    program: string,
    args: readonly string[],
    before?: () => Promise<string | undefined>,
  ): Promise<{ code: number; out: string; err: string }> => {
    for (let tries = 0; ; tries++) {
      const found = tries === 0 ? undefined : await before?.();
      if (found !== undefined) return { code: 0, out: found, err: '' };
      const result = await execa(program, args, {
        reject: false,
        stdin: 'ignore',
        timeout: 1000 * timeout,
        env: { SLURM_TIME_FORMAT: 'standard' },
      });
      if (result.code === 'ENOENT')
        throw missing(
          `program '${program}'`,
          "it comes with Slurm: start the sweep on a machine that can submit jobs, or use '--executor local'",
        );
      if (!result.timedOut && (result.exitCode === 0 || !away.test(result.stderr))) {
        if (gone) onNotice('Slurm answers again');
        gone = false;
        return { code: result.exitCode ?? 1, out: result.stdout.trim(), err: result.stderr.trim() };
      }
      if (!gone) onNotice(`Slurm does not answer (${firstLine(result.stderr) || 'no answer in time'}); jobs go on meanwhile, waiting`);
      gone = true;
      await sleep(Math.min(10_000, 1000 * (tries + 1)), undefined, { signal }).catch(() => {
        throw new Interrupted('stopped while waiting for Slurm; jobs that it has go on');
      });
    }
  };

  const find = async (name: string): Promise<string | undefined> => {
    const { out } = await call('squeue', ['-h', '-r', `--name=${name}`, '-o', '%F']);
    return out
      .split('\n')
      .map((line) => line.trim())
      .find((line) => /^\d+$/.test(line));
  };

  return {
    find,
    async submit(name, args) {
      // A call that seemed to fail may have arrived: then the job is there under its name.
      const { code, out, err } = await call('sbatch', ['--parsable', `--job-name=${name}`, ...args], () => find(name));
      const id = /^(\d+)/.exec(out.split('\n').at(-1) ?? '')?.[1];
      if (code === 0 && id !== undefined) return { id };
      if (full.test(err)) return { full: firstLine(err) };
      throw new UserError(`Slurm refused the job: ${err.replaceAll(/\s+/g, ' ') || out || `sbatch ended with ${code}`}`);
    },
    async queue(ids) {
      if (ids.length === 0) return [];
      const { code, out, err } = await call('squeue', ['-h', '-r', '-j', ids.join(','), '-o', '%F|%K|%T|%r']);
      // Asked for one job that has been forgotten, squeue calls that an error.
      if (code !== 0 && !/invalid job id/i.test(err)) throw new UserError(`squeue failed: ${firstLine(err) || `exit code ${code}`}`);
      return out.split('\n').flatMap((line) => readTask(line) ?? []);
    },
    async cancel(ids) {
      for (let at = 0; at < ids.length; at += 500) await call('scancel', ['--quiet', ...ids.slice(at, at + 500)]);
    },
    async maxArraySize() {
      const { out } = await call('scontrol', ['show', 'config']);
      const size = Number(/^MaxArraySize\s*=\s*(\d+)/m.exec(out)?.[1]);
      return Number.isSafeInteger(size) && size > 0 ? size : 1001;
    },
  };
}

/** @example readTask('12|3|PENDING|Dependency') // => { array: '12', index: 3, state: 'PENDING', reason: 'Dependency' } */
export function readTask(line: string): QueuedTask | undefined {
  const [array, index, state, ...reason] = line.trim().split('|');
  if (array === undefined || !/^\d+$/.test(array) || !/^\d+$/.test(index ?? '') || state === undefined) return undefined;
  return { array, index: Number(index), state, reason: reason.join('|') };
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.trim() ?? '';
}
