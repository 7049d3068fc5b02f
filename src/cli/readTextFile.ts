/** A small text file that somebody else may have written. */
import fs from 'node:fs';
import { missing, UserError } from '../check.js';

/** Specs and plans are small; whatever is larger is none. In bytes. */
const largest = 1 << 20;

/** @throws UserError that says in one sentence why the file cannot be read */
export function readTextFile(path: string): string {
  try {
    const { size } = fs.statSync(path);
    if (size > largest) throw new UserError(`'${path}' is too large to be a spec: ${size} bytes`);
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw missing(`file '${path}'`, 'check the name');
    if (code === 'EISDIR') throw missing(`file '${path}'`, 'it is a folder; name a file in it');
    throw new UserError(`'${path}' cannot be read (${code ?? String(error)})`);
  }
}
