import type { Architecture, Layer } from './architecture.js';
import { mapNested } from './nested.js';

/** The architecture without its layers of that type, nested ones included: dropout or activations taken out. */
export function withoutLayers(architecture: Architecture, type: Layer['type']): Architecture {
  const rest = (layers: readonly Layer[]): Layer[] => layers.filter((layer) => layer.type !== type).map((layer) => mapNested(layer, rest));
  return { ...architecture, layers: rest(architecture.layers) };
}
