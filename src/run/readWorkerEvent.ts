/** Reading what workers print. */
import { isPlainObject } from '../ticket/canonicalJson.js';
import type { WorkerEvent } from './workerChannel.js';

/**
 * The event that a line stands for, or undefined: programs print other things too.
 * @example readWorkerEvent('{"event":"done"}') // => { event: 'done' }
 * @example readWorkerEvent('Segmentation fault') // => undefined
 */
export function readWorkerEvent(line: string): WorkerEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isPlainObject(value) && typeof value['event'] === 'string' ? (value as unknown as WorkerEvent) : undefined;
  } catch {
    return undefined;
  }
}
