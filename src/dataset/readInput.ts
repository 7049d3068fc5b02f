/** Reading a file that somebody else made. */
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { invalid } from '../check.js';

const unzip = promisify(gunzip);

/**
 * The bytes of a file, unpacked if it is gzipped (told by its first bytes, not its name).
 * @param most bytes that the file, and what it unpacks to, may have: a wrong file must not fill the memory
 * @throws UserError if it is no ordinary file, too large, or a damaged gzip file
 */
export async function readInput(path: string, most: number): Promise<Uint8Array> {
  const about = await stat(path);
  if (!about.isFile()) throw invalid(`'${path}'`, 'an ordinary file', 'something else');
  if (about.size > most) throw invalid(`'${path}'`, `at most ${most} bytes`, `${about.size} bytes`);
  const bytes = await readFile(path);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return await unzip(bytes, { maxOutputLength: most });
  } catch (error) {
    throw invalid(`'${path}'`, `a whole gzip file of at most ${most} bytes when unpacked`, (error as Error).message);
  }
}
