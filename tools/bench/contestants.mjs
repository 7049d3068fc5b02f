/** Who takes part, and how each is started. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './child.mjs';
import { peersFolder } from './install.mjs';

const ours = fileURLToPath(new URL('./ours.mjs', import.meta.url));

/** In the order of a round. */
export const contestants = [
  { name: 'auto', title: 'neoteny, auto', command: () => [process.execPath, [ours, 'auto']] },
  { name: 'compiled', title: 'neoteny, compiled', command: () => [process.execPath, [ours, 'compiled']] },
  { name: 'native', title: 'neoteny, native', command: () => [process.execPath, [ours, 'sparse']] },
  { name: 'eager', title: 'tfjs-node, eager', command: () => [process.execPath, [ours, 'eager']] },
  { name: 'torch', title: 'PyTorch, eager', peer: true, command: (python) => [python, [join(peersFolder, 'torchContestant.py'), 'eager']] },
  {
    name: 'torch-compile',
    title: 'PyTorch, torch.compile',
    peer: true,
    command: (python) => [python, [join(peersFolder, 'torchContestant.py'), 'compile']],
  },
  { name: 'jax', title: 'JAX, jit', peer: true, command: (python) => [python, [join(peersFolder, 'jaxContestant.py')]] },
];

/** Starts one. With one thread it is also held to one core where the system can do that, so that helpers do not get the second. */
export function startContestant({ command }, { python, threads }) {
  const [program, args] = command(python);
  const pin = threads === 1 && ['/usr/bin/taskset', '/bin/taskset'].find(existsSync);
  const env = threadVariables(threads);
  return pin ? startChild(pin, ['-c', '0', program, ...args], env) : startChild(program, args, env);
}

/** The environment variables that bind TensorFlow, PyTorch and JAX to so many threads. */
export function threadVariables(threads) {
  return {
    BENCH_THREADS: String(threads),
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    NPROC: String(threads),
  };
}
