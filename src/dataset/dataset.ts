/** What a data set is: three parts of labelled images, as bytes, with the constants that normalise them. */

/** Labelled images. Pixels are bytes as the data set has them; training sees (pixel / 255 - mean) / std, channel by channel. */
export interface Examples {
  /** [count, height, width, channels], row-major, 0 to 255. */
  readonly pixels: Uint8Array;
  /** [count], class numbers from 0. */
  readonly labels: Uint8Array;
  readonly count: number;
}

export interface Dataset {
  readonly name: string;
  /** [height, width, channels] of one image. */
  readonly shape: readonly [number, number, number];
  /** Names of the classes, by class number. */
  readonly classes: readonly string[];
  /** By channel, of pixel / 255. */
  readonly mean: readonly number[];
  /** By channel, of pixel / 255. */
  readonly std: readonly number[];
  readonly train: Examples;
  /** Taken out of the training part by seed: every choice is made on it, none on the test part. */
  readonly validation: Examples;
  readonly test: Examples;
}

export type Split = 'train' | 'validation' | 'test';

/**
 * The images `from` to `to` as the network sees them: (pixel / 255 - mean) / std.
 * @returns [to - from, height, width, channels] in row-major order
 */
export function normalise(dataset: Dataset, examples: Examples, from = 0, to = examples.count): Float32Array {
  const channels = dataset.shape[2];
  const each = dataset.shape[0] * dataset.shape[1] * channels;
  const out = new Float32Array((to - from) * each);
  for (let i = 0; i < out.length; i++) {
    const c = i % channels;
    out[i] = ((examples.pixels[from * each + i] as number) / 255 - (dataset.mean[c] as number)) / (dataset.std[c] as number);
  }
  return out;
}
