/** What a data set is: three parts of labelled images, as bytes, with the constants that normalise them. */
import { invalid } from '../check.js';

/** Images as bytes; training sees (pixel / 255 - mean) / std, channel by channel. */
export interface Images {
  /** [count, height, width, channels], row-major, 0 to 255. */
  readonly pixels: Uint8Array;
  readonly count: number;
}

/** Labelled images. */
export interface Examples extends Images {
  /** [count], class numbers from 0. */
  readonly labels: Uint8Array;
}

/** Three parts of images, whatever is to be learned from them. */
export interface ImageSet {
  readonly name: string;
  /** [height, width, channels] of one image. */
  readonly shape: readonly [number, number, number];
  /** By channel, of pixel / 255. */
  readonly mean: readonly number[];
  /** By channel, of pixel / 255. */
  readonly std: readonly number[];
  readonly train: Images;
  readonly validation: Images;
  readonly test: Images;
}

export interface Dataset extends ImageSet {
  /** Names of the classes, by class number. */
  readonly classes: readonly string[];
  readonly train: Examples;
  /** Taken out of the training part by seed: every choice is made on it, none on the test part. */
  readonly validation: Examples;
  readonly test: Examples;
}

export type Split = 'train' | 'validation' | 'test';

/**
 * The images `from` to `to` as the network sees them: (pixel / 255 - mean) / std.
 * @returns [to - from, height, width, channels] in row-major order
 * @throws UserError unless 0 <= from <= to <= count
 */
export function normalise(dataset: Dataset, examples: Examples, from = 0, to = examples.count): Float32Array {
  if (!(from >= 0 && from <= to && to <= examples.count)) {
    throw invalid('range of examples', `within 0 to ${examples.count}`, `${from} to ${to}`);
  }
  const channels = dataset.shape[2];
  const each = dataset.shape[0] * dataset.shape[1] * channels;
  const out = new Float32Array((to - from) * each);
  // A byte has 256 values, so the divisions are done once for each value and channel.
  const table = new Float32Array(256 * channels);
  for (let i = 0; i < table.length; i++) {
    const c = i >> 8;
    table[i] = ((i & 255) / 255 - (dataset.mean[c] as number)) / (dataset.std[c] as number);
  }
  const start = from * each;
  let row = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = table[row + (examples.pixels[start + i] as number)] as number;
    row += 256;
    if (row === table.length) row = 0;
  }
  return out;
}
