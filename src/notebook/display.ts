/** How a value shows itself in a notebook. */
import { inspect } from 'node:util';
import { figureBundle, isFigure } from './figureBundle.js';
import { kinds } from './kinds/kinds.js';
import { tableBundle } from './tableBundle.js';

/** One output in several forms: strings, or JSON values, by MIME type. The reader shows the richest form it knows. */
export type MimeBundle = Readonly<Record<string, unknown>>;

/** The name of the method by which a value says how it looks (Deno's convention, understood by this project's kernel). */
export const jupyterDisplay: unique symbol = Symbol.for('Jupyter.display') as never;

/** A value that shows itself as the last expression of a cell. All text in HTML or SVG must be escaped by it. */
export interface Displayable {
  [jupyterDisplay](): MimeBundle | Promise<MimeBundle>;
}

/**
 * The bundle of a value: its own, if it has one; a figure `{ data, layout }` as an interactive chart, a picture and text;
 * an arquero table or danfo frame as an HTML table and text; a ticket, an architecture, a mask, runs and claims (see `kinds`).
 * Undefined for anything else, which then prints as usual.
 */
export function display(value: unknown): MimeBundle | Promise<MimeBundle> | undefined {
  if (isDisplayable(value)) return value[jupyterDisplay]();
  if (isFigure(value)) return figureBundle(value);
  return tableBundle(value) ?? kindBundle(value);
}

/** What only looks like one of our values, or is a broken one, prints as usual, with the reason. */
async function drawn(value: unknown, draw: () => MimeBundle | Promise<MimeBundle>): Promise<MimeBundle> {
  try {
    return await draw();
  } catch (error) {
    return { 'text/plain': `${inspect(value, { depth: 2 })}\nNot drawn: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function kindBundle(value: unknown): Promise<MimeBundle> | undefined {
  const kind = kinds.find(({ is }) => is(value));
  return kind === undefined ? undefined : drawn(value, () => kind.bundle(value as never));
}

function isDisplayable(value: unknown): value is Displayable {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    typeof (value as Partial<Displayable>)[jupyterDisplay] === 'function'
  );
}

// The kernel (tools/kernel.cjs) asks here how to show last expressions of types that are not this project's.
(globalThis as Record<symbol, unknown>)[Symbol.for('neoteny.display')] = display;
