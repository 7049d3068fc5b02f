/** COCO's compressed form of run-length masks: differences of runs as digits of base 32, in printable characters. */
import { invalid, UserError } from '../../check.js';
import type { RunLength } from './coco.js';

/**
 * The runs as COCO's string. From the fourth run on it holds the difference to the run two before; each number is written in groups of
 * five bits, lowest first, in two's complement, with a sixth bit where more follow, as the character 48 + group.
 * @example runLengthString({ height: 3, width: 3, counts: Uint32Array.of(4, 1, 4) }) // => '414'
 */
export function runLengthString({ counts }: RunLength): string {
  let text = '';
  for (let i = 0; i < counts.length; i++) {
    let rest = (counts[i] as number) - (i > 2 ? (counts[i - 2] as number) : 0);
    for (let more = true; more; ) {
      // Not with bit operations: differences of 32-bit runs have 33 bits.
      const group = ((rest % 32) + 32) % 32;
      rest = Math.floor(rest / 32);
      more = group >= 16 ? rest !== -1 : rest !== 0;
      text += String.fromCharCode(48 + group + (more ? 32 : 0));
    }
  }
  return text;
}

/**
 * The mask of COCO's string.
 * @param what names it in messages
 * @throws UserError if a character is none of the format, a number is cut short, or the runs do not add up to height * width
 * @example [...parseRunLengthString('414', 3, 3, 'mask').counts] // => [4, 1, 4]
 */
export function parseRunLengthString(text: string, height: number, width: number, what: string): RunLength {
  const counts: number[] = [];
  let total = 0;
  for (let at = 0; at < text.length; ) {
    let [value, place, more, group] = [0, 1, true, 0];
    while (more) {
      if (at >= text.length) throw new UserError(`${what} is cut short: its last number goes on after ${text.length} characters`);
      group = text.charCodeAt(at++) - 48;
      // Seven groups hold all that 33 bits can be; more would lose digits.
      if (!(group >= 0 && group < 64) || place > 32 ** 6) {
        throw invalid(`character ${at} of ${what}`, "one of '0' to 'o', up to 7 for a number", text[at - 1]);
      }
      more = group >= 32;
      value += (group % 32) * place;
      place *= 32;
    }
    if (group % 32 >= 16) value -= place;
    if (counts.length > 2) value += counts[counts.length - 2] as number;
    total += value;
    if (value < 0 || total > height * width) {
      throw invalid(`run ${counts.length} of ${what}`, `0 to ${height * width} pixels of the image`, value);
    }
    counts.push(value);
  }
  if (total !== height * width) throw invalid(what, `runs that add up to ${height} * ${width} = ${height * width}`, total);
  return { height, width, counts: Uint32Array.from(counts) };
}
