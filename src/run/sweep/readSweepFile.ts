/** A sweep from a file of JSON or YAML that somebody else may have written. */
import fs from 'node:fs';
import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import { missing, UserError } from '../../check.js';
import { parseJson } from '../../ticket/parseJson.js';
import type { SweepInput } from './sweep.js';

/** In bytes: a description of a sweep is small. */
const largest = 1 << 20;

/**
 * The content of a file as it is written, the sweep's name taken from the file's if it has none. `readSweep` checks what is in it.
 * @throws UserError that says in one sentence what is wrong with the file
 */
export function readSweepFile(path: string): SweepInput {
  const text = readText(path);
  const value = path.endsWith('.json') ? parseJson(text, `'${path}'`) : parseYaml(text, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'name' in value) return value as SweepInput;
  const name = basename(path)
    .replace(/\.(json|ya?ml)$/i, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[_-]+/, '')
    .slice(0, 40);
  return { ...(name !== '' && { name }), ...value } as SweepInput;
}

function readText(path: string): string {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw missing(`file '${path}'`, 'check the name');
  if (!stats.isFile()) throw new UserError(`'${path}' is no file; name a file of JSON or YAML`);
  if (stats.size > largest) throw new UserError(`'${path}' is too large to describe a sweep: ${stats.size} bytes`);
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`'${path}' cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
}

/** YAML 1.2 without tags of its own: `no` is text, a name that stands twice is an error, references cannot blow the text up. */
function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text, {
    schema: 'core',
    version: '1.2',
    uniqueKeys: true,
    strict: true,
    prettyErrors: true,
    logLevel: 'silent',
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined) throw new UserError(`'${path}' is not YAML: ${problem.message.replaceAll(/\s+/g, ' ').trim()}`);
  try {
    // Through JSON, so that what comes out has no names with a meaning of their own, and no dates or references.
    return parseJson(JSON.stringify(document.toJS({ maxAliasCount: 100 })) ?? 'null', `'${path}'`);
  } catch (error) {
    throw new UserError(`'${path}' is not a sweep: ${(error as Error).message}`);
  }
}
