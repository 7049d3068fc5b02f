/** Plotly in a window without a browser: jsdom, with what it lacks (layout of text, a canvas for heat maps). */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { DOMWindow } from 'jsdom';
import { stream } from '../../random.js';
import { encodePng } from './encodePng.js';
import { type Box, pageBox, svgBox } from './svgBox.js';

export interface PlotlyWindow {
  /** The figure as SVG text. */
  toSvg(figureJson: string, width: number, height: number): Promise<string>;
}

let opened: Promise<PlotlyWindow> | undefined;

/** The window, opened at the first call (about a second), the same afterwards. */
export function plotlyWindow(): Promise<PlotlyWindow> {
  opened ??= open();
  return opened;
}

/** Path of the Plotly bundle that is loaded here and inlined in reports. */
export function plotlyBundle(): string {
  return createRequire(import.meta.url).resolve('plotly.js-dist-min/plotly.min.js');
}

async function open(): Promise<PlotlyWindow> {
  const { JSDOM } = await import('jsdom');
  const { window } = new JSDOM('<!doctype html><body></body>', { runScripts: 'outside-only', pretendToBeVisual: true });
  mend(window);
  window.eval(readFileSync(plotlyBundle(), 'utf8'));
  const toSvg = async (json: string, width: number, height: number): Promise<string> => {
    // Plotly draws its element ids from Math.random: the same figure should be the same text.
    const random = stream(0, 'plotly ids');
    window.Math.random = random.uniform;
    const options = { format: 'svg', imageDataOnly: true, width, height };
    return (await window.Plotly.toImage(window.JSON.parse(json), options)) as string;
  };
  let before: Promise<unknown> = Promise.resolve();
  return {
    toSvg: (json, width, height) => {
      // One at a time, or ids of two figures would be drawn from one stream.
      const result = before.then(() => toSvg(json, width, height));
      before = result.catch(() => undefined);
      return result;
    },
  };
}

function mend(window: DOMWindow): void {
  const rect = (box: Box): object => ({ ...box, left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height });
  Object.assign(window.URL, { createObjectURL: () => 'blob:none', revokeObjectURL: () => undefined });
  Object.assign(window.SVGElement.prototype, {
    getBBox(this: Element) {
      return rect(svgBox(this));
    },
    getComputedTextLength(this: Element) {
      return svgBox(this).width;
    },
  });
  window.SVGElement.prototype.getBoundingClientRect = function (this: Element) {
    return rect(pageBox(this)) as DOMRect;
  };
  mendCanvas(window);
}

/** Plotly paints a heat map one pixel a cell, in one `putImageData`, and takes it as a PNG. */
function mendCanvas(window: DOMWindow): void {
  const pictures = new WeakMap<object, { width: number; height: number; data: Uint8ClampedArray }>();
  Object.assign(window.HTMLCanvasElement.prototype, {
    getContext(this: HTMLCanvasElement, kind: string) {
      if (kind !== '2d') return null;
      return {
        createImageData: (width: number, height: number) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) }),
        putImageData: (image: { width: number; height: number; data: Uint8ClampedArray }) => pictures.set(this, image),
        measureText: (text: string) => ({ width: 7 * text.length }),
      };
    },
    toDataURL(this: HTMLCanvasElement) {
      const image = pictures.get(this);
      if (image === undefined) throw new Error('this figure paints on a canvas in a way only a browser can: use the engine `browser`');
      return `data:image/png;base64,${Buffer.from(encodePng(image.data, image.width, image.height)).toString('base64')}`;
    },
  });
}
