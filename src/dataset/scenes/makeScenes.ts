/** Scenes: real images of digits or clothes pasted on textured backgrounds, with boxes, masks and keypoints. */
import { checkCount, checkFraction, invalid, unknown } from '../../check.js';
import { permutation, type Random, stream } from '../../random.js';
import type { Annotation, Category, DetectionData, DetectionImage } from '../coco/coco.js';
import { runLengthArea, runLengthBox, toRunLength } from '../coco/runLength.js';
import type { Dataset, Split } from '../dataset.js';
import { sceneAreas, sceneKeypoints } from './sceneLimits.js';
import { makeSprite, type Sprite } from './sprite.js';
import { type Colour, luminance, randomColour, texture } from './texture.js';

export interface SceneOptions {
  /** How many scenes. Scene n is the same whatever the count. */
  readonly count: number;
  /** Which part of the source data the pasted images come from. Default `train`. */
  readonly split?: Split;
  /** Of everything. The order of classes by frequency depends on it and on nothing else. Default 0. */
  readonly seed?: number;
  /** Side of the scene in pixels, 64 to 128. Default 96. */
  readonly size?: number;
  /** 3: coloured, 1: grey. Default 3. */
  readonly channels?: 1 | 3;
  /** Each scene has 1 to so many objects. Default 5. */
  readonly objects?: number;
  /** The classes that are pasted, by name, in this order. Default all of the source's. */
  readonly classes?: readonly string[] | null;
  /** How much more frequent the most frequent class is than the rarest; between them frequency falls exponentially. Default 20. */
  readonly imbalance?: number;
  /** Share of scenes in which a textured bar hides part of an object. Default 0.3. */
  readonly occluded?: number;
  /** Share of scenes with a crowd: a heap of small objects of one class, annotated as one region. Default 0.05. */
  readonly crowded?: number;
}

/** At least so much of an object stays visible, of its pixels. */
const leastVisible = 0.5;
/** Shares of small, medium and large objects among all that are pasted: about COCO's. */
const sizeShares = [0.4, 0.35, 0.25] as const;

/**
 * Scenes by seed. Same source, options and seed: same bits. Objects are turned by up to 15 degrees, sized by COCO's three ranges
 * (`sceneAreas`), and cover one another; masks, boxes and areas are of what can be seen, keypoints (`sceneKeypoints`) of the whole object,
 * with visibility 1 where something covers them. Categories have the ids 1 to the number of classes, in their order.
 * @param source MNIST or Fashion-MNIST, or any grey data set of square images on dark ground
 * @throws UserError for options out of range or a source that is not grey and square
 */
export function makeScenes(source: Dataset, options: SceneOptions): DetectionData {
  const settings = checkOptions(source, options);
  const { split, seed, channels, count } = settings;
  const pool = poolOf(source, split, settings.classes);
  const shares = classShares(settings.classes.length, settings.imbalance, seed);
  const images: DetectionImage[] = [];
  const annotations: Annotation[] = [];
  for (let i = 0; i < count; i++) {
    const random = stream(seed, 'scene', source.name, split, i);
    const scene = new Scene(random, settings, pool, shares);
    const id = i + 1;
    images.push({ id, width: settings.size, height: settings.size, pixels: scene.pixels(), file: `${String(id).padStart(6, '0')}.png` });
    for (const found of scene.found()) annotations.push({ ...found, id: annotations.length + 1, image: id });
  }
  return { name: `scenes-${source.name}-${split}`, channels, images, categories: categoriesOf(settings.classes), annotations };
}

/**
 * The share of each class among the pasted objects: exponential from the most frequent to the rarest, in an order drawn by seed.
 * @returns [classes], adding up to 1
 * @example Math.max(...classShares(10, 20, 0)) / Math.min(...classShares(10, 20, 0)) // => 20.000000000000004
 */
export function classShares(classes: number, imbalance: number, seed: number): Float64Array {
  const order = permutation(classes, stream(seed, 'class order'));
  const weights = Float64Array.from(order, (rank) => imbalance ** (-rank / Math.max(1, classes - 1)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function categoriesOf(classes: readonly string[]): Category[] {
  const centre = sceneKeypoints.indexOf('centre');
  const skeleton = [0, 1, 2, 3].map((point): [number, number] => [point, centre]);
  return classes.map((name, i) => ({ id: i + 1, name, keypoints: [...sceneKeypoints], skeleton }));
}

type Settings = Required<SceneOptions> & { readonly classes: readonly string[]; readonly small: number; readonly medium: number };

function checkOptions(source: Dataset, options: SceneOptions): Settings {
  const { split = 'train', seed = 0, size = 96, channels = 3, objects = 5, imbalance = 20, occluded = 0.3, crowded = 0.05 } = options;
  const classes = options.classes ?? source.classes;
  if (classes.length === 0) throw invalid('classes of scenes', `some of ${source.classes.join(', ')}`, 'none');
  for (const name of classes) if (!source.classes.includes(name)) throw unknown(`class of ${source.name}`, name, source.classes);
  if (new Set(classes).size !== classes.length) throw invalid('classes of scenes', 'each once', classes.join(', '));
  checkCount('number of scenes', options.count);
  checkCount('scene size', size);
  if (size < 64 || size > 128) throw invalid('scene size', '64 to 128 pixels', size);
  if (channels !== 1 && channels !== 3) throw invalid('scene channels', '1 or 3', channels);
  checkCount('objects in a scene', objects, 1);
  if (objects > 50) throw invalid('objects in a scene', 'at most 50', objects);
  if (!(imbalance >= 1)) throw invalid('class imbalance', 'a number of at least 1', imbalance);
  checkFraction('share of scenes with something hidden', occluded);
  checkFraction('share of scenes with a crowd', crowded);
  const [height, width, depth] = source.shape;
  if (depth !== 1 || height !== width) throw invalid('source of scenes', 'grey square images (mnist, fashion-mnist)', source.name);
  const [, small, medium] = sceneAreas(size);
  return {
    ...{ classes, split, seed, size, channels, objects, imbalance, occluded, crowded, count: options.count },
    ...{ small: small?.most ?? 0, medium: medium?.most ?? 0 },
  };
}

/** The images that can be pasted, by class. */
interface Pool {
  readonly side: number;
  readonly opaque: number;
  readonly pixels: Uint8Array;
  readonly byClass: readonly Int32Array[];
}

function poolOf(source: Dataset, split: Split, classes: readonly string[]): Pool {
  const { labels, pixels } = source[split];
  const byClass = classes.map((name) => {
    const label = source.classes.indexOf(name);
    return Int32Array.from(Array.from(labels.keys()).filter((i) => labels[i] === label));
  });
  const empty = byClass.findIndex((own) => own.length === 0);
  if (empty >= 0) throw invalid(`${split} part of ${source.name}`, `images of class '${classes[empty]}'`, 'none');
  // Ink covers as dark as it is; of clothes, the whole silhouette covers, however dark its folds are.
  return { side: source.shape[0], opaque: source.name === 'fashion-mnist' ? 0.25 : 1, pixels, byClass };
}

/** Something in a scene, in the order of painting. */
interface Thing {
  readonly category: number;
  readonly crowd: boolean;
  /** [size * size]: 1 where it is, whatever covers it. */
  readonly whole: Uint8Array;
  readonly area: number;
  readonly layer: number;
}

class Scene {
  private readonly canvas: Float32Array;
  /** The layer that was painted last on each pixel; 0 is the background. */
  private readonly top: Uint8Array;
  private readonly things: Thing[] = [];
  private readonly light: number;
  private layers = 0;

  constructor(
    private readonly random: Random,
    private readonly settings: Settings,
    private readonly pool: Pool,
    private readonly shares: Float64Array,
  ) {
    const { size, objects, occluded, crowded } = settings;
    this.canvas = texture(random, size, size);
    this.top = new Uint8Array(size * size);
    let sum = 0;
    for (let i = 0; i < this.canvas.length; i++) sum += this.canvas[i] as number;
    this.light = sum / this.canvas.length;
    if (random.uniform() < crowded) this.addCrowd();
    const wanted = 1 + random.integer(objects);
    for (let i = 0; i < wanted; i++) this.addObject();
    if (random.uniform() < occluded) this.addBar();
  }

  /** [size, size, channels], 0 to 255. */
  pixels(): Uint8Array {
    const { channels, size } = this.settings;
    const out = new Uint8Array(channels * size * size);
    const byte = (value: number): number => Math.round(255 * value);
    if (channels === 3) for (let i = 0; i < out.length; i++) out[i] = byte(this.canvas[i] as number);
    else {
      for (let i = 0; i < out.length; i++) {
        const [red, green, blue] = [this.canvas[3 * i] as number, this.canvas[3 * i + 1] as number, this.canvas[3 * i + 2] as number];
        out[i] = byte(luminance([red, green, blue]));
      }
    }
    return out;
  }

  /** What can be seen of each thing. */
  found(): Omit<Annotation, 'id' | 'image'>[] {
    const { size } = this.settings;
    return this.things.map((thing) => {
      const { category, crowd, whole, layer } = thing;
      const mask = toRunLength(
        whole.map((inside, i) => (inside === 1 && (this.top[i] as number) <= layer ? 1 : 0)),
        size,
        size,
      );
      const keypoints = crowd ? new Float64Array(3 * sceneKeypoints.length) : this.keypointsOf(thing);
      return { category, box: runLengthBox(mask), area: runLengthArea(mask), mask, crowd, keypoints };
    });
  }

  private keypointsOf({ whole, layer }: Thing): Float64Array {
    const { size } = this.settings;
    const inside: [x: number, y: number][] = [];
    for (let i = 0; i < whole.length; i++) if (whole[i] === 1) inside.push([i % size, Math.floor(i / size)]);
    // Of several outermost pixels the middle one.
    const outermost = (axis: 0 | 1, sign: 1 | -1): [number, number] => {
      const best = inside.reduce((most, point) => Math.max(most, sign * point[axis]), Number.NEGATIVE_INFINITY);
      const ends = inside.filter((point) => sign * point[axis] === best).sort((a, b) => a[(1 - axis) as 0 | 1] - b[(1 - axis) as 0 | 1]);
      return ends[Math.floor(ends.length / 2)] as [number, number];
    };
    const mean = (axis: 0 | 1): number => inside.reduce((sum, point) => sum + point[axis], 0) / inside.length;
    const points = [outermost(1, -1), outermost(1, 1), outermost(0, -1), outermost(0, 1), [mean(0), mean(1)]] as const;
    return Float64Array.from(
      points.flatMap(([x, y]) => {
        const hidden = (this.top[Math.round(y) * size + Math.round(x)] as number) > layer;
        return [x + 0.5, y + 0.5, hidden ? 1 : 2];
      }),
    );
  }

  /** Pastes one object where it leaves enough of the others; gives up after some tries, except for the first. */
  private addObject(): void {
    const { random, settings } = this;
    const { size, small, medium } = settings;
    const category = this.drawClass();
    const range = this.draw(sizeShares);
    const [least, most] = ([[small / 2, small] as const, [small, medium] as const, [medium, 2 * medium] as const] as const)[
      range
    ] as readonly [number, number];
    const sprite = this.sprite(category, least * (most / least) ** random.uniform(), 0.7 * size);
    if (sprite === undefined) return;
    for (let tries = 0; tries < 20; tries++) {
      const [x, y] = [random.integer(size - sprite.width + 1), random.integer(size - sprite.height + 1)];
      const whole = this.placed(sprite, x, y);
      if (!this.leavesEnough(whole)) continue;
      this.paint(sprite, x, y, this.contrast());
      this.things.push({ category: category + 1, crowd: false, whole, area: sprite.area, layer: this.layers });
      return;
    }
  }

  /** Eight to fourteen small objects of one class in a heap, annotated as one region: the boxes of all of them. */
  private addCrowd(): void {
    const { random, settings } = this;
    const { size, small } = settings;
    const category = this.drawClass();
    const side = Math.round(size * (0.3 + 0.15 * random.uniform()));
    const [left, top] = [random.integer(size - side + 1), random.integer(size - side + 1)];
    const whole = new Uint8Array(size * size);
    const colour = this.contrast();
    for (let more = 8 + random.integer(7); more > 0; more--) {
      const sprite = this.sprite(category, small * (0.5 + 0.4 * random.uniform()), side / 2);
      if (sprite === undefined) continue;
      const [x, y] = [left + random.integer(side - sprite.width + 1), top + random.integer(side - sprite.height + 1)];
      this.paint(sprite, x, y, colour);
      for (let row = y; row < y + sprite.height; row++) whole.fill(1, row * size + x, row * size + x + sprite.width);
    }
    const area = whole.reduce((sum, inside) => sum + inside, 0);
    if (area > 0) this.things.push({ category: category + 1, crowd: true, whole, area, layer: this.layers });
  }

  /** Hides part of one object by a textured bar, if that leaves enough of all. */
  private addBar(): void {
    const { random, settings, things } = this;
    const { size } = settings;
    if (things.length === 0) return;
    for (let tries = 0; tries < 10; tries++) {
      const { whole, area } = things[random.integer(things.length)] as Thing;
      const width = Math.max(2, Math.round(Math.sqrt(area) * (0.3 + 0.5 * random.uniform())));
      const length = Math.min(size, Math.round(width * (2 + 3 * random.uniform())));
      const [w, h] = random.integer(2) === 0 ? [width, length] : [length, width];
      // Around a random pixel of the object.
      const own = random.integer(area);
      let at = -1;
      for (let seen = -1; seen < own; ) if (whole[++at] === 1) seen++;
      const x = Math.min(size - w, Math.max(0, (at % size) - (w >> 1)));
      const y = Math.min(size - h, Math.max(0, Math.floor(at / size) - (h >> 1)));
      const bar = new Uint8Array(size * size);
      for (let row = y; row < y + h; row++) bar.fill(1, row * size + x, row * size + x + w);
      if (!this.leavesEnough(bar)) continue;
      const fill = texture(random, h, w);
      this.layers++;
      for (let row = 0; row < h; row++) {
        for (let column = 0; column < w; column++) {
          const target = (y + row) * size + x + column;
          this.top[target] = this.layers;
          for (let c = 0; c < 3; c++) this.canvas[3 * target + c] = fill[3 * (row * w + column) + c] as number;
        }
      }
      return;
    }
  }

  /** Whether every object keeps enough visible pixels when `cover` is painted over it. */
  private leavesEnough(cover: Uint8Array): boolean {
    return this.things.every(({ whole, area, layer }) => {
      let visible = 0;
      for (let i = 0; i < whole.length; i++) {
        if (whole[i] === 1 && cover[i] === 0 && (this.top[i] as number) <= layer) visible++;
      }
      return visible >= leastVisible * area;
    });
  }

  private placed(sprite: Sprite, x: number, y: number): Uint8Array {
    const { size } = this.settings;
    const whole = new Uint8Array(size * size);
    for (let i = 0; i < sprite.cover.length; i++) {
      if ((sprite.cover[i] as number) >= 0.5) whole[(y + Math.floor(i / sprite.width)) * size + x + (i % sprite.width)] = 1;
    }
    return whole;
  }

  private paint(sprite: Sprite, x: number, y: number, colour: Colour): void {
    const { size } = this.settings;
    this.layers++;
    for (let i = 0; i < sprite.cover.length; i++) {
      const cover = sprite.cover[i] as number;
      if (cover === 0) continue;
      const at = (y + Math.floor(i / sprite.width)) * size + x + (i % sprite.width);
      // Ink has one colour; clothes keep their light and dark.
      const light = this.pool.opaque === 1 ? 1 : 0.35 + 0.65 * (sprite.shade[i] as number);
      for (let c = 0; c < 3; c++) {
        this.canvas[3 * at + c] = (this.canvas[3 * at + c] as number) * (1 - cover) + (colour[c] as number) * light * cover;
      }
      if (cover >= 0.5) this.top[at] = this.layers;
    }
  }

  /** A colour that stands out from the background. */
  private contrast(): Colour {
    return randomColour(this.random, this.light < 0.5 ? [this.light + 0.3, 1] : [0, this.light - 0.3]);
  }

  private sprite(category: number, area: number, longest: number): Sprite | undefined {
    const { random, pool } = this;
    const own = pool.byClass[category] as Int32Array;
    const each = pool.side * pool.side;
    const example = own[random.integer(own.length)] as number;
    const angle = ((2 * random.uniform() - 1) * Math.PI) / 12;
    return makeSprite(pool.pixels.subarray(example * each, (example + 1) * each), pool.side, { area, longest, angle, opaque: pool.opaque });
  }

  private drawClass(): number {
    return this.draw(this.shares);
  }

  private draw(shares: ArrayLike<number>): number {
    let left = this.random.uniform();
    for (let i = 0; i < shares.length - 1; i++) {
      left -= shares[i] as number;
      if (left < 0) return i;
    }
    return shares.length - 1;
  }
}
