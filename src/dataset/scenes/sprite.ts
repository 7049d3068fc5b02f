/** An image of MNIST or Fashion-MNIST cut out, turned and scaled: what is pasted into a scene. */

/** A cut-out with soft edges. */
export interface Sprite {
  readonly height: number;
  readonly width: number;
  /** [height, width] row-major: how much it covers, in [0, 1]. A pixel belongs to the object from 0.5 on. */
  readonly cover: Float32Array;
  /** [height, width] row-major: the grey of its own picture, in [0, 1]. */
  readonly shade: Float32Array;
  /** Pixels that belong to the object. */
  readonly area: number;
}

export interface SpriteOptions {
  /** Pixels that shall belong to the object, about. */
  readonly area: number;
  /** Its longer side has at most so many pixels, whatever the area. */
  readonly longest: number;
  /** In radians, anticlockwise. */
  readonly angle: number;
  /** Grey from which on a pixel of the picture covers wholly, in (0, 1]; half of it belongs to the object. */
  readonly opaque: number;
}

/**
 * The sprite of a grey picture, each pixel the mean of enough samples, taken bilinearly, that nothing thin is lost.
 * @param pixels [side, side] row-major, 0 to 255, dark around
 * @returns undefined if nothing of it is left at this size
 */
export function makeSprite(pixels: Uint8Array, side: number, { area, longest, angle, opaque }: SpriteOptions): Sprite | undefined {
  const threshold = 255 * opaque * 0.5;
  const own = pixels.reduce((count, value) => count + (value >= threshold ? 1 : 0), 0);
  if (own === 0) return undefined;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const reach = reachOf(pixels, side, cos, sin);
  const scale = Math.min(Math.sqrt(area / own), longest / Math.max(reach.right - reach.left, reach.bottom - reach.top));
  const width = Math.max(1, Math.ceil(scale * (reach.right - reach.left)));
  const height = Math.max(1, Math.ceil(scale * (reach.bottom - reach.top)));
  const cover = new Float32Array(height * width);
  const shade = new Float32Array(height * width);
  const samples = Math.max(2, Math.ceil(1 / scale) + 1);
  const middle = side / 2;
  let inside = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let grey = 0;
      for (let s = 0; s < samples * samples; s++) {
        const u = reach.left + (x + ((s % samples) + 0.5) / samples) / scale;
        const v = reach.top + (y + (Math.floor(s / samples) + 0.5) / samples) / scale;
        grey += bilinear(pixels, side, middle + cos * u - sin * v - 0.5, middle + sin * u + cos * v - 0.5);
      }
      grey /= 255 * samples * samples;
      shade[y * width + x] = grey;
      cover[y * width + x] = Math.min(1, grey / opaque);
      if (grey / opaque >= 0.5) inside++;
    }
  }
  return inside === 0 ? undefined : { height, width, cover, shade, area: inside };
}

/** The box of what is not dark after turning, from the middle of the picture. */
function reachOf(pixels: Uint8Array, side: number, cos: number, sin: number): { left: number; right: number; top: number; bottom: number } {
  const reach = { left: side, right: -side, top: side, bottom: -side };
  pixels.forEach((value, i) => {
    if (value < 16) return;
    const [dx, dy] = [(i % side) + 0.5 - side / 2, Math.floor(i / side) + 0.5 - side / 2];
    const [u, v] = [cos * dx + sin * dy, cos * dy - sin * dx];
    reach.left = Math.min(reach.left, u - 0.5);
    reach.right = Math.max(reach.right, u + 0.5);
    reach.top = Math.min(reach.top, v - 0.5);
    reach.bottom = Math.max(reach.bottom, v + 0.5);
  });
  return reach;
}

function bilinear(pixels: Uint8Array, side: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [x - left, y - top];
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= side || row >= side ? 0 : (pixels[row * side + column] as number);
  return (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) + v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
}
