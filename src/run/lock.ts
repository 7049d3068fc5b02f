/**
 * One process at a time in a run's folder. Each comer announces itself in a file of its own (renamed into place, so never half
 * there), then looks who else has: who sees no other live one has the lock, the rest withdraw. No file is ever taken over, only
 * the files of dead processes are removed, so a slow comer cannot remove the lock of a new one.
 *
 * A process on this machine is dead if its id is free or has a later start time. One on another machine (or in another container)
 * cannot be asked: it counts as dead once its file, touched every 5 s, is a minute older than the comer's by the file system's clock.
 */
import { execFileSync } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isPlainObject } from '../ticket/canonicalJson.js';
import { type Disk, diskError, writeAtomically } from './disk.js';
import { NotNow } from './exitCode.js';

export interface Lock {
  /** Tells other machines that this process lives. */
  touch(): void;
  /** Throws if another process has removed this lock, as one may after a minute without a sign of life. */
  check(): void;
  release(): void;
}

/** Who a process is, across machines, containers, restarts and reused ids. */
export interface Holder {
  readonly pid: number;
  readonly started: string;
  readonly machine: string;
}

/** Names of the files in which processes announce themselves. */
export const announcement = /^lock-[0-9a-f-]{36}$/;
const beat = 5_000;
const silence = 60_000;

/**
 * Takes the lock of a folder that exists.
 * @param wait how long to wait for a live holder, in seconds; 0: not at all
 * @throws NotNow that names the process that has it
 */
export async function takeLock(folder: string, wait = 0, disk: Disk = fs): Promise<Lock> {
  const path = join(folder, `lock-${randomUUID()}`);
  const until = performance.now() + 1000 * wait;
  // Two that announce in the same moment both withdraw, so even without waiting some more tries, at random distances.
  for (let tries = 0; ; tries++) {
    writeAtomically(path, JSON.stringify(thisProcess()), disk);
    const holder = otherHolder(folder, path);
    if (holder === undefined) return heldLock(path);
    fs.rmSync(path, { force: true });
    if (tries >= 6 && performance.now() >= until) {
      throw new NotNow(
        `the run in '${folder}' is under way in process ${holder.pid} on ${machineName(holder)}; wait for it, or stop that process and run again`,
      );
    }
    await sleep(tries < 6 ? randomInt(10, 20 << tries) : 500);
  }
}

/** The live process that has the folder, or undefined. Removes what processes of this machine left that are dead. */
export function lockHolder(folder: string): Holder | undefined {
  return otherHolder(folder, '');
}

function heldLock(path: string): Lock {
  const touch = (): void => {
    try {
      const now = new Date();
      fs.utimesSync(path, now, now);
    } catch {
      // A removed lock is `check`'s business.
    }
  };
  const timer = setInterval(touch, beat);
  timer.unref();
  return {
    touch,
    check() {
      touch();
      if (!fs.existsSync(path))
        throw new NotNow('another process took this run over, as this one gave no sign of life for a minute; run again');
    },
    release() {
      clearInterval(timer);
      fs.rmSync(path, { force: true });
    },
  };
}

/** Looks at every announcement but `own`; removes those of dead processes. */
function otherHolder(folder: string, own: string): Holder | undefined {
  let names: string[];
  try {
    names = fs.readdirSync(folder);
  } catch (error) {
    throw diskError(error, folder);
  }
  for (const name of names.filter((name) => announcement.test(name))) {
    const path = join(folder, name);
    if (path === own) continue;
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder, path, own)) return holder;
    if (holder !== undefined && (own !== '' || holder.machine === thisProcess().machine)) removeDead(path);
  }
  return undefined;
}

/** The name is unique, so this removes that dead announcement and nothing else. */
function removeDead(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // Somebody else's folder: it may be read all the same, and writing will say what is wrong.
  }
}

function readHolder(path: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(path, 'utf8'));
    if (isPlainObject(value) && Number.isSafeInteger(value['pid'])) return value as unknown as Holder;
  } catch (error) {
    // Gone since the folder was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
  }
  // Announcements appear whole; a broken one is damage, and nobody's.
  return { pid: 0, started: '', machine: thisProcess().machine };
}

function isAlive(holder: Holder, path: string, own: string): boolean {
  if (holder.machine === thisProcess().machine) return holder.pid > 0 && exists(holder.pid) && startOf(holder.pid) === holder.started;
  const seen = modified(path);
  const now = own === '' ? Date.now() : modified(own);
  return seen !== undefined && now !== undefined && now - seen < silence;
}

function modified(path: string): number | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

let self: Holder | undefined;

function thisProcess(): Holder {
  self ??= { pid: process.pid, started: startOf(process.pid), machine: machine() };
  return self;
}

/** Process ids mean something only in one boot and one id namespace: containers on one host can share the name and not the ids. */
function machine(): string {
  return [
    hostname(),
    read(() => fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    read(() => fs.readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
}

function machineName({ machine }: Holder): string {
  return String(machine).split(' ')[0] ?? 'another machine';
}

/** When a process started, as text to compare: clock ticks since boot on Linux, a date elsewhere. */
function startOf(pid: number): string {
  // The second field is the program's name in brackets and may hold anything; the 22nd is the start time.
  const fields = read(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')).split(' ');
  // A killed process that nobody has waited for is still listed, as Z.
  const ticks = fields[0] === 'Z' ? '' : (fields[19] ?? '');
  if (ticks !== '' || fs.existsSync('/proc/self/stat')) return ticks;
  return read(() => execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim());
}

function read(f: () => string): string {
  try {
    return f();
  } catch {
    return '';
  }
}
