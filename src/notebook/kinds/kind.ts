import type { MimeBundle } from '../display.js';

/** A kind of plain data that a notebook shows as a person wants to see it: how to know it, and what it looks like. */
export interface Kind<T> {
  /** By structure alone: values that came from a file or another copy of the library count too. */
  readonly is: (value: unknown) => value is T;
  /** All text in it is escaped; `text/plain` is always there. */
  readonly bundle: (value: T) => MimeBundle | Promise<MimeBundle>;
}
