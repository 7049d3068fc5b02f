/** Learning rates over training, as data. */
import { checkCount, checkFraction, invalid, lookUp } from '../check.js';
import { iterations, type Step } from '../step.js';

export interface LearningRate {
  /** The rate after warm-up and before any decay; above 0. */
  readonly rate: number;
  /** Linear rise from `from` to `rate` over this length. */
  readonly warmup?: { readonly length: Step /** Default 0. */; readonly from?: number };
  /** What happens afterwards. Default constant. */
  readonly decay?: Decay;
}

export type Decay =
  | { readonly name: 'constant' }
  /** Times `factor` (default 0.1) at each of these steps. */
  | { readonly name: 'steps'; readonly at: readonly Step[]; readonly factor?: number }
  /** From `rate` to `to` (default 0) along half a cosine over the whole training. Loshchilov & Hutter 2017, arXiv:1608.03983. */
  | { readonly name: 'cosine'; readonly to?: number };

/** The learning rate of update number `step`, counted from 0. */
export type Schedule = (step: number) => number;

/**
 * The schedule that the options describe.
 * @param total iterations of the whole training
 * @throws UserError unless the rate is above 0, those of warm-up and cosine at least 0, and the factor in [0, 1]
 * @example schedule({ rate: 0.1, decay: { name: 'steps', at: ['10it'], factor: 0.5 } }, 20, 5)(10) // => 0.05
 * @example schedule({ rate: 0.1, warmup: { length: '4it' } }, 20, 5)(0) // => 0.025
 */
export function schedule(options: LearningRate, total: number, stepsPerEpoch: number): Schedule {
  checkCount('training length', total);
  if (!(options.rate > 0) || !Number.isFinite(options.rate)) throw invalid('learning rate', 'a number above 0', options.rate);
  const decayed = decay(options, total, stepsPerEpoch);
  if (options.warmup === undefined) return decayed;
  const length = iterations(options.warmup.length, stepsPerEpoch);
  const from = atLeastZero('start of the warm-up', options.warmup.from ?? 0);
  return (step) => (step < length ? from + ((step + 1) / length) * (options.rate - from) : decayed(step));
}

function decay({ rate, decay: plan = { name: 'constant' } }: LearningRate, total: number, stepsPerEpoch: number): Schedule {
  const plans: Record<Decay['name'], () => Schedule> = {
    constant: () => () => rate,
    steps() {
      const { at, factor = 0.1 } = plan as Extract<Decay, { name: 'steps' }>;
      const drops = at.map((step) => iterations(step, stepsPerEpoch));
      checkFraction('factor of a learning-rate step', factor);
      return (step) => rate * factor ** drops.filter((drop) => step >= drop).length;
    },
    cosine() {
      const { to = 0 } = plan as Extract<Decay, { name: 'cosine' }>;
      atLeastZero('end of the cosine', to);
      return (step) => to + ((rate - to) * (1 + Math.cos((Math.PI * Math.min(step, total)) / Math.max(1, total)))) / 2;
    },
  };
  return lookUp('learning-rate decay', plan.name, plans)();
}

function atLeastZero(thing: string, rate: number): number {
  if (!(rate >= 0 && Number.isFinite(rate))) throw invalid(thing, 'a learning rate of at least 0', rate);
  return rate;
}
