/** Which weights of a parameter are kept, as a picture. */
import { get } from '../array.js';
import type { Mask } from '../mask.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { asMatrix, gridRows, maskGrid } from './maskGrid.js';
import { axis, layout } from './theme.js';

/**
 * The mask of one parameter: inputs down, outputs across; a dark cell is kept. Large masks are shown as the kept share of blocks of
 * weights (at most 128 x 128 cells). Rows of a convolution run over height, width and input channel.
 * @throws UserError if the mask has no such parameter
 */
export function maskMap(mask: Mask, parameter: string, title = `Mask of ${parameter}`): Figure {
  const array = get(mask, parameter);
  const [height, width] = asMatrix(array);
  const grid = maskGrid(array);
  const [down, across] = grid.block;
  const what = down * across === 1 ? 'kept (1) or pruned (0)' : `kept share of blocks of ${down} x ${across} weights`;
  const max = Math.max(1e-9, ...grid.values);
  return {
    data: [
      {
        ...{
          type: 'heatmap',
          z: gridRows(grid),
          x0: (across - 1) / 2,
          dx: across,
          y0: (down - 1) / 2,
          dy: down,
          zmin: 0,
          zmax: Number(max.toPrecision(4)),
        },
        ...{
          colorscale: [
            [0, '#f4f4f4'],
            [1, '#08306b'],
          ],
          colorbar: { title: { text: what, side: 'right' }, thickness: 14 },
        },
        hovertemplate: 'input %{y}, output %{x}<br>%{z}<extra></extra>',
      },
    ],
    layout: layout(escapeText(title), {
      xaxis: axis(`output (of ${width})`, { showgrid: false, range: [-0.5, width - 0.5] }),
      yaxis: axis(`input (of ${height})`, { showgrid: false, range: [height - 0.5, -0.5] }),
    }),
  };
}
