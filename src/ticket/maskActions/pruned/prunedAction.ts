/** What becomes of the weights that a mask prunes: a mask-0 action of Zhou et al. 2019, arXiv:1905.01067. */
export interface PrunedAction {
  /** One sentence for lists and tables. */
  readonly summary: string;
  /** What a pruned weight is frozen at, given its start and its trained value. */
  value(initial: number, final: number): number;
}
