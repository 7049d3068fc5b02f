/** Images of files, JPEG or PNG. */
import { access } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import { invalid, mismatched, missing } from '../../check.js';
import { readInput } from '../readInput.js';

/** A file larger than this is no photograph. */
const most = 256 * 1024 * 1024;

export interface PixelOptions {
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3;
  /** What the annotations say of its size, [height, width]; checked. */
  readonly size?: readonly [number, number];
}

/**
 * The pixels of a JPEG or PNG file as they are stored: not turned by EXIF, since annotations are not; transparency dropped.
 * @param folder the file must lie in it, whatever its name says
 * @returns the image's height and width, and pixels [height, width, channels] row-major, 0 to 255
 * @throws UserError if the name leads outside, the file is missing, no JPEG or PNG, damaged, or of another size
 */
export async function readPixels(
  folder: string,
  file: string,
  { channels, size }: PixelOptions,
): Promise<{ height: number; width: number; pixels: Uint8Array }> {
  const path = await inside(folder, file);
  const { default: sharp } = await import('sharp');
  const bytes = await readInput(path, most);
  let decoded: { data: Buffer; info: { width: number; height: number; channels: number } };
  try {
    const image = sharp(bytes, { failOn: 'error', autoOrient: false });
    const { format } = await image.metadata();
    if (format !== 'jpeg' && format !== 'png') throw new Error(String(format));
    const plain = image.removeAlpha().toColourspace(channels === 1 ? 'b-w' : 'srgb');
    decoded = await plain.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  } catch (error) {
    throw invalid(`image '${path}'`, 'a whole JPEG or PNG', (error as Error).message);
  }
  const { width, height, channels: found } = decoded.info;
  if (found !== channels) throw mismatched(`image '${path}'`, `${channels} channels`, `${found}`, 'convert it');
  if (size !== undefined && (size[0] !== height || size[1] !== width)) {
    throw mismatched(
      `image '${path}'`,
      `${size[0]} x ${size[1]} (height x width) as annotated`,
      `${height} x ${width}`,
      'use its own file',
    );
  }
  const { data } = decoded;
  return { height, width, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** The path of a file by its name in an annotation, which must not lead out of the folder (links in the folder are the user's own). */
async function inside(folder: string, file: string): Promise<string> {
  if (isAbsolute(file) || file.includes('\0') || normalize(file).split(/[\\/]/)[0] === '..') {
    throw invalid('name of an image', `a file in '${folder}'`, file);
  }
  const path = join(folder, file);
  await access(path).catch(() => {
    throw missing(`image '${path}'`, 'its annotations are there: get the image from where they came from');
  });
  return path;
}
