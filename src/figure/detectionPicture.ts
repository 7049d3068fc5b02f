/** Objects drawn on their images: boxes, masks, keypoints; the truth beside what detectors found. */
import escapeHtml from 'escape-html';
import { checkCount, invalid } from '../check.js';
import type { Annotation, Category, Detection, DetectionData, DetectionImage } from '../dataset/coco/coco.js';
import { toPixels } from '../dataset/coco/runLength.js';
import { encodePng } from './picture/encodePng.js';
import { printable, textWidth } from './picture/textWidth.js';

/** A column of the picture: one source of objects. */
export interface DetectionColumn {
  /** Stands above it, such as `dense` or `ticket, 80 % pruned`. */
  readonly title: string;
  /** What a detector found; without it the column shows the truth. */
  readonly detections?: readonly Detection[];
}

export interface DetectionPictureOptions {
  /** Default: the truth alone. */
  readonly columns?: readonly DetectionColumn[];
  /** Ids of the images, one a row. Default the first four. */
  readonly images?: readonly number[];
  /** With one column, so many images side by side. Default 4. */
  readonly across?: number;
  /** Pixels that the longer side of an image is drawn with. Default 240. */
  readonly side?: number;
  /** Detections below this score are left out. Default 0.3. */
  readonly least?: number;
  /** What is drawn. Default all. */
  readonly show?: readonly ('box' | 'mask' | 'keypoints' | 'label')[];
}

/** Strong on light and on dark ground, told apart by most eyes. */
const palette = ['#ffe119', '#4363d8', '#e6194b', '#3cb44b', '#f58231', '#911eb4', '#46f0f0', '#f032e6', '#bcf60c', '#fabebe'] as const;
const gap = 10;
const style = { size: 11, family: 'DejaVu Sans', weight: 'bold' } as const;

/** What is drawn of an object, found or true. */
interface Drawn extends Pick<Annotation, 'category' | 'box' | 'mask'> {
  readonly label: string;
  readonly crowd: boolean;
  readonly keypoints?: ArrayLike<number>;
  /** Whether the third number of a keypoint says that it is hidden. */
  readonly visibility: boolean;
}

/**
 * SVG of images with their objects: one colour a category, masks tinted, the class (and score) at the box, keypoints joined by the
 * skeleton, hollow where they are hidden; crowds dashed. With several columns, each image is a row and stands in all of them, so that a
 * dense detector and its ticket can be compared. `svgPng` makes a PNG of it.
 * @throws UserError for an image that the data do not have, or whose pixels were not read
 */
export function detectionPicture(data: DetectionData, options: DetectionPictureOptions = {}): string {
  const { columns = [{ title: '' }], across = 4, side = 240, least = 0.3 } = options;
  const show = new Set(options.show ?? ['box', 'mask', 'keypoints', 'label']);
  checkCount('images side by side', across, 1);
  checkCount('side of an image', side, 16);
  const ids = options.images ?? data.images.slice(0, 4).map(({ id }) => id);
  const images = ids.map((id) => imageOf(data, id));
  const categories = new Map(
    data.categories.map((category, i) => [category.id, { category, colour: palette[i % palette.length] as string }]),
  );
  const titled = columns.some(({ title }) => title !== '');
  const wide = columns.length > 1 ? columns.length : Math.min(across, Math.max(1, images.length));
  const cells = images.flatMap((image, row) =>
    columns.map((column, c) => {
      const at = columns.length > 1 ? { column: c, row } : { column: row % wide, row: Math.floor(row / wide) };
      const objects = objectsOf(data, column, image.id, least, categories);
      const [x, y] = [gap + at.column * (side + gap), (titled ? 30 : gap) + at.row * (side + gap)];
      return cell(image, data.channels, objects, categories, { x, y, side, show });
    }),
  );
  const rows = columns.length > 1 ? images.length : Math.ceil(images.length / wide);
  const [width, height] = [gap + wide * (side + gap), (titled ? 30 : gap) + rows * (side + gap)];
  const titles = columns.map(
    ({ title }, i) => `<text x="${gap + i * (side + gap)}" y="20" font-size="14" font-weight="bold">${escapeHtml(printable(title))}</text>`,
  );
  const frame = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg ${frame} font-family="DejaVu Sans, Arial, sans-serif" font-size="11" fill="#222">${titled ? titles.join('') : ''}${cells.join('')}</svg>`;
}

function imageOf(data: DetectionData, id: number): DetectionImage {
  const image = data.images.find((one) => one.id === id);
  if (image === undefined) throw invalid('image to draw', `an id of the ${data.images.length} images of '${data.name}'`, id);
  if (image.pixels.length !== data.channels * image.width * image.height) {
    throw invalid(
      `pixels of image ${id}`,
      `${data.channels * image.width * image.height} bytes (read the data with their images)`,
      image.pixels.length,
    );
  }
  return image;
}

type Categories = ReadonlyMap<number, { readonly category: Category; readonly colour: string }>;

function objectsOf(data: DetectionData, column: DetectionColumn, image: number, least: number, categories: Categories): Drawn[] {
  const nameOf = (id: number): string => categories.get(id)?.category.name ?? String(id);
  const { detections } = column;
  if (detections === undefined) {
    const own = data.annotations.filter((one) => one.image === image);
    return own.map((one) => ({ ...one, label: one.crowd ? `${nameOf(one.category)} (crowd)` : nameOf(one.category), visibility: true }));
  }
  return detections
    .filter((one) => one.image === image && one.score >= least)
    .sort((a, b) => a.score - b.score)
    .map((one) => ({ ...one, label: `${nameOf(one.category)} ${one.score.toFixed(2)}`, crowd: false, visibility: false }));
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly show: ReadonlySet<string>;
}

function cell(image: DetectionImage, channels: 1 | 3, objects: readonly Drawn[], categories: Categories, place: Place): string {
  const { x, y, side, show } = place;
  const scale = side / Math.max(image.width, image.height);
  const [width, height] = [scale * image.width, scale * image.height].map((v) => Number(v.toFixed(1))) as [number, number];
  const colourOf = (id: number): string => categories.get(id)?.colour ?? '#ffffff';
  const picture = tinted(image, channels, show.has('mask') ? objects : [], colourOf);
  const marks = objects.map((object) => {
    const colour = colourOf(object.category);
    const parts: string[] = [];
    if (show.has('box')) parts.push(boxMark(object, colour, scale));
    if (show.has('keypoints') && !object.crowd) parts.push(keypointMarks(object, categories.get(object.category)?.category, colour, scale));
    if (show.has('label')) parts.push(labelMark(object, colour, scale, width));
    return parts.join('');
  });
  return [
    `<svg x="${x}" y="${y}" width="${width}" height="${height}">`,
    `<image width="${width}" height="${height}" preserveAspectRatio="none" style="image-rendering: pixelated" href="${picture}"/>`,
    `${marks.join('')}</svg>`,
  ].join('');
}

/** The image with its objects' masks mixed in, as a PNG address. */
function tinted(
  { pixels, width, height }: DetectionImage,
  channels: 1 | 3,
  objects: readonly Drawn[],
  colourOf: (id: number) => string,
): string {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = pixels[channels === 1 ? i : 3 * i + c] as number;
  }
  for (const { mask, category } of objects) {
    if (mask === undefined || mask.width !== width || mask.height !== height) continue;
    const colour = bytesOf(colourOf(category));
    toPixels(mask).forEach((inside, i) => {
      if (inside === 1)
        for (let c = 0; c < 3; c++) rgba[4 * i + c] = Math.round(0.5 * (rgba[4 * i + c] as number) + 0.5 * (colour[c] as number));
    });
  }
  return `data:image/png;base64,${Buffer.from(encodePng(rgba, width, height)).toString('base64')}`;
}

const fixed = (value: number): string => String(Number(value.toFixed(1)));

function boxMark({ box, crowd }: Drawn, colour: string, scale: number): string {
  const [x, y, w, h] = box.map((value) => fixed(scale * value)) as [string, string, string, string];
  const rect = (stroke: string, width: number): string =>
    `<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="none" stroke="${stroke}" stroke-width="${width}"${crowd ? ' stroke-dasharray="5 4"' : ''}/>`;
  return rect('#000', 3) + rect(colour, 1.5);
}

/** Above the box, or inside where there is no room above; never beyond the image's right end. */
function labelMark({ box, label }: Drawn, colour: string, scale: number, width: number): string {
  const text = printable(label);
  const across = textWidth(text, style) + 6;
  const top = Math.max(0, scale * box[1] >= 14 ? scale * box[1] - 14 : scale * box[1]);
  const left = Math.max(0, Math.min(scale * box[0], width - across));
  const ground = `<rect x="${fixed(left)}" y="${fixed(top)}" width="${fixed(across)}" height="14" fill="${colour}" fill-opacity="0.85"/>`;
  return `${ground}<text x="${fixed(left + 3)}" y="${fixed(top + 11)}" font-weight="bold" fill="${isLight(colour) ? '#000' : '#fff'}">${escapeHtml(text)}</text>`;
}

function isLight(colour: string): boolean {
  const [red, green, blue] = bytesOf(colour);
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
}

/** Of `#rrggbb`. */
function bytesOf(colour: string): [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
}

function keypointMarks({ keypoints, visibility }: Drawn, category: Category | undefined, colour: string, scale: number): string {
  if (keypoints === undefined) return '';
  const point = (k: number): { x: string; y: string; seen: number } => ({
    x: fixed(scale * (keypoints[3 * k] as number)),
    y: fixed(scale * (keypoints[3 * k + 1] as number)),
    seen: visibility ? (keypoints[3 * k + 2] as number) : 2,
  });
  const count = Math.floor(keypoints.length / 3);
  const lines = (category?.skeleton ?? [])
    .filter((pair) => pair.every((k) => k < count && point(k).seen > 0))
    .map(([a, b]) => {
      const [from, to] = [point(a), point(b)];
      return `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="${colour}" stroke-width="1" stroke-opacity="0.8"/>`;
    });
  const dots = Array.from({ length: count }, (_, k) => point(k))
    .filter(({ seen }) => seen > 0)
    .map(
      ({ x, y, seen }) =>
        `<circle cx="${x}" cy="${y}" r="2.6" fill="${seen === 2 ? colour : 'none'}" stroke="${seen === 2 ? '#000' : colour}" stroke-width="1"/>`,
    );
  return lines.join('') + dots.join('');
}
