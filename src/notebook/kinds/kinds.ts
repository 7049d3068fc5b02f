/** The kinds of values that show themselves in a notebook: a new one is a file and a line here. */
import { architectureKind } from './architectureKind.js';
import { claimsKind } from './claimsKind.js';
import type { Kind } from './kind.js';
import { maskKind } from './maskKind.js';
import { runKind } from './runKind.js';
import { runsKind } from './runsKind.js';
import { ticketKind } from './ticketKind.js';

/** A kind whose type is not known: `bundle` takes what `is` has let through. */
interface AnyKind {
  readonly is: (value: unknown) => boolean;
  readonly bundle: Kind<never>['bundle'];
}

export const kinds: readonly AnyKind[] = [ticketKind, architectureKind, runKind, runsKind, claimsKind, maskKind];
