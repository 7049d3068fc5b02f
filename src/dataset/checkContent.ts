/** The check that stands between any file and training. */
import { createHash } from 'node:crypto';
import { mismatched } from '../check.js';
import type { ContentFile, DatasetDefinition } from './definition.js';
import { contentBytes } from './definition.js';

/** Throws unless `found` is the number of bytes of the content file. */
export function checkLength(definition: DatasetDefinition, file: ContentFile, found: number, from: string, remedy: string): void {
  const expected = contentBytes(definition, file);
  if (found !== expected) throw mismatched(thing(definition, file, from), `${expected} bytes`, `${found} bytes`, remedy);
}

/**
 * Throws unless the bytes are those of the content file.
 * @param from the file they came from
 * @param remedy what to do about it
 * @throws UserError with the length or the SHA-256 that was expected and found
 */
export function checkContent(definition: DatasetDefinition, file: ContentFile, bytes: Uint8Array, from: string, remedy: string): void {
  checkLength(definition, file, bytes.length, from, remedy);
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== file.sha256) throw mismatched(thing(definition, file, from), `SHA-256 ${file.sha256}`, found, remedy);
}

function thing({ title }: DatasetDefinition, { name }: ContentFile, from: string): string {
  return `content of '${from}' (${name} of ${title})`;
}
