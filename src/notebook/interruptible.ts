/** Long work under the notebook's stop button. */
import { displayDoor } from './displayDoor.js';

/** The project's kernel calls these functions when the stop button is pressed (tools/kernel/interruption.cjs). */
const stops = (): Set<() => void> | undefined =>
  (globalThis as Record<symbol, unknown>)[Symbol.for('neoteny.interrupt')] as Set<() => void> | undefined;

/**
 * Runs `work` with a signal that is aborted when the stop button is pressed. The work looks at `signal.aborted` at every
 * step and returns what it has, so the cell ends as usual and keeps its values; a second press ends the cell by force.
 * On plain tslab the cell is reported as interrupted, and the work stops all the same. Outside a notebook nothing aborts.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const soft = stops();
  if (soft !== undefined) {
    soft.add(stop);
    try {
      return await work(controller.signal);
    } finally {
      soft.delete(stop);
    }
  }
  if (displayDoor() === undefined) return work(controller.signal);
  // A handler that is set while the cell's first synchronous stretch runs would let the next interrupt kill the kernel.
  await new Promise((resolve) => setImmediate(resolve));
  process.on('SIGINT', stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', stop);
  }
}
