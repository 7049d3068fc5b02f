/** How many weights each input pixel keeps: what a ticket looks at. */
import { get } from '../array.js';
import { mismatched } from '../check.js';
import type { Mask } from '../mask.js';
import type { Shape } from '../model/architecture.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { axis, layout, sequential } from './theme.js';

/**
 * Kept weights of a first dense layer by pixel, channels added.
 * @param input [height, width, channels] of one image
 * @throws UserError if the parameter's inputs are not the pixels of that image
 */
export function inputMap(mask: Mask, parameter: string, input: Shape, title = 'Weights kept by input pixel'): Figure {
  const { shape, values } = get(mask, parameter);
  const [height = 1, width = 1, channels = 1] = input;
  const units = shape.at(-1) ?? 1;
  if (shape.length !== 2 || shape[0] !== height * width * channels) {
    throw mismatched(
      `mask '${parameter}'`,
      `${height * width * channels} inputs`,
      `shape [${shape}]`,
      'give the first dense layer after `flatten`',
    );
  }
  const kept = new Array<number>(height * width).fill(0);
  for (let i = 0; i < values.length; i++) {
    const pixel = Math.floor(Math.floor(i / units) / channels);
    kept[pixel] = (kept[pixel] as number) + (values[i] as number);
  }
  return {
    data: [
      {
        ...{ type: 'heatmap', z: Array.from({ length: height }, (_, y) => kept.slice(y * width, (y + 1) * width)), colorscale: sequential },
        colorbar: { title: { text: `kept weights (of ${units * channels})`, side: 'right' }, thickness: 14 },
        hovertemplate: 'row %{y}, column %{x}<br>%{z} kept weights<extra></extra>',
      },
    ],
    layout: layout(escapeText(title), {
      ...{ width: 520, height: 480 },
      xaxis: axis('column (pixel)', { showgrid: false, constrain: 'domain' }),
      yaxis: axis('row (pixel)', { showgrid: false, autorange: 'reversed', scaleanchor: 'x', constrain: 'domain' }),
    }),
  };
}
