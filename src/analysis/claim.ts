/** A claim of a paper, tested on data: whether it held, and the numbers. */
import { allHeld, decide, differences, type Held, type Paired } from './paired.js';

export interface Claim {
  /** Short name, such as `a`. */
  readonly id: string;
  /** What is claimed, one sentence. */
  readonly claim: string;
  readonly held: Held;
  /** What was measured, with the spread over replicates. */
  readonly sentence: string;
  /** The statements that the claim is made of. */
  readonly parts: readonly Part[];
  /** What else the numbers say; empty if nothing. */
  readonly reading: string;
}

/** A measured statement: a difference that should be at least `bound`. */
export interface Part {
  readonly statement: string;
  readonly held: Held;
  readonly difference: Paired | undefined;
  readonly sentence: string;
}

export interface PartOptions {
  /** What should be so, such as `the reset arm ends lower`. */
  readonly statement: string;
  /** One number for each replicate; at least `bound` on the mean speaks for the statement. */
  readonly values: readonly number[];
  /** Default 0. */
  readonly bound?: number;
  /** Unit of the values. Default: points of accuracy. */
  readonly unit?: Unit;
  /** The means behind the difference, for people. */
  readonly detail?: string;
  /** Why there are no values. Default `no finished runs`. */
  readonly none?: string;
}

/** How numbers of a kind read: `+1.78`, `points`. */
export interface Unit {
  readonly number: (value: number) => string;
  readonly name: string;
}

/** Hundredths of a share, signed: 0.0178 reads +1.78 points. */
export const points: Unit = { number: (value) => signed((100 * value).toFixed(2)), name: 'points' };

/** Training iterations, signed and whole. */
export const iterations: Unit = { number: (value) => signed(value.toFixed(0)), name: 'iterations' };

/** A statement decided by the 95 % t-interval of its values; without values it is undecided and says so. */
export function part({ statement, values, bound = 0, unit = points, detail, none = 'no finished runs' }: PartOptions): Part {
  if (values.length === 0) return { statement, held: 'undecided', difference: undefined, sentence: `${statement}: ${none}` };
  const difference = differences(values);
  const held = decide(difference, bound);
  const { number, name } = unit;
  const spread =
    difference.n === 1
      ? 'one replicate, so no spread'
      : `95 % interval ${number(difference.low)} to ${number(difference.high)}, ${difference.n} replicates from ${number(difference.min)} to ${number(difference.max)}`;
  const against = bound === 0 ? '' : `, asked for at least ${number(bound)}`;
  const sentence = `${statement}: ${heldWord(held)}, ${detail === undefined ? '' : `${detail}; `}difference ${number(difference.mean)} ${name} (${spread}${against})`;
  return { statement, held, difference, sentence };
}

/** A claim that holds when all its parts do. */
export function claim(id: string, text: string, parts: readonly Part[], reading = ''): Claim {
  const sentence = `${parts.map((p) => p.sentence).join('. ')}.${reading === '' ? '' : ` ${reading}`}`;
  return { id, claim: text, held: allHeld(parts.map((p) => p.held)), sentence, parts, reading };
}

/** How a verdict reads. @example heldWord('undecided') // => 'undecided' */
export function heldWord(held: Held): string {
  if (held === 'undecided') return 'undecided';
  return held ? 'held' : 'did not hold';
}

/** An accuracy in per cent. @example percent(0.97431) // => '97.43 %' */
export function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function signed(text: string): string {
  if (Number(text) === 0) return text.replace('-', '');
  return text.startsWith('-') ? text : `+${text}`;
}
