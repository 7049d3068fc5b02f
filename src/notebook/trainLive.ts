/** Training in a notebook: curves that grow under the cell, and a stop button that works. */
import { copyArrays, type Arrays, type Values } from '../array.js';
import { UserError } from '../check.js';
import { epochLength } from '../dataset/epochLength.js';
import { iterations } from '../step.js';
import { sha256 } from '../ticket/canonicalJson.js';
import { type Journal, type Measurement, type Trained, type TrainRequest, train } from '../train/train.js';
import type { Trainer } from '../train/trainer.js';
import { interruptible } from './interruptible.js';
import { type LiveChart, liveChart } from './liveChart.js';

export interface TrainLiveOptions {
  /** Of the chart. Default: `training`. */
  readonly title?: string;
  /** Where to draw. Default: a chart of its own under the running cell. */
  readonly chart?: LiveChart;
}

/** What training gives, and all that was measured on the way. */
export interface TrainedLive extends Trained {
  readonly measurements: readonly Measurement[];
}

interface Saved {
  readonly request: string;
  readonly arrays: Arrays<Values>;
  readonly info: Journal['info'];
  readonly measurements: readonly Measurement[];
}

/** Where stopped trainings of a trainer go on. */
const stopped = new WeakMap<Trainer, Saved>();

/**
 * `train` under the cell that runs: validation accuracy is drawn as it is measured (and that on training
 * images where `evaluations.train` asks for it). The stop button stops it at the next step; run the cell
 * again, with the same trainer and request, and it goes on from there to the same bits as if it had not been stopped.
 * The kernel has its turn after every update and every part of an evaluation. Where one update takes long, as with ResNet-20, which takes
 * a fourth of a second of one core, `runOrLoad` trains in worker processes and leaves the kernel free.
 * @throws UserError as `train` does, and when it was stopped
 */
export async function trainLive(trainer: Trainer, request: TrainRequest, options: TrainLiveOptions = {}): Promise<TrainedLive> {
  const { title = 'training', chart = liveChart({ title, xTitle: 'iteration', yTitle: 'accuracy' }) } = options;
  const asked = requestText(request);
  const earlier = stopped.get(trainer);
  const saved = earlier?.request === asked ? earlier : undefined;
  const measurements = [...(saved?.measurements ?? [])];
  const draw = ({ split, step, accuracy }: Measurement): void => {
    // A network starts at one in ten, which would press the rest of the curve flat; and nobody should choose by the test images.
    if (step > 0 && (split === 'validation' || (split === 'train' && request.evaluations.train !== undefined)))
      chart.add(split, step, accuracy);
  };
  measurements.forEach(draw);
  const result = await interruptible(async (signal) => {
    const journal: Journal = {
      resume: saved?.arrays ?? null,
      info: saved?.info ?? {},
      saveDue: () => signal.aborted,
      save: (arrays, info) => {
        stopped.set(trainer, { request: asked, arrays: copyArrays(arrays as Arrays), info, measurements });
        const { step } = info.progress;
        const total = iterations(request.until ?? request.length, epochLength(trainer.dataset.train.count, trainer.batchSize));
        throw new UserError(`training was stopped at iteration ${step} of ${total}; run the cell again to go on`);
      },
      measured: (measurement) => {
        measurements.push(measurement);
        draw(measurement);
      },
    };
    return train(trainer, request, journal);
  });
  stopped.delete(trainer);
  await chart.finish();
  return { ...result, measurements };
}

/** Two requests with the same text train alike. */
function requestText({ mask, weights, ...rest }: TrainRequest): string {
  return JSON.stringify([rest, hashes(mask), hashes(weights)]);
}

function hashes(arrays: Arrays<Values>): readonly (readonly [name: string, hash: string])[] {
  return Object.entries(arrays).map(([name, { values }]) => [
    name,
    sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);
}
