import type { Architecture, Layer } from './architecture.js';

/** The architecture without biases, in residual blocks too: what theorems on strong tickets and searches for supermasks assume. */
export function withoutBias(architecture: Architecture): Architecture {
  const bare = (layer: Layer): Layer => {
    if (layer.type === 'dense' || layer.type === 'convolution') return { ...layer, bias: false };
    if (layer.type !== 'residual') return layer;
    return { ...layer, body: layer.body.map(bare), ...(layer.shortcut && { shortcut: layer.shortcut.map(bare) }) };
  };
  return { ...architecture, layers: architecture.layers.map(bare) };
}
