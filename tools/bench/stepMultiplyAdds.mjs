/** How many multiply-adds one training step needs, and so how fast it can be at best. */
import { multiplyAdds, layerShapes } from '../../dist/src/model/shapes.js';

/**
 * Multiply-adds of one step of a dense network: forward, gradient of the weights, and gradient of the inputs, each as many as the
 * forward pass, but for the first layer with weights, whose input is the data and needs no gradient. Element-wise work (activations,
 * BatchNorm, pooling, the optimizer) is not counted, so the limit that follows is never reached.
 * @param architecture with a first weighted layer outside any residual block, as all families here have
 */
export function stepMultiplyAdds(architecture, batchSize) {
  const forward = multiplyAdds(architecture);
  const first = layerShapes(architecture).find(({ layer }) => layer.type === 'dense' || layer.type === 'convolution');
  const ofFirst = first === undefined ? 0 : multiplyAdds({ ...architecture, input: first.input, layers: [first.layer] });
  return batchSize * (3 * forward - ofFirst);
}
