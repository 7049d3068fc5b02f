/** How many runs fit on this machine at once. */
import os from 'node:os';
import { checkCount } from '../check.js';

/** Memory of one run with TensorFlow, in bytes: 0.73 GiB was measured for a LeNet-300-100 with all of MNIST as float32; the rest is for colour images and evaluation. */
const memoryOfRun = 1.5 * 2 ** 30;

/**
 * One worker a core, and no more than the free memory holds; at least 1.
 * @param cores that this process may use
 * @param free memory in bytes; by default the free memory of the machine, or of the container if that is less
 * @example workerCount({ cores: 8, free: 4 * 2 ** 30, perWorker: 2 ** 30 }) // => 4
 */
export function workerCount({ cores = os.availableParallelism(), free = freeMemory(), perWorker = memoryOfRun } = {}): number {
  checkCount('cores', cores, 1);
  return Math.max(1, Math.min(cores, Math.floor(free / perWorker)));
}

function freeMemory(): number {
  // Node 20.13 and later; it counts file caches as free, which `os.freemem` may not, and knows the limits of a container.
  const available = (process as { availableMemory?: () => number }).availableMemory;
  return available === undefined ? os.freemem() : available.call(process);
}
