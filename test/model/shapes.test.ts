/** Shapes, costs and the errors of architectures that do not fit together. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { size } from '../../src/array.js';
import type { Architecture, Layer } from '../../src/model/architecture.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { depth, layerShapes, multiplyAdds, parameterCount, parameters, prunable } from '../../src/model/shapes.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { withoutLayers } from '../../src/model/withoutLayers.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';

await openTensorflow();
const net = (layers: readonly Layer[], input: readonly number[] = [6, 6, 2]): Architecture => ({ name: 'net', input, layers });

for (const [name, architecture] of Object.entries(smallArchitectures)) {
  test(`${name}: the shapes worked out are those of the forward pass, layer by layer`, () => {
    const weights = Object.fromEntries(
      Object.entries(initialise(architecture, 0)).map(([key, { shape, values }]) => [key, tf.tensor(values, [...shape])]),
    );
    const x = tf.ones([3, ...architecture.input]);
    layerShapes(architecture).forEach(({ output }, i) => {
      const part = { ...architecture, layers: architecture.layers.slice(0, i + 1) };
      assert.deepEqual(forward(part, weights, x).shape, [3, ...output]);
    });
    assert.equal(
      parameterCount(architecture),
      parameters(architecture).reduce((sum, p) => sum + (p.trainable ? size(p.shape) : 0), 0),
    );
  });
}

test('parameters of a block stand where it stands, in the order kernel, bias, gamma, beta, mean, variance', () => {
  const architecture = net([
    { type: 'convolution', name: 'a', filters: 3, size: 3 },
    {
      type: 'residual',
      name: 'r',
      body: [
        { type: 'convolution', name: 'b', filters: 4, size: 1, bias: false },
        { type: 'batchNorm', name: 'n' },
      ],
      shortcut: [{ type: 'convolution', name: 's', filters: 4, size: 1, bias: false }],
    },
    { type: 'globalAveragePool' },
    { type: 'dense', name: 'o', units: 5 },
  ]);
  const names = ['a/kernel', 'a/bias', 'b/kernel', 'n/gamma', 'n/beta', 'n/mean', 'n/variance', 's/kernel', 'o/kernel', 'o/bias'];
  assert.deepEqual(
    parameters(architecture).map((p) => p.name),
    names,
  );
  assert.deepEqual(
    prunable(architecture).map((p) => p.name),
    ['a/kernel', 'b/kernel', 's/kernel', 'o/kernel'],
  );
  // 3 3 2 3 + 3 + 3 4 + 4 + 4 + 3 4 + 4 5 + 5; the longer path counts three kernels.
  assert.equal(parameterCount(architecture), 54 + 3 + 12 + 8 + 12 + 25);
  assert.equal(depth(architecture), 3);
  // 36 places: 54, 12 and 12 multiply-adds each, then 20.
  assert.equal(multiplyAdds(architecture), 36 * (54 + 12 + 12) + 20);
  const [kernel] = parameters(architecture);
  assert.deepEqual([kernel?.fanIn, kernel?.fanOut], [18, 27]);
});

describe('refused', () => {
  const flat: Layer = { type: 'flatten' };
  const dense: Layer = { type: 'dense', name: 'd', units: 2 };
  const refuse = (what: string, layers: readonly Layer[], message: RegExp): void => {
    test(what, () => assert.throws(() => parameters(net(layers)), { name: 'UserError', message }));
  };
  refuse('dense without flatten', [dense], /input of dense layer 'd': expected one axis \(put a flatten before it\), found '\[6,6,2\]'/);
  refuse('convolution after flatten', [flat, { type: 'convolution', name: 'c', filters: 1, size: 1 }], /input of convolution 'c'/);
  refuse('pooling after flatten', [flat, { type: 'maxPool', size: 2 }, dense], /input of maxPool/);
  refuse(
    'a window larger than the image',
    [{ type: 'convolution', name: 'c', filters: 1, size: 7, padding: 'valid' }],
    /at least 7 pixels a side/,
  );
  refuse('one name twice', [flat, dense, dense], /two layers named 'd'/);
  refuse('a name with a slash', [flat, { ...dense, name: 'a/b' }], /layer name 'a\/b'/);
  refuse('an empty name', [flat, { ...dense, name: '' }], /layer name ''/);
  refuse(
    'a block whose sides differ',
    [{ type: 'residual', name: 'r', body: [{ type: 'maxPool', size: 2 }] }, flat],
    /residual block 'r'.*\[3,3,2\].*\[6,6,2\]/,
  );
  refuse(
    'an index that select does not find',
    [flat, { type: 'select', name: 's', indices: [72] }, dense],
    /select layer 's': expected a whole number below 72, found 72/,
  );
  refuse('an unknown type', [{ type: 'lstm' } as never], /unknown layer type: 'lstm'/);
  refuse('a type from the prototype', [{ type: 'constructor' } as never], /unknown layer type: 'constructor'/);
});

test('withoutLayers takes the type out of blocks too, and leaves the architecture it was given', () => {
  const architecture = smallArchitectures['a block and dropout'] as Architecture;
  const before = JSON.stringify(architecture);
  assert.ok(!JSON.stringify(withoutLayers(architecture, 'activation')).includes('"type":"activation"'));
  assert.ok(!JSON.stringify(withoutLayers(architecture, 'dropout')).includes('"type":"dropout"'));
  assert.equal(JSON.stringify(architecture), before);
});
