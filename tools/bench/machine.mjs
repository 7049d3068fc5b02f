/** On what was measured: enough to explain a number, nothing that names a person's machine or folders. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { readEnvironment } from '../../dist/src/run/environment.js';

/** Facts of the machine and of the run. */
export function machineFacts(threads) {
  const { neoteny, node, tensorflow, commit, dirty, platform, cpu, cores, memory } = readEnvironment();
  const onednn = process.env.TF_ENABLE_ONEDNN_OPTS ?? '1';
  return {
    cpu,
    cores,
    memory,
    platform,
    node,
    neoteny,
    commit,
    dirty,
    tfjsNode: tensorflow,
    oneDNN: onednn !== '0',
    instructions: instructions(),
    threads,
  };
}

/** Waiting processes over the last minute: above the number of cores, the numbers are those of a busy machine. */
export const load = () => Math.round(os.loadavg()[0] * 100) / 100;

/** Forgets the highest resident memory of a process so far, where the system can. */
export function resetPeak(pid) {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // Then the peak is that of the whole life of the process.
  }
}

/** Highest resident memory of a process since `resetPeak`, in MB, or null where the system does not say. */
export function peakMemory(pid) {
  const path = `/proc/${pid}/status`;
  const found = existsSync(path) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'));
  return found ? (Number(found[1]) * 1024) / 1e6 : null;
}

function instructions() {
  if (!existsSync('/proc/cpuinfo')) return null;
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  return ['amx_tile', 'avx512f', 'avx2', 'avx'].find((name) => flags.includes(` ${name}`)) ?? null;
}
