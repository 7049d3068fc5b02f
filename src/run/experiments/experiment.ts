/** What an experiment is: a spec with defaults, the runs that belong to it, and a function that makes one of them. */
import type { z } from 'zod';
import type { RunContext } from '../openRun.js';
import type { Spec } from '../record.js';
import type { Store } from '../store.js';

export interface Experiment<S extends Spec = Spec> {
  readonly name: string;
  /** One sentence for lists and help texts. */
  readonly summary: string;
  /** arXiv id. */
  readonly source: string;
  /** Reads a spec: every option has a default, a description and a range; unknown options are refused. */
  readonly schema: z.ZodType<S>;
  /** Arms in the order of figures: the method first, its controls after. */
  readonly arms: Readonly<Record<string, string>>;
  readonly presets: Readonly<Record<string, Preset>>;
  /**
   * The spec with options that make no difference to its arm at their defaults, so that arms that are asked for with other options share
   * runs. Default: as it is.
   */
  normalise?(spec: S): S;
  /** Runs that must be done before this one: it reads their tickets. */
  parents(spec: S): readonly S[];
  /** Updates of the whole run, for previews and progress. */
  updates(spec: S): number;
  /**
   * Asked of every run before the first one starts, so that nothing is trained in vain. Default: there is nothing to ask.
   * @throws UserError if something outside is missing that the run needs, such as a folder
   */
  check?(spec: S): Promise<void>;
  run(spec: S, context: RunContext, store: Store): Promise<void>;
}

/** A named set of options. */
export interface Preset {
  readonly summary: string;
  /** Options that differ from the schema's defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly replicates: number;
  /** Default: all. */
  readonly arms?: readonly string[];
  /** Minutes on the 2 cores of the machine that the README names; absent where it was not run. */
  readonly minutes?: number;
}
