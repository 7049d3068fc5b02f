/** An attacker holds a finished network and a data set, and measures how it stands against attacks. */
import type { Tensor, Tensor1D, Tensor4D } from '@tensorflow/tfjs';
import { type Arrays, checkSameShapes, size } from '../../array.js';
import { checkCount, invalid, UserError } from '../../check.js';
import type { Dataset, Split } from '../../dataset/dataset.js';
import type { Architecture } from '../../model/architecture.js';
import { forward } from '../../model/forward.js';
import { parameters } from '../../model/shapes.js';
import { tf } from '../../model/tensorflow.js';
import { logLikelihood } from '../losses.js';
import type { Program, Scope, VariableSpec } from '../program.js';
import { type EngineChoice, openSession } from '../session.js';
import type { Measured } from '../trainer.js';
import { type Attack, attackGradient, balls, checkAttack, crossEntropyObjective } from './attack.js';

export interface AttackerOptions {
  readonly architecture: Architecture;
  readonly dataset: Dataset;
  /** Images at once. Default 500. */
  readonly batchSize?: number;
  /** Default auto. */
  readonly engine?: EngineChoice;
}

export interface AttackRequest {
  readonly attack: Attack;
  readonly split: Split;
  /** The first so many images. Default: all. */
  readonly limit?: number;
  /** Of random starts. Default 0. */
  readonly seed?: number;
  /** Weights that the attack is made against, where it is tried on others (transfer). Default: the loaded ones. */
  readonly surrogate?: Arrays;
}

export interface Attacked {
  /** Of the clean images, and of the attacked ones: accuracy in [0, 1]. */
  readonly clean: Measured;
  readonly robust: Measured;
  /** Mean loss, of the network that the attack is made against, at the start and after each step. */
  readonly path: readonly number[];
  /** The largest change of an image that was made, in the norm of the attack. */
  readonly largest: number;
}

export interface Attacker {
  /** Sets the network that is attacked: every parameter and statistic. */
  load(weights: Arrays): void;
  /** @throws UserError for an attack without sense or an empty part */
  attack(request: AttackRequest): Attacked;
  close(): void;
}

/** Opens an attacker: a step of an attack is one program, run as often as an attack has steps. */
export async function openAttacker({ architecture, dataset, batchSize = 500, engine = 'auto' }: AttackerOptions): Promise<Attacker> {
  checkCount('images at once', batchSize, 1);
  const all = parameters(architecture);
  const image = [batchSize, ...dataset.shape];
  const variables: Record<string, VariableSpec> = { clean: { shape: image }, now: { shape: image } };
  for (const p of all) variables[weight(p.name)] = { shape: p.shape };
  const logitsIn = (scope: Scope) => {
    const weights = Object.fromEntries(all.map((p) => [p.name, scope.variable(weight(p.name))]));
    const [mean, std] = [tf.tensor1d([...dataset.mean]), tf.tensor1d([...dataset.std])];
    return (images: Tensor4D): Tensor => forward(architecture, weights, tf.div(tf.sub(images, mean), std));
  };
  const labels = { shape: [batchSize], dtype: 'int32' } as const;
  const scalar = { shape: [], dtype: 'float32' } as const;
  const step = (norm: Attack['norm']): Program => ({
    inputs: { labels, epsilon: scalar, stepSize: scalar },
    body(scope) {
      const [now, clean] = [scope.variable('now') as Tensor4D, scope.variable('clean') as Tensor4D];
      const { gradient, each } = attackGradient(crossEntropyObjective(logitsIn(scope), scope.input('labels') as Tensor1D), now);
      scope.assign('now', balls[norm].ascend(now, clean, gradient, scope.input('epsilon'), scope.input('stepSize')));
      return { loss: each };
    },
  });
  const start = (norm: Attack['norm']): Program => ({
    inputs: { epsilon: scalar, seed: { shape: [2], dtype: 'int32' } },
    body(scope) {
      const seed = scope.input('seed');
      const clean = scope.variable('clean') as Tensor4D;
      scope.assign(
        'now',
        balls[norm].start(clean, scope.input('epsilon'), (shape) => scope.noise(shape, seed)),
      );
      return { done: tf.zeros([1]) };
    },
  });
  const measure: Program = {
    inputs: { labels },
    body(scope) {
      const truth = scope.input('labels') as Tensor1D;
      const [now, clean] = [scope.variable('now') as Tensor4D, scope.variable('clean') as Tensor4D];
      const logits = logitsIn(scope)(now);
      const right = tf.cast(tf.equal(tf.cast(tf.argMax(logits, 1), 'int32'), truth), 'float32');
      const change = tf.sub(now, clean);
      const sizes = { linf: tf.max(tf.abs(change), [1, 2, 3]), l2: tf.sqrt(tf.sum(tf.square(change), [1, 2, 3])) };
      return { loss: tf.neg(logLikelihood(logits, truth)), right, ...sizes };
    },
  };
  const programs = { measure, 'step-linf': step('linf'), 'step-l2': step('l2'), 'start-linf': start('linf'), 'start-l2': start('l2') };
  const session = await openSession({ variables, programs }, engine);
  const shapes = Object.fromEntries(all.map((p) => [p.name, { shape: p.shape, values: new Float32Array(0) }]));
  let loaded: Arrays | undefined;
  const use = (weights: Arrays): void =>
    session.write(Object.fromEntries(Object.entries(weights).map(([name, array]) => [weight(name), array])));
  const check = (weights: Arrays): void =>
    checkSameShapes(`weights of '${architecture.name}'`, shapes, weights, 'open an attacker for their architecture');
  const each = size(dataset.shape);

  return {
    load(weights) {
      check(weights);
      loaded = weights;
      use(weights);
    },
    attack({ attack, split, limit, seed = 0, surrogate }) {
      if (loaded === undefined) throw new UserError('missing weights of the attacker; load them first');
      checkAttack(attack);
      if (surrogate) check(surrogate);
      const part = dataset[split];
      const count = Math.min(limit ?? part.count, part.count);
      if (!(count >= 1)) throw invalid(`images of the ${split} part to attack`, 'at least one', count);
      const totals = { clean: zero(), robust: zero(), path: new Float64Array(attack.steps + 1), largest: 0 };
      for (let from = 0; from < count; from += batchSize) {
        const inside = Math.min(batchSize, count - from);
        // A last batch is filled up with its first image, which is not counted again.
        const numbers = Int32Array.from({ length: batchSize }, (_, i) => from + (i < inside ? i : 0));
        const truth = numbers.map((n) => part.labels[n] as number);
        const pixels = new Float32Array(batchSize * each);
        numbers.forEach((n, i) => {
          for (let k = 0; k < each; k++) pixels[i * each + k] = (part.pixels[n * each + k] as number) / 255;
        });
        const sum = (values: Float32Array | undefined): number => (values as Float32Array).subarray(0, inside).reduce((a, b) => a + b, 0);
        const measureNow = (): { loss: number; right: number; changes: Float32Array } => {
          const result = session.run('measure', { labels: truth });
          return { loss: sum(result['loss']), right: sum(result['right']), changes: result[attack.norm] as Float32Array };
        };
        session.write({ clean: { shape: image, values: pixels }, now: { shape: image, values: pixels } });
        add(totals.clean, measureNow());
        if (surrogate) use(surrogate);
        const sizes = { epsilon: Float32Array.of(attack.epsilon), stepSize: Float32Array.of(attack.stepSize) };
        if (attack.randomStart)
          session.run(`start-${attack.norm}`, { epsilon: sizes.epsilon, seed: Int32Array.of(seed % 2147483647, from) });
        for (let k = 0; k < attack.steps; k++) {
          totals.path[k] = (totals.path[k] as number) + sum(session.run(`step-${attack.norm}`, { labels: truth, ...sizes })['loss']);
        }
        const against = measureNow();
        if (surrogate) use(loaded);
        const after = surrogate ? measureNow() : against;
        add(totals.robust, after);
        totals.path[attack.steps] = (totals.path[attack.steps] as number) + against.loss;
        totals.largest = after.changes.subarray(0, inside).reduce((a, b) => Math.max(a, b), totals.largest);
      }
      const share = ({ loss, right }: { loss: number; right: number }): Measured => ({ loss: loss / count, accuracy: right / count });
      return {
        clean: share(totals.clean),
        robust: share(totals.robust),
        path: [...totals.path].map((loss) => loss / count),
        largest: totals.largest,
      };
    },
    close: () => session.close(),
  };
}

const weight = (name: string): string => `weight/${name}`;
const zero = (): { loss: number; right: number } => ({ loss: 0, right: 0 });

function add(total: { loss: number; right: number }, { loss, right }: { loss: number; right: number }): void {
  total.loss += loss;
  total.right += right;
}
