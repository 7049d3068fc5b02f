/** Backgrounds that are not plain: two colours mixed by smooth noise and stripes. */
import type { Random } from '../../random.js';

/** Red, green, blue in [0, 1]. */
export type Colour = readonly [number, number, number];

/** Perceived lightness of a colour in [0, 1], by the weights of Rec. 601. */
export function luminance([red, green, blue]: Colour): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** A random colour whose lightness is within `range`. */
export function randomColour(random: Random, range: readonly [number, number]): Colour {
  for (;;) {
    const colour: Colour = [random.uniform(), random.uniform(), random.uniform()];
    const light = luminance(colour);
    if (light >= range[0] && light <= range[1]) return colour;
  }
}

/**
 * A texture: two near colours mixed by value noise of two scales and, for every other one, stripes; with a little grain.
 * @returns [height, width, 3] row-major, in [0, 1]
 */
export function texture(random: Random, height: number, width: number): Float32Array {
  // Half way to grey: what stands on it has the strong colours.
  const strong = randomColour(random, [0.1, 0.9]);
  const base = strong.map((value) => 0.5 * (value + luminance(strong))) as unknown as Colour;
  const other = base.map((value) => Math.min(1, Math.max(0, value + 0.5 * (random.uniform() - 0.5)))) as unknown as Colour;
  const mix = noise(random, height, width, 4 + random.integer(5));
  const finer = noise(random, height, width, 12 + random.integer(9));
  const striped = random.integer(2) === 1;
  const [angle, pitch, phase] = [Math.PI * random.uniform(), 4 + 12 * random.uniform(), 2 * Math.PI * random.uniform()];
  const [kx, ky] = [(2 * Math.PI * Math.cos(angle)) / pitch, (2 * Math.PI * Math.sin(angle)) / pitch];
  const grain = 0.02 + 0.04 * random.uniform();
  const out = new Float32Array(3 * height * width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const stripes = striped ? 0.5 + 0.5 * Math.sin(kx * x + ky * y + phase) : 0.5;
      const t = 0.5 * (mix[i] as number) + 0.25 * (finer[i] as number) + 0.25 * stripes;
      const speck = grain * (2 * random.uniform() - 1);
      for (let c = 0; c < 3; c++) {
        out[3 * i + c] = Math.min(1, Math.max(0, (base[c] as number) * (1 - t) + (other[c] as number) * t + speck));
      }
    }
  }
  return out;
}

/** Random numbers on a lattice of `cells` to the longer side, smoothly joined. [height, width], in [0, 1). */
function noise(random: Random, height: number, width: number, cells: number): Float32Array {
  const step = Math.max(height, width) / cells;
  const stride = cells + 2;
  const lattice = Float32Array.from({ length: stride * stride }, random.uniform);
  const out = new Float32Array(height * width);
  const ease = (t: number): number => t * t * (3 - 2 * t);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / step);
    const v = ease(y / step - row);
    for (let x = 0; x < width; x++) {
      const column = Math.floor(x / step);
      const u = ease(x / step - column);
      const at = row * stride + column;
      const top = (lattice[at] as number) * (1 - u) + (lattice[at + 1] as number) * u;
      const bottom = (lattice[at + stride] as number) * (1 - u) + (lattice[at + stride + 1] as number) * u;
      out[y * width + x] = top * (1 - v) + bottom * v;
    }
  }
  return out;
}
