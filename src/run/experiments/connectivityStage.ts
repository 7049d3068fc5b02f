/** Linear mode connectivity: the networks on the straight line between two trained ones. Frankle et al. 2020, arXiv:1912.05671. */
import { type Arrays, pick } from '../../array.js';
import { denseMask } from '../../mask.js';
import { prunable } from '../../model/shapes.js';
import { interpolate } from '../../ticket/interpolate.js';
import type { Trainer } from '../../train/trainer.js';
import type { RunContext } from '../openRun.js';

export interface ConnectivityStage {
  readonly name: string;
  readonly level: number;
  /** Every parameter and statistic of the network at alpha 0, and at alpha 1. */
  readonly from: Arrays;
  readonly to: Arrays;
  /** Networks on the line, both ends among them; at least 2. */
  readonly points: number;
  /** Test images. */
  readonly images: number;
}

/**
 * Measures (1 - alpha) from + alpha to at equal steps of alpha, running statistics of BatchNorm interpolated like all else: one row
 * `connectivity` for each, with `alpha`, `loss` and `error` on the test images. Masks of the ends may differ; between them weights of both are there.
 */
export async function connectivityStage(context: RunContext, open: () => Promise<Trainer>, stage: ConnectivityStage): Promise<void> {
  const { name, level, from, to, points, images } = stage;
  await context.stage(name, async (inside) => {
    const trainer = await open();
    const everything = denseMask(
      pick(
        to,
        prunable(trainer.architecture).map((p) => p.name),
      ),
    );
    for (let i = 0; i < points; i++) {
      const alpha = i / (points - 1);
      trainer.load(everything, interpolate(from, to, alpha));
      const { loss, accuracy } = trainer.evaluate('test', images);
      inside.row({ kind: 'point', name: 'connectivity', level, values: { alpha, loss, error: 1 - accuracy } });
    }
    return { arrays: {}, info: {} };
  });
}
