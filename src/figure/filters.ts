/** Weights as small images: what the units of a first layer look for. */
import type { NdArray } from '../array.js';
import { mismatched } from '../check.js';
import type { Shape } from '../model/architecture.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { axis, diverging, layout } from './theme.js';

export interface FiltersOptions {
  /** [height, width, channels] of the image that a dense kernel sees; not needed for a convolution. */
  readonly input?: Shape;
  /** Units or filters shown, from the first. Default 64. */
  readonly most?: number;
  readonly title?: string;
}

/**
 * A dense kernel [inputs, units] or a convolution's [height, width, inputs, filters] as tiles, one a unit, channels averaged;
 * blue negative, white zero, orange positive, one scale for all.
 * @throws UserError if the kernel does not fit the image
 */
export function filters(kernel: NdArray, { input, most = 64, title = 'Filters' }: FiltersOptions = {}): Figure {
  const { shape, values } = kernel;
  const [height = 1, width = 1, channels = 1] = shape.length === 4 ? shape : (input ?? []);
  const units = shape.at(-1) ?? 0;
  if (height * width * channels * units !== values.length || (shape.length !== 2 && shape.length !== 4)) {
    throw mismatched('kernel to draw', `inputs of an image [${input ?? 'height, width, channels'}]`, `shape [${shape}]`, 'give `input`');
  }
  const shown = Math.min(most, units);
  const columns = Math.ceil(Math.sqrt(shown));
  const rows = Math.ceil(shown / columns);
  const canvas = Array.from({ length: rows * (height + 1) - 1 }, () => new Array<number | null>(columns * (width + 1) - 1).fill(null));
  let top = 0;
  for (let unit = 0; unit < shown; unit++) {
    const [y0, x0] = [Math.floor(unit / columns) * (height + 1), (unit % columns) * (width + 1)];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let c = 0; c < channels; c++) sum += values[((y * width + x) * channels + c) * units + unit] as number;
        const weight = Number((sum / channels).toPrecision(4));
        top = Math.max(top, Math.abs(weight));
        (canvas[y0 + y] as (number | null)[])[x0 + x] = weight;
      }
    }
  }
  const hidden = { visible: false, showgrid: false, constrain: 'domain' };
  return {
    data: [
      {
        ...{
          type: 'heatmap',
          z: canvas,
          zmin: -(top || 1),
          zmax: top || 1,
          colorscale: diverging.map((stop) => [...stop]),
          hoverongaps: false,
        },
        ...{
          colorbar: { title: { text: channels > 1 ? 'weight, mean of channels' : 'weight', side: 'right' }, thickness: 14 },
          hovertemplate: 'weight %{z}<extra></extra>',
        },
      },
    ],
    layout: layout(escapeText(`${title}${shown < units ? `, the first ${shown} of ${units}` : ''}`), {
      ...{ width: 560, height: 520, plot_bgcolor: '#bbbbbb' },
      ...{ xaxis: axis('', hidden), yaxis: axis('', { ...hidden, autorange: 'reversed', scaleanchor: 'x' }) },
    }),
  };
}
