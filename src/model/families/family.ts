import type { Architecture, Shape } from '../architecture.js';

/** A family of architectures that are named by their sizes, such as `resnet-20`. */
export interface Family {
  /** The form of its names for help texts, such as `resnet-DEPTH[-WIDTH]`. */
  readonly form: string;
  readonly summary: string;
  /** Source of the architecture: arXiv id or paper. */
  readonly source: string;
  /** Matches the names of this family. */
  readonly pattern: RegExp;
  /** Builds the architecture of a name that matched. @throws UserError where sizes make no sense */
  build(match: RegExpExecArray, input: Shape, classes: number): Architecture;
}
