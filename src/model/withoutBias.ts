import type { Architecture, Layer } from './architecture.js';
import { mapNested } from './nested.js';

/** The architecture without biases, in nested layers too: what theorems on strong tickets and searches for supermasks assume. */
export function withoutBias(architecture: Architecture): Architecture {
  const bare = (layer: Layer): Layer => {
    if (layer.type === 'dense' || layer.type === 'convolution') return { ...layer, bias: false };
    return mapNested(layer, (layers) => layers.map(bare));
  };
  return { ...architecture, layers: architecture.layers.map(bare) };
}
