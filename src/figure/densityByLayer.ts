/** Where the weights stay: density of each layer against density of the whole. */
import type { Table } from '../analysis/table.js';
import { type ByDensityOptions, byDensity } from './byDensity.js';
import type { Figure } from './figure.js';
import { axis } from './theme.js';

export interface DensityByLayerOptions extends ByDensityOptions {
  /** Only rows of this arm. Default: all. */
  readonly arm?: string;
}

/**
 * Mean kept share of each parameter by density of the whole network, both on log axes.
 * @param layers from `toLayers`
 */
export function densityByLayer(layers: Table, options: DensityByLayerOptions = {}): Figure {
  const { arm, title = 'Density by layer' } = options;
  const figure = byDensity(layers, {
    ...options,
    title: arm === undefined ? title : `${title}: ${arm}`,
    group: 'parameter',
    columns: ['layerDensity', 'arm'],
    // A layer without any weight left has no place on a log axis.
    value: (row) =>
      typeof row.layerDensity === 'number' && row.layerDensity > 0 && (arm === undefined || row.arm === arm) ? row.layerDensity : undefined,
    yTitle: 'density of the layer (kept share)',
    format: (density) => `layer density ${Number(density.toPrecision(3))}`,
  });
  return { ...figure, layout: { ...figure.layout, yaxis: axis('density of the layer (kept share)', { type: 'log', dtick: 'D1' }) } };
}
