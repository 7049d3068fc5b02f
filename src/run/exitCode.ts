/** How a run can end, as errors here and as exit codes between processes (the numbers are those of sysexits.h). */
import { UserError } from '../check.js';

export const exitCodes = {
  done: 0,
  /** Will never work: the spec or the training is at fault. Recorded in the run's folder. */
  failed: 65,
  /** The disk: full, or not writable. */
  disk: 74,
  /** Not now: a parent is missing, or another process has the run. */
  notNow: 75,
  /** Stopped on request, checkpoint saved. */
  interrupted: 130,
} as const;

/** The run cannot go on now, and may later: a parent run is missing, or another process has this one. */
export class NotNow extends UserError {}

/** The run stopped on request; its checkpoint is saved. */
export class Interrupted extends UserError {
  constructor(message = 'stopped; the checkpoint is saved, and the same command goes on from it') {
    super(message);
  }
}

/** The disk did not take what had to be written. Finished work is kept. */
export class DiskError extends UserError {}

/** The exit code for an error; 1 for one that is a fault of this program, or of the machine. */
export function exitCode(error: unknown): number {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  if (error instanceof NotNow) return exitCodes.notNow;
  if (error instanceof DiskError) return exitCodes.disk;
  return error instanceof UserError ? exitCodes.failed : 1;
}
