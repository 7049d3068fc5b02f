/** Text broken at spaces into lines. */

/**
 * The words of a text in lines of at most `width` characters; a longer word has a line of its own. Later lines are indented.
 * @example wrap('one two three', 7) // => 'one two\nthree'
 */
export function wrap(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((w) => w !== '')) {
    if (line === '') line = lines.length === 0 ? word : indent + word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line].join('\n');
}
