import type { Layer } from './architecture.js';

/**
 * The lists of layers that stand inside a layer: the body and the shortcut of a residual block, the heads; none in other layers.
 * @example nested({ type: 'flatten' }) // => []
 */
export function nested(layer: Layer): readonly (readonly Layer[])[] {
  if (layer.type === 'residual') return [layer.body, layer.shortcut ?? []];
  return layer.type === 'heads' ? layer.heads.map(({ layers }) => layers) : [];
}

/** The layer with each list inside it edited; a layer without lists as it is. An absent shortcut stays absent. */
export function mapNested(layer: Layer, edit: (layers: readonly Layer[]) => readonly Layer[]): Layer {
  if (layer.type === 'residual') {
    return { ...layer, body: edit(layer.body), ...(layer.shortcut && { shortcut: edit(layer.shortcut) }) };
  }
  return layer.type === 'heads' ? { ...layer, heads: layer.heads.map((head) => ({ ...head, layers: edit(head.layers) })) } : layer;
}
