/** What a job has printed since one last looked. */
import fs from 'node:fs';
import { join } from 'node:path';
import { readWorkerEvent } from '../../readWorkerEvent.js';
import type { WorkerEvent } from '../../workerChannel.js';

/** More than this at once is not read: the newest counts. In bytes. */
const most = 1 << 20;

export interface LogFollower {
  /** Bytes that a run's jobs have printed so far. */
  size(key: string): number;
  /** The events of a run that were printed since the last call. */
  events(key: string): WorkerEvent[];
  /** The last line that says something to a person, or an empty text. */
  lastLine(key: string): string;
}

/** Follows the logs of a folder, one a run. Of what is there already only the end is read. */
export function followLogs(folder: string): LogFollower {
  const places = new Map<string, { at: number; rest: string }>();
  const path = (key: string): string => join(folder, `${key}.log`);
  return {
    size: (key) => sizeOf(path(key)),
    events(key) {
      const place = places.get(key) ?? { at: Math.max(0, sizeOf(path(key)) - 4096), rest: '' };
      const size = sizeOf(path(key));
      const from = size < place.at ? 0 : Math.max(place.at, size - most);
      const text = place.rest + readPart(path(key), from, size);
      const lines = text.split('\n');
      places.set(key, { at: size, rest: lines.pop() ?? '' });
      return lines.flatMap((line) => readWorkerEvent(line) ?? []);
    },
    lastLine(key) {
      const size = sizeOf(path(key));
      const lines = readPart(path(key), Math.max(0, size - 8192), size)
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
      for (const line of lines.reverse()) {
        const event = readWorkerEvent(line);
        if (event?.event === 'failed') return String(event['reason']);
        if (event === undefined && !/^(job \S+ on |ended with code )/.test(line)) return line.slice(0, 500);
      }
      return '';
    },
  };
}

function sizeOf(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function readPart(path: string, from: number, to: number): string {
  if (to <= from) return '';
  try {
    const file = fs.openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(to - from);
      return bytes.subarray(0, fs.readSync(file, bytes, 0, bytes.length, from)).toString('utf8');
    } finally {
      fs.closeSync(file);
    }
  } catch {
    // Removed meanwhile; it is for people only.
    return '';
  }
}
