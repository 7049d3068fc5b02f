/** An architecture as a picture: its layers from input to output, their shapes and parameters, and how dense they are. */
import escapeHtml from 'escape-html';
import type { Architecture, Layer, Shape } from '../model/architecture.js';
import { layerShapes, outputShape, parameterCount } from '../model/shapes.js';
import { printable } from './picture/textWidth.js';

/** Sizes in pixels. */
const row = 26;
const indent = 18;
const columns = { name: 16, detail: 190, shape: 400, count: 575, bar: 605, density: 715, end: 785 };

/**
 * SVG with one line a layer: name, kind, shape of its output, parameters, and a bar of its density where `densityByName` (from
 * `mask.ts`) knows its kernel. The body and shortcut of a residual block stand indented in a frame, heads
 * each under its name.
 * @throws UserError for an architecture whose shapes do not fit
 */
export function architectureDiagram(architecture: Architecture, densityByName: Readonly<Record<string, number>> = {}): string {
  const lines: string[] = [];
  const place = { y: 64 };
  const input = architecture.input;
  lines.push(line(place, 0, { name: 'input', detail: '', shape: input }));
  drawLayers(lines, place, architecture, 0, densityByName);
  const height = place.y + 10;
  const count = parameterCount(architecture).toLocaleString('en');
  const title = `${architecture.name}: ${count} parameters, [${input}] to [${outputShape(architecture)}]`;
  const head = (x: number, text: string, anchor = 'start'): string =>
    `<text x="${x}" y="50" fill="#666" text-anchor="${anchor}">${text}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${columns.end}" height="${height}" viewBox="0 0 ${columns.end} ${height}" font-family="Arial, 'DejaVu Sans', sans-serif" font-size="12" fill="#222">`,
    `<text x="${columns.name}" y="24" font-size="15">${safe(title)}</text>`,
    ...[
      head(columns.name, 'layer'),
      head(columns.detail, 'kind'),
      head(columns.shape, 'output shape'),
      head(columns.count, 'parameters', 'end'),
    ],
    Object.keys(densityByName).length === 0 ? '' : head(columns.bar, 'density of the kernel'),
    ...lines,
    '</svg>',
  ].join('');
}

function drawLayers(
  lines: string[],
  place: { y: number },
  network: Architecture,
  level: number,
  densities: Readonly<Record<string, number>>,
): void {
  for (const { layer, input, output } of layerShapes(network)) {
    const own = { name: network.name, input, layers: [layer] };
    const name = 'name' in layer ? layer.name : '';
    lines.push(
      line(place, level, {
        name,
        detail: describe(layer),
        shape: output,
        parameters: parameterCount(own),
        density: densities[`${name}/kernel`],
      }),
    );
    for (const head of layer.type === 'heads' ? layer.heads : []) {
      lines.push(line(place, level + 1, { name: head.name, detail: 'head', shape: input }));
      drawLayers(lines, place, { name: network.name, input, layers: head.layers }, level + 2, densities);
    }
    if (layer.type !== 'residual') continue;
    const top = place.y - row / 2 + 8;
    drawLayers(lines, place, { name: network.name, input, layers: layer.body }, level + 1, densities);
    const shortcut = layer.shortcut ?? [];
    lines.push(
      line(place, level + 1, {
        name: '',
        detail: shortcut.length === 0 ? '+ input (identity)' : '+ shortcut:',
        shape: shortcut.length === 0 ? input : output,
      }),
    );
    drawLayers(lines, place, { name: network.name, input, layers: shortcut }, level + 1, densities);
    const x = columns.name + indent * level + 6;
    lines.push(`<path d="M${x + 6} ${top}H${x}V${place.y - row / 2 + 2}h6" fill="none" stroke="#0072B2" stroke-width="1.5"/>`);
  }
}

interface Line {
  readonly name: string;
  readonly detail: string;
  readonly shape: Shape;
  readonly parameters?: number;
  readonly density?: number | undefined;
}

function line(place: { y: number }, level: number, { name, detail, shape, parameters = 0, density }: Line): string {
  const y = place.y + row / 2;
  place.y += row;
  const text = (x: number, words: string, more = ''): string => `<text x="${x}" y="${y + 4}"${more}>${safe(words)}</text>`;
  const short = name.length > 22 ? `${name.slice(0, 21)}…` : name;
  return [
    `<line x1="${columns.name}" x2="${columns.end - 16}" y1="${place.y}" y2="${place.y}" stroke="#e8e8e8"/>`,
    text(columns.name + indent * level, short, ' font-weight="bold"'),
    text(columns.detail + indent * level, detail),
    text(columns.shape, shape.join(' × ')),
    parameters === 0 ? '' : text(columns.count, parameters.toLocaleString('en'), ' text-anchor="end"'),
    density === undefined ? '' : bar(y, density),
  ].join('');
}

function bar(y: number, density: number): string {
  const width = 100;
  const share = Math.min(1, Math.max(0, density));
  return [
    `<rect x="${columns.bar}" y="${y - 6}" width="${width}" height="12" fill="#eee"/>`,
    `<rect x="${columns.bar}" y="${y - 6}" width="${Number((width * share).toFixed(2))}" height="12" fill="#0072B2"/>`,
    `<text x="${columns.density}" y="${y + 4}">${Number(density.toPrecision(3))}</text>`,
  ].join('');
}

function describe(layer: Layer): string {
  if (layer.type === 'dense') return `dense, ${layer.units} units`;
  if (layer.type === 'convolution')
    return `convolution ${layer.size} × ${layer.size}${(layer.stride ?? 1) > 1 ? `, stride ${layer.stride}` : ''}`;
  if (layer.type === 'activation') return layer.function;
  if (layer.type === 'maxPool' || layer.type === 'averagePool')
    return `${layer.type === 'maxPool' ? 'max' : 'average'} pooling ${layer.size} × ${layer.size}`;
  if (layer.type === 'dropout') return `dropout ${layer.rate}`;
  if (layer.type === 'residual') return 'residual block';
  const names: Readonly<Record<string, string>> = {
    batchNorm: 'batch normalisation',
    globalAveragePool: 'global average pooling',
    upsample: 'upsampling 2 × 2',
    heads: 'heads, outputs beside one another',
  };
  return names[layer.type] ?? layer.type;
}

function safe(text: string): string {
  return escapeHtml(printable(text));
}
