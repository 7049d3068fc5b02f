/** Shows a value in a notebook, from anywhere in a cell. */
import { inspect } from 'node:util';
import { display } from './display.js';
import { displayDoor } from './displayDoor.js';

/**
 * Shows `value` under the cell that runs: a value that shows itself, a figure, a table, or anything else as text.
 * Works on plain tslab and on the project's kernel, where the last expression of a cell is shown without it.
 * Outside a notebook it prints the text. Await it: a figure takes a moment to draw.
 */
export async function show(value: unknown): Promise<void> {
  const bundle = await (display(value) ?? { 'text/plain': typeof value === 'string' ? value : inspect(value) });
  const door = displayDoor();
  if (door !== undefined) door(bundle);
  else console.log(String(bundle['text/plain'] ?? inspect(value)));
}
