/** Boxes of SVG elements, which jsdom does not lay out: enough for Plotly to place labels, legends and margins. */
import { textWidth } from './textWidth.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const empty: Box = { x: 0, y: 0, width: 0, height: 0 };

/** The box of an element in its own coordinates (`getBBox`): text is measured, rectangles read, groups united. */
export function svgBox(element: Element): Box {
  const tag = element.tagName.toLowerCase();
  if (tag === 'text' || tag === 'tspan') return textBox(element);
  if (tag === 'rect' || tag === 'image')
    return { x: number(element, 'x'), y: number(element, 'y'), width: number(element, 'width'), height: number(element, 'height') };
  if (tag !== 'g' && tag !== 'svg' && tag !== 'a') return empty;
  return [...element.children].map((child) => transform(svgBox(child), child)).reduce(unite, empty);
}

/** The box of an element in the coordinates of the page (`getBoundingClientRect`), from the transforms of all its ancestors. */
export function pageBox(element: Element): Box {
  let box = svgBox(element);
  for (let at: Element | null = element; at !== null && at.tagName.toLowerCase() !== 'svg'; at = at.parentElement) box = transform(box, at);
  return box;
}

function textBox(element: Element): Box {
  const size = Number.parseFloat(styleOf(element, 'font-size')) || 12;
  const lines = [...element.children].filter((child) => child.getAttribute('class')?.includes('line'));
  const parts = lines.length > 0 ? lines : [element];
  const width = Math.max(...parts.map(lineWidth));
  if (width === 0) return empty;
  const anchor = styleOf(element, 'text-anchor') || 'start';
  const left = anchor === 'middle' ? width / 2 : anchor === 'end' ? width : 0;
  return { x: number(element, 'x') - left, y: number(element, 'y') - 0.93 * size, width, height: size * (1.17 + 1.3 * (parts.length - 1)) };
}

/** Width of a line whose parts may be bold or of another size. */
function lineWidth(line: Element): number {
  return [...line.childNodes].reduce((sum, node) => {
    if (node.nodeType === node.ELEMENT_NODE) return sum + lineWidth(node as Element);
    const size = Number.parseFloat(styleOf(line, 'font-size')) || 12;
    const style = { size, family: styleOf(line, 'font-family') || 'sans-serif', weight: styleOf(line, 'font-weight') || 'normal' };
    return sum + textWidth(node.textContent ?? '', style);
  }, 0);
}

/** The value of a CSS property on the element or the nearest ancestor that sets it. */
function styleOf(element: Element, property: string): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const value = (at as SVGElement).style?.getPropertyValue(property) || at.getAttribute(property);
    if (value) return value;
  }
  return '';
}

/** The upright box around a box that the element's `translate`, `rotate` and `scale` have moved. */
function transform(box: Box, element: Element): Box {
  const text = element.getAttribute('transform');
  if (text === null || box.width + box.height === 0) return box;
  let corners = [
    [box.x, box.y],
    [box.x + box.width, box.y],
    [box.x, box.y + box.height],
    [box.x + box.width, box.y + box.height],
  ];
  for (const [, name, list] of [...text.matchAll(/(translate|rotate|scale)\(([^)]*)\)/g)].reverse()) {
    const [a = 0, b = 0, c = 0] = (list as string).split(/[\s,]+/).map(Number);
    if (name === 'translate') corners = corners.map(([x, y]) => [(x as number) + a, (y as number) + b]);
    else if (name === 'scale') corners = corners.map(([x, y]) => [(x as number) * a, (y as number) * (b || a)]);
    else {
      const [cos, sin] = [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)];
      corners = corners.map(([x, y]) => {
        const [dx, dy] = [(x as number) - b, (y as number) - c];
        return [b + cos * dx - sin * dy, c + sin * dx + cos * dy];
      });
    }
  }
  const [xs, ys] = [corners.map(([x]) => x as number), corners.map(([, y]) => y as number)];
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

function unite(a: Box, b: Box): Box {
  if (a.width + a.height === 0) return b;
  if (b.width + b.height === 0) return a;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}

function number(element: Element, attribute: string): number {
  return Number.parseFloat(element.getAttribute(attribute) ?? '') || 0;
}
