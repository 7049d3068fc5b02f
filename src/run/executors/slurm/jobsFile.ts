/** Which arrays a cluster was given: a note that a driver leaves for the one after it. */
import fs from 'node:fs';
import { join } from 'node:path';
import { isPlainObject } from '../../../ticket/canonicalJson.js';
import { writeAtomically } from '../../disk.js';

export interface SubmittedArray {
  /** Unlike any other: with it the array is found again if its id was never noted. */
  readonly name: string;
  /** null: it was about to be submitted. */
  readonly id: string | null;
  /** Keys by index. */
  readonly tasks: Readonly<Record<string, string>>;
}

/** The arrays in a sweep's folder; a file that is damaged counts as none: jobs that are not known make no second result, the runs' locks see to it. */
export function readJobs(folder: string): SubmittedArray[] {
  try {
    const value: unknown = JSON.parse(fs.readFileSync(join(folder, 'jobs.json'), 'utf8'));
    return Array.isArray(value) ? value.filter(isSubmitted) : [];
  } catch {
    return [];
  }
}

/** Keeps the arrays. @throws DiskError */
export function writeJobs(folder: string, arrays: readonly SubmittedArray[]): void {
  writeAtomically(join(folder, 'jobs.json'), `${JSON.stringify(arrays)}\n`);
}

function isSubmitted(value: unknown): value is SubmittedArray {
  if (!isPlainObject(value)) return false;
  const { name, id, tasks } = value;
  return (
    typeof name === 'string' &&
    (id === null || (typeof id === 'string' && /^\d+$/.test(id))) &&
    isPlainObject(tasks) &&
    Object.values(tasks).every((key) => typeof key === 'string')
  );
}
