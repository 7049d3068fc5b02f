/** Where commands write: results to standard output, everything else to standard error. */
import { type Colors, colors, widthOf } from './colors.js';

/** Writes a result. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Writes a value as JSON. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Writes a remark, which is no part of the result. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Colours and widths of standard output: for tables, and for sentences, which nobody reads in longer lines than 100. */
export function look(): { colors: Colors; width: number; prose: number } {
  const width = widthOf(process.stdout);
  return { colors: colors(process.stdout), width, prose: Math.min(100, width) };
}
