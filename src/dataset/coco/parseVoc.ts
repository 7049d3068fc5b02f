/** PASCAL VOC's annotation of one image as data. */
import { invalid, missing, UserError } from '../../check.js';
import { type Box, farthest } from './coco.js';

export interface VocAnnotation {
  /** Name of the image's file. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  readonly objects: readonly { readonly name: string; readonly box: Box; readonly difficult: boolean }[];
}

let parser: Promise<{ parse(text: string): Document }> | undefined;

/** jsdom takes half a second to load, so only once and only for VOC. */
function xmlParser(): Promise<{ parse(text: string): Document }> {
  parser ??= import('jsdom').then(({ JSDOM }) => {
    const { DOMParser } = new JSDOM('').window;
    return { parse: (text) => new DOMParser().parseFromString(text, 'text/xml') };
  });
  return parser;
}

/**
 * The content of one of VOC's XML files. VOC counts pixels from 1 and names the last one inside; the boxes here are COCO's:
 * [xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1].
 * @param file names the text in messages
 * @throws UserError that names the file, the object by its place from 1, and the field
 */
export async function parseVoc(text: string, file: string): Promise<VocAnnotation> {
  // VOC's files have none, and entities of a document's own can make much out of little.
  if (/<!DOCTYPE/i.test(text)) throw invalid(`'${file}'`, 'XML without a document type', '<!DOCTYPE');
  const root = (await xmlParser()).parse(text).documentElement;
  if (root.tagName === 'parsererror' || root.querySelector('parsererror') !== null) {
    throw new UserError(
      `'${file}' is not XML: ${(root.textContent ?? '').trim().split('\n')[0]?.slice(0, 200)}; the file is cut short or altered`,
    );
  }
  if (root.tagName !== 'annotation') throw invalid(`'${file}'`, 'an <annotation>', `<${root.tagName}>`);
  const objects = childrenOf(root, 'object').map((object, place) => {
    const what = `object ${place + 1} in '${file}'`;
    const name = textOf(object, 'name', what);
    if (name === '' || name.length > 200) throw invalid(`<name> of ${what}`, 'the name of a class', name);
    const bounds = childOf(object, 'bndbox', what);
    const [left, top, right, bottom] = ['xmin', 'ymin', 'xmax', 'ymax'].map((field) => numberOf(bounds, field, what)) as [
      number,
      number,
      number,
      number,
    ];
    const far = [left, top, right, bottom].find((value) => Math.abs(value) > farthest);
    if (far !== undefined) throw invalid(`<bndbox> of ${what}`, `pixels within ±${farthest}`, far);
    if (right < left || bottom < top) throw invalid(`<bndbox> of ${what}`, 'xmin <= xmax and ymin <= ymax', [left, top, right, bottom]);
    const difficult = childrenOf(object, 'difficult')[0]?.textContent?.trim() === '1';
    return { name, box: [left - 1, top - 1, right - left + 1, bottom - top + 1] as const, difficult };
  });
  const size = childOf(root, 'size', `'${file}'`);
  const [width, height] = ['width', 'height'].map((field) => {
    const value = numberOf(size, field, `'${file}'`);
    if (!(Number.isInteger(value) && value >= 1 && value <= 65_535)) throw invalid(`<${field}> of '${file}'`, '1 to 65535 pixels', value);
    return value;
  }) as [number, number];
  return { file: textOf(root, 'filename', `'${file}'`), width, height, objects };
}

function childrenOf(parent: Element, name: string): Element[] {
  return [...parent.children].filter(({ tagName }) => tagName === name);
}

function childOf(parent: Element, name: string, what: string): Element {
  const found = childrenOf(parent, name)[0];
  if (found === undefined) throw missing(`<${name}> of ${what}`, 'this is no annotation in the format of VOC');
  return found;
}

function textOf(parent: Element, name: string, what: string): string {
  return (childOf(parent, name, what).textContent ?? '').trim();
}

function numberOf(parent: Element, name: string, what: string): number {
  const text = textOf(parent, name, what);
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw invalid(`<${name}> of ${what}`, 'a number', text);
  return value;
}
