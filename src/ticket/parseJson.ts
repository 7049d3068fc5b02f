/** JSON from a file that somebody else may have written. */
import { invalid, UserError } from '../check.js';

/**
 * The value of a JSON text. Unlike `JSON.parse`, a name that an object has twice is an error and so is the name `__proto__`:
 * with either, two readers of one file can see two different things.
 * @param what names the text in messages
 * @throws UserError
 * @example parseJson('{"a":[1,2]}', 'text') // => { a: [1, 2] }
 */
export function parseJson(json: string, what: string): unknown {
  // Some editors mark UTF-8 by a sign that is no JSON.
  const text = json.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${what} is not JSON: ${(error as Error).message}; the file is cut short or altered`);
  }
  checkNames(text, what);
  return value;
}

/** Goes through a text that is known to be valid JSON, with the names seen in each object that is open. */
function checkNames(json: string, what: string): void {
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < json.length; i++) {
    const sign = json[i];
    if (sign === '{') open.push(new Set());
    else if (sign === '[') open.push(null);
    else if (sign === '}' || sign === ']') open.pop();
    else if (sign === '"') {
      const end = endOfString(json, i);
      const names = open.at(-1);
      if (names && followedByColon(json, end + 1)) {
        const name = JSON.parse(json.slice(i, end + 1)) as string;
        if (name === '__proto__') throw invalid(`name in ${what}`, "any name but '__proto__'", name);
        if (names.has(name)) throw invalid(`name in ${what}`, 'each name once', name);
        names.add(name);
      }
      i = end;
    }
  }
}

function endOfString(json: string, start: number): number {
  let end = start + 1;
  while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end;
}

function followedByColon(json: string, from: number): boolean {
  let i = from;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
