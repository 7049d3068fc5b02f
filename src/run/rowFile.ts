/** Rows as lines of JSON that are appended as they happen. */
import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import { invalid, mismatched, UserError } from '../check.js';
import { canonicalJson, isPlainObject, sha256 } from '../ticket/canonicalJson.js';
import { type Disk, diskError, writeAtomically, writeWhole } from './disk.js';
import type { Row } from './record.js';

/** How far a row file goes: its length in bytes and the SHA-256 of those. */
export interface Extent {
  readonly bytes: number;
  readonly sha256: string;
}

export const emptyExtent: Extent = { bytes: 0, sha256: sha256('') };

const lineEnd = 10;

export interface RowFile {
  /** @throws UserError if a value is NaN or infinite: a table made of such rows would lie */
  append(row: Row): void;
  /** Forces the rows to the disk and says how far they go. */
  sync(): Extent;
  close(): void;
}

/**
 * Opens a row file to go on at `extent`; what was written behind it is forgotten. A new file takes the old one's place, so a
 * process that was thought dead goes on writing to the old one.
 * @param what names the rows in messages
 * @throws UserError if the file does not hold the rows that it should
 */
export function openRowFile(path: string, what: string, extent: Extent, disk: Disk = fs): RowFile {
  const start = readRowBytes(path, extent);
  writeAtomically(path, start, disk);
  const hash: Hash = createHash('sha256').update(start);
  let bytes = start.length;
  let count = start.filter((byte) => byte === lineEnd).length;
  const guarded = <T>(f: () => T): T => {
    try {
      return f();
    } catch (error) {
      throw diskError(error, path);
    }
  };
  const file = guarded(() => disk.openSync(path, 'a'));
  return {
    append(row) {
      canonicalJson(row, `row ${++count} of ${what}`);
      const line = Buffer.from(`${JSON.stringify(row)}\n`);
      guarded(() => writeWhole(file, line, disk));
      hash.update(line);
      bytes += line.length;
    },
    sync() {
      guarded(() => disk.fsyncSync(file));
      return { bytes, sha256: hash.copy().digest('hex') };
    },
    close: () => disk.closeSync(file),
  };
}

/** The bytes of a row file up to `extent`. @throws UserError unless they are those that the extent was taken of */
export function readRowBytes(path: string, extent: Extent): Uint8Array {
  const all = fs.existsSync(path) ? fs.readFileSync(path) : new Uint8Array(0);
  const part = all.subarray(0, extent.bytes);
  if (part.length !== extent.bytes || sha256(part) !== extent.sha256) {
    throw mismatched(
      `rows in '${path}'`,
      `${extent.bytes} bytes with SHA-256 ${extent.sha256}`,
      `${all.length} other bytes`,
      'the file is cut short or altered',
    );
  }
  return part;
}

/**
 * The rows of a file. A last line without its end is left out: a run in progress may be writing it. No file: no rows.
 * @throws UserError that names the line that is no row
 */
export function readRows(path: string): Row[] {
  if (!fs.existsSync(path)) return [];
  return fs
    .readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line, i) => {
      let row: unknown;
      try {
        row = JSON.parse(line);
      } catch {
        throw new UserError(`line ${i + 1} of '${path}' is not JSON; the file is altered, remove the run and start it again`);
      }
      if (!isPlainObject(row) || typeof row['kind'] !== 'string')
        throw invalid(`line ${i + 1} of '${path}'`, "an object with a 'kind'", row);
      return row as unknown as Row;
    });
}
