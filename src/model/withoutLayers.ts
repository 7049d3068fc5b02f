import type { Architecture, Layer } from './architecture.js';

/** The architecture without its layers of that type, those in residual blocks included: dropout or activations taken out. */
export function withoutLayers(architecture: Architecture, type: Layer['type']): Architecture {
  const rest = (layers: readonly Layer[]): Layer[] =>
    layers
      .filter((layer) => layer.type !== type)
      .map((layer) =>
        layer.type === 'residual' ? { ...layer, body: rest(layer.body), ...(layer.shortcut && { shortcut: rest(layer.shortcut) }) } : layer,
      );
  return { ...architecture, layers: rest(architecture.layers) };
}
