/** A trainer that takes the fastest of several engines for each mask, by measurement. */
import { missing } from '../check.js';
import { kept, maskable } from '../mask.js';
import { type ChooseOptions, chooseEngine, type EngineDecision } from './sparse/chooseEngine.js';
import type { Trainer } from './trainer.js';

/**
 * Keeps what was decided: returns the decision on masks of so many kept weights, which `measure` makes if there is none yet. Engines
 * differ in the last bits, so whoever wants the same bits again gives back what was kept (a run does, see `engines.json` in its folder).
 */
export type KeepDecision = (kept: number, prunable: number, measure: () => EngineDecision) => EngineDecision;

export interface AutoOptions extends ChooseOptions {
  /** Default: in memory, as long as the trainer is open. */
  readonly keep?: KeepDecision | undefined;
  /** Why an engine that was wished is not among the trainers. */
  readonly fallback?: string | undefined;
}

/**
 * One trainer in place of several of one network: `load` decides by a short timing at the mask (see `chooseEngine`) which of them works
 * from then on, once for each number of kept weights.
 * @param trainers the preferred one first; at least one
 * @throws UserError from `load` where a decision that was kept names an engine that is not to be had
 */
export function autoTrainer(trainers: readonly [Trainer, ...Trainer[]], options: AutoOptions = {}): Trainer {
  const { keep = inMemory(), fallback, ...choosing } = options;
  const [first] = trainers;
  let current = first;
  let decision: EngineDecision | undefined;
  return {
    architecture: first.architecture,
    dataset: first.dataset,
    batchSize: first.batchSize,
    stepsPerCall: first.stepsPerCall,
    ...(fallback !== undefined && { fallback }),
    get engine() {
      return current.engine;
    },
    get decision() {
      return decision;
    },
    load(mask, weights, slots) {
      const own = keep(kept(mask), maskable(mask), () => explained(chooseEngine(trainers, mask, weights, choosing), fallback));
      const chosen = trainers.find(({ engine }) => engine === own.engine);
      if (chosen === undefined) {
        const why = fallback === undefined ? '' : ` (${fallback})`;
        throw missing(
          `engine '${own.engine}'${why}`,
          'the run chose it before, and another would give other last bits: bring it back, or remove the run (neoteny runs remove) to choose again',
        );
      }
      chosen.load(mask, weights, slots);
      [current, decision] = [chosen, own];
    },
    update: (updates) => current.update(updates),
    state: () => current.state(),
    evaluate: (split, limit) => current.evaluate(split, limit),
    evaluation: (split, limit) => current.evaluation(split, limit),
    close() {
      for (const trainer of trainers) trainer.close();
    },
  };
}

function explained(decision: EngineDecision, fallback: string | undefined): EngineDecision {
  return fallback === undefined ? decision : { ...decision, reason: `${decision.reason}; ${fallback}` };
}

function inMemory(): KeepDecision {
  const decisions = new Map<string, EngineDecision>();
  return (count, of, measure) => {
    const name = `${count}/${of}`;
    const decision = decisions.get(name) ?? measure();
    decisions.set(name, decision);
    return decision;
  };
}
