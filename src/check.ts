/**
 * The words in which every check fails: *unknown*, *missing*, *invalid*, *mismatched*.
 * A message names the thing, says what was expected and what was found, and what to do.
 */

/** An error that a user can act on: the command line prints its message without a stack. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
}

/** A name that is not in a list. Suggests the closest of the known names. */
export function unknown(kind: string, name: string, known: readonly string[]): UserError {
  const near = closest(name, known);
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`;
  return new UserError(`unknown ${kind}: '${clip(name)}'.${hint} ${known.length === 0 ? 'There are none' : `Known: ${known.join(', ')}`}`);
}

/** A thing that should be there and is not. `remedy` says how to get it. */
export function missing(thing: string, remedy: string): UserError {
  return new UserError(`missing ${thing}; ${remedy}`);
}

/** A value outside its range or of the wrong type. */
export function invalid(thing: string, expected: string, found: unknown): UserError {
  return new UserError(`invalid ${thing}: expected ${expected}, found ${describe(found)}`);
}

/** Two things that should agree and do not. */
export function mismatched(thing: string, expected: string, found: string, remedy: string): UserError {
  return new UserError(`mismatched ${thing}: expected ${expected}, found ${found}; ${remedy}`);
}

/** Throws unless `value` is a number in [0, 1]. Returns it. */
export function checkFraction(thing: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw invalid(thing, 'a fraction in [0, 1]', value);
  return value;
}

/** Throws unless `value` is a number, and a finite one. Returns it. */
export function checkFinite(thing: string, value: number): number {
  if (!Number.isFinite(value)) throw invalid(thing, 'a finite number', value);
  return value;
}

/** Throws unless `value` is an integer of at least `least`. Returns it. */
export function checkCount(thing: string, value: number, least = 0): number {
  if (!Number.isSafeInteger(value) || value < least) throw invalid(thing, `a whole number of at least ${least}`, value);
  return value;
}

/** Looks `name` up in a list of named things. @throws UserError that lists the known names */
export function lookUp<T>(kind: string, name: string, list: Readonly<Record<string, T>>): T {
  if (!Object.hasOwn(list, name)) throw unknown(kind, name, Object.keys(list));
  return list[name] as T;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${clip(value)}'`;
  if (typeof value === 'object' && value !== null) return clip(JSON.stringify(value) ?? 'an object');
  return clip(String(value));
}

/** The known name at the smallest edit distance, if that is at most a third of its length. */
function closest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.slice(0, 80).toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Letters inserted, left out, replaced, or two beside each other exchanged. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const exchange = exchanged ? (before[j - 2] as number) + 1 : replace;
      next.push(Math.min(replace, exchange, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    [before, row] = [row, next];
  }
  return row[b.length] as number;
}
