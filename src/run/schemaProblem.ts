/** What a schema found wrong, in one sentence. */
import type { z } from 'zod';
import { unknown } from '../check.js';

/**
 * All problems of a value that a schema refused: a name that there is not comes with the names that there are, everything else with its place.
 * @param kind what the names at the top are, such as `option`
 * @param known the names at the top
 */
export function schemaProblem({ issues }: z.ZodError, kind: string, known: readonly string[]): string {
  return issues.flatMap((issue) => describe(issue, kind, known)).join('; ');
}

function describe(issue: z.core.$ZodIssue, kind: string, known: readonly string[]): string[] {
  const place = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    if (place === '') return issue.keys.map((key) => unknown(kind, key, known).message);
    return [`${place}: there is no ${issue.keys.map((key) => `'${key}'`).join(', ')}`];
  }
  const message = issue.message.replaceAll('\n', ' ');
  return [place === '' ? message : `${place}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`];
}
