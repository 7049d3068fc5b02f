/** Shapes, parameters and costs of an architecture, worked out without TensorFlow. */
import { invalid, UserError } from '../check.js';
import type { Architecture, Layer, Parameter, Shape } from './architecture.js';
import { nested } from './nested.js';
import { kindOf, multiplyAddsOf, outputShapeOf, parametersOf } from './layers/kinds.js';

/** All parameters and statistics in forward order. @throws UserError for shapes that do not fit and names used twice */
export function parameters(architecture: Architecture): readonly Parameter[] {
  checkHeads(architecture.name, architecture.layers, true);
  const list = parametersOf(architecture.layers, architecture.input);
  const seen = new Set<string>();
  for (const { name, layer } of list) {
    if (seen.has(name)) throw invalid(`architecture '${architecture.name}'`, 'a name for each layer', `two layers named '${layer}'`);
    if (layer === '' || layer.includes('/') || layer.startsWith('__')) {
      throw new UserError(`invalid layer name '${layer}' in '${architecture.name}': expected letters, digits and dots, without '/'`);
    }
    seen.add(name);
  }
  return list;
}

/** Heads stand at the very end: nothing could read several outputs. */
function checkHeads(name: string, layers: readonly Layer[], outermost: boolean): void {
  layers.forEach((layer, i) => {
    if (layer.type === 'heads' && !(outermost && i === layers.length - 1))
      throw invalid(`place of the heads of '${name}'`, 'the last layer of the architecture', 'layers around or after them');
    for (const inner of nested(layer)) checkHeads(name, inner, false);
  });
}

/** The parameters that a mask may prune. */
export function prunable(architecture: Architecture): readonly Parameter[] {
  return parameters(architecture).filter((p) => p.prunable);
}

/** Shape of one output: [classes] for a classifier. */
export function outputShape(architecture: Architecture): Shape {
  return outputShapeOf(architecture.layers, architecture.input);
}

/** How many numbers the parameters hold, statistics not counted. */
export function parameterCount(architecture: Architecture): number {
  return parameters(architecture)
    .filter((p) => p.trainable)
    .reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
}

/** Multiply-adds of one example's dense forward pass. */
export function multiplyAdds(architecture: Architecture): number {
  return multiplyAddsOf(architecture.layers, architecture.input);
}

/** Layers with kernels on the longest path from input to output; a residual block counts its longer side, heads the longest. */
export function depth(architecture: Architecture): number {
  const longest = (layers: readonly Layer[]): number =>
    layers.reduce((sum, layer) => {
      const inside = nested(layer);
      if (inside.length > 0) return sum + Math.max(...inside.map(longest));
      return sum + (layer.type === 'dense' || layer.type === 'convolution' ? 1 : 0);
    }, 0);
  return longest(architecture.layers);
}

/** Each top-level layer with the shapes that enter and leave it. */
export function layerShapes(architecture: Architecture): readonly { layer: Layer; input: Shape; output: Shape }[] {
  let shape = architecture.input;
  return architecture.layers.map((layer) => {
    const input = shape;
    shape = kindOf(layer).outputShape(layer, input);
    return { layer, input, output: shape };
  });
}
