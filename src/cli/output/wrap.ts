/** Text broken at spaces into lines. */
import { stripVTControlCharacters } from 'node:util';

/**
 * The words of a text in lines of at most `width` characters, colours not counted; a longer word has a line of its own. Later lines are
 * indented.
 * @example wrap('one two three', 7) // => 'one two\nthree'
 */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    if (line === '') line = lines.length === 0 ? word : indent + word;
    else if (lengthOf(line) + 1 + lengthOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].join('\n');
}

function lengthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
