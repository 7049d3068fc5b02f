/** Bases by numbers that others printed, and what every basis promises, run over the list. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Arrays, firstDifference, get, mapArrays, type NdArray, ndArray, pick, size } from '../../../src/array.js';
import type { Architecture } from '../../../src/model/architecture.js';
import type { Basis } from '../../../src/model/bases/basis.js';
import { type BasisName, bases } from '../../../src/model/bases/bases.js';
import { type Coordinates, toCoefficients, toKernel } from '../../../src/model/bases/coordinates.js';
import { cosineMatrix } from '../../../src/model/bases/dct.js';
import { haarMatrix } from '../../../src/model/bases/haar.js';
import { hadamardMatrix } from '../../../src/model/bases/hadamard.js';
import { type Axis, type Kernel, kernelAxes } from '../../../src/model/bases/kernelAxes.js';
import { fromBasis, inBasis, openBasis } from '../../../src/model/bases/networkBasis.js';
import { completed, randomOrthonormal } from '../../../src/model/bases/orthonormal.js';
import { twoFactors } from '../../../src/model/bases/randomOrthogonal.js';
import { singularVectors } from '../../../src/model/bases/singularVectors.js';
import { architecture } from '../../../src/model/families/families.js';
import { initialise } from '../../../src/model/initialise.js';
import { prunable } from '../../../src/model/shapes.js';
import { stream } from '../../../src/random.js';
import { smallArchitectures } from '../../fixtures/smallArchitectures.js';

const names = Object.keys(bases) as BasisName[];
const drawn = (shape: readonly number[], seed = 1): NdArray => {
  const random = stream(seed, 'kernel');
  return ndArray(
    shape,
    Float32Array.from({ length: size(shape) }, () => random.normal()),
  );
};
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what = ''): void => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance, `${what} at ${i}: ${a[i]} and ${b[i]}`);
};

/** The largest entry of |M M^T - I|. */
function fromIdentity({ shape, values }: NdArray): number {
  const [n = 0, m = 0] = shape;
  let most = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? -1 : 0;
      for (let k = 0; k < m; k++) sum += (values[i * m + k] as number) * (values[j * m + k] as number);
      most = Math.max(most, Math.abs(sum));
    }
  }
  return most;
}

describe('matrices of one axis', () => {
  for (const [name, matrixOf] of Object.entries({
    cosineMatrix,
    haarMatrix,
    hadamardMatrix,
    randomOrthonormal: (n: number) => randomOrthonormal(n, stream(n, 'matrix')),
  })) {
    test(`${name} is orthonormal at every size`, () => {
      for (const n of [...Array.from({ length: 41 }, (_, i) => i + 1), 64, 100, 127, 300]) {
        const matrix = matrixOf(n);
        assert.deepEqual(matrix.shape, [n, n]);
        assert.ok(fromIdentity(matrix) < 1e-6, `${name}(${n})`);
      }
    });
  }

  test('DCT-II of the block that explains JPEG', () => {
    // Wikipedia, "JPEG", section "Discrete cosine transform": the block less 128, and its coefficients to two digits, row by row.
    const block = [
      [52, 55, 61, 66, 70, 61, 64, 73],
      [63, 59, 55, 90, 109, 85, 69, 72],
      [62, 59, 68, 113, 144, 104, 66, 73],
      [63, 58, 71, 122, 154, 106, 70, 69],
      [67, 61, 68, 104, 126, 88, 68, 70],
      [79, 65, 60, 70, 77, 68, 58, 75],
      [85, 71, 64, 59, 55, 61, 65, 83],
      [87, 79, 69, 68, 65, 76, 78, 94],
    ].flat();
    const published = [
      [-415.38, -30.19, -61.2, 27.24, 56.12, -20.1, -2.39, 0.46],
      [4.47, -21.86, -60.76, 10.25, 13.15, -7.09, -8.54, 4.88],
      [-46.83, 7.37, 77.13, -24.56, -28.91, 9.93, 5.42, -5.65],
      [-48.53, 12.07, 34.1, -14.76, -10.24, 6.3, 1.83, 1.95],
      [12.12, -6.55, -13.2, -3.95, -1.87, 1.75, -2.79, 3.14],
      [-7.73, 2.91, 2.38, -5.94, -2.38, 0.94, 4.3, 1.85],
      [-1.03, 0.18, 0.42, -2.42, -0.88, -3.02, 4.12, -0.66],
      [-0.17, 0.14, -1.07, -4.19, -1.17, -0.1, 0.5, 1.68],
    ].flat();
    const kernel = ndArray(
      [8, 8],
      Float32Array.from(block, (x) => x - 128),
    );
    const found = toCoefficients(kernel, { view: [8, 8], matrices: [cosineMatrix(8), cosineMatrix(8)] });
    close(found.values, published, 0.00501);
  });

  test('Haar of 8 points, and of 3', () => {
    const [half, quarter, root] = [Math.SQRT1_2, 0.5, Math.sqrt(1 / 8)];
    // The orthonormal Haar matrix of order 8: Wikipedia, "Haar wavelet", section "Haar matrix", rows divided by their norms.
    const rows = [
      [root, root, root, root, root, root, root, root],
      [root, root, root, root, -root, -root, -root, -root],
      [quarter, quarter, -quarter, -quarter, 0, 0, 0, 0],
      [0, 0, 0, 0, quarter, quarter, -quarter, -quarter],
      [half, -half, 0, 0, 0, 0, 0, 0],
      [0, 0, half, -half, 0, 0, 0, 0],
      [0, 0, 0, 0, half, -half, 0, 0],
      [0, 0, 0, 0, 0, 0, half, -half],
    ];
    close(haarMatrix(8).values, rows.flat(), 1e-7);
    // By hand: the constant, two against one, and the two against each other.
    const third = Math.sqrt(1 / 3);
    close(haarMatrix(3).values, [third, third, third, Math.sqrt(1 / 6), Math.sqrt(1 / 6), -Math.sqrt(2 / 3), half, -half, 0], 1e-7);
  });

  test('Hadamard of 4 is that of Sylvester, of 6 it has blocks of 4 and 2', () => {
    const four = [
      [1, 1, 1, 1],
      [1, -1, 1, -1],
      [1, 1, -1, -1],
      [1, -1, -1, 1],
    ];
    assert.deepEqual(
      [...hadamardMatrix(4).values],
      four.flat().map((x) => x / 2),
    );
    const six = hadamardMatrix(6).values;
    for (let i = 0; i < 4; i++) assert.deepEqual([six[i * 6 + 4], six[i * 6 + 5], six[24 + i], six[30 + i]], [0, 0, 0, 0]);
    close(six.slice(28, 30), [Math.SQRT1_2, Math.SQRT1_2], 1e-7);
    close(six.slice(34, 36), [Math.SQRT1_2, -Math.SQRT1_2], 1e-7);
  });

  test('a random rotation prefers no direction: entries have mean 0 and variance 1 / n, also on the diagonal', () => {
    const n = 5;
    const count = 4000;
    const random = stream(4, 'rotations');
    let [sum, squares, diagonal] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const { values } = randomOrthonormal(n, random);
      sum += values[1] as number;
      squares += (values[1] as number) ** 2;
      diagonal += values[0] as number;
    }
    // Standard errors are sqrt(1 / n / count) = 0.007 for the means, and less for the square.
    assert.ok(Math.abs(sum / count) < 0.03);
    assert.ok(Math.abs(diagonal / count) < 0.03);
    assert.ok(Math.abs(squares / count - 1 / n) < 0.02);
  });

  test('long axes have two factors', () => {
    assert.deepEqual([28, 100, 300, 784, 97].map(twoFactors), [[28], [10, 10], [15, 20], [28, 28], [97]]);
  });

  test('vectors are completed to a basis that begins with them', () => {
    const random = stream(5, 'start');
    const start = randomOrthonormal(9, random).values;
    const given = [0, 1, 2].map((k) => Float64Array.from(start.subarray(k * 9, k * 9 + 9)));
    const whole = completed(given, 9);
    assert.ok(fromIdentity(whole) < 1e-6);
    close(whole.values.subarray(0, 27), start.subarray(0, 27), 1e-6);
    // A vector of zeros, as a singular value of 0 has, is replaced.
    assert.ok(fromIdentity(completed([given[0] as Float64Array, new Float64Array(9)], 9)) < 1e-6);
  });
});

test('axes know what they stand for', () => {
  const roles = ({ axes }: { axes: readonly Axis[] }): string => axes.map(({ role, size: n }) => `${role} ${n}`).join(', ');
  assert.deepEqual(kernelAxes(architecture('lenet-300-100', [28, 28, 1], 10)).map(roles), [
    'pixels 28, pixels 28, inputs 1, outputs 300',
    'inputs 300, outputs 100',
    'inputs 100, outputs 10',
  ]);
  // The first dense layer reads 6 x 6 pixels of 16 channels.
  assert.deepEqual(kernelAxes(architecture('lenet-5', [32, 32, 3], 10)).map(roles), [
    'kernels 5, kernels 5, inputs 3, outputs 6',
    'kernels 5, kernels 5, inputs 6, outputs 16',
    'pixels 6, pixels 6, inputs 16, outputs 120',
    'inputs 120, outputs 84',
    'inputs 84, outputs 10',
  ]);
  for (const network of Object.values(smallArchitectures)) {
    const kernels = kernelAxes(network);
    assert.deepEqual(
      kernels.map(({ name }) => name),
      prunable(network).map(({ name }) => name),
    );
    for (const { axes, shape } of kernels) assert.equal(size(axes.map((axis) => axis.size)), size(shape));
    assert.deepEqual(
      kernels.map(({ last }) => last),
      kernels.map((_, i) => i === kernels.length - 1),
    );
  }
  // After some features are left out, no pixel is where it was.
  const cut: Architecture = {
    name: 'cut',
    input: [2, 2, 1],
    layers: [{ type: 'flatten' }, { type: 'select', name: 's', indices: [0, 3] }, { type: 'dense', name: 'd', units: 3 }],
  };
  assert.deepEqual(kernelAxes(cut).map(roles), ['inputs 2, outputs 3']);
});

const kernels: Kernel[] = [
  [
    { role: 'pixels', size: 4 },
    { role: 'pixels', size: 3 },
    { role: 'inputs', size: 2 },
    { role: 'outputs', size: 5 },
  ],
  [
    { role: 'kernels', size: 3 },
    { role: 'kernels', size: 3 },
    { role: 'inputs', size: 1 },
    { role: 'outputs', size: 7 },
  ],
  [
    { role: 'inputs', size: 33 },
    { role: 'outputs', size: 2 },
  ],
  [
    { role: 'inputs', size: 3 },
    { role: 'outputs', size: 11 },
  ],
  [
    { role: 'inputs', size: 1 },
    { role: 'outputs', size: 1 },
  ],
].map((axes, i) => {
  const sizes = (axes as Axis[]).map((axis) => axis.size);
  const shape = sizes.length === 4 && i === 0 ? [24, 5] : sizes;
  return { name: `k${i}/kernel`, shape, axes: axes as Axis[], last: false };
});

for (const name of names) {
  describe(`basis ${name}`, () => {
    const basis: Basis = bases[name];
    const coordinatesOf = (kernel: Kernel, axes = basis.axes): Coordinates =>
      basis.coordinates(kernel, {
        axes,
        random: stream(2, kernel.name),
        trained: drawn(kernel.shape, 3),
        initial: drawn(kernel.shape, 4),
      });

    test('the vectors of all coefficients together are orthonormal', () => {
      for (const kernel of kernels) {
        for (const axes of [basis.axes, ['pixels', 'kernels', 'inputs', 'outputs'] as const, ['outputs'] as const, []]) {
          const coordinates = coordinatesOf(kernel, axes);
          const n = size(kernel.shape);
          const zero = toKernel(ndArray(kernel.shape), coordinates).values;
          const rows = ndArray([n, n]);
          for (let k = 0; k < n; k++) {
            const unit = ndArray(kernel.shape);
            unit.values[k] = 1;
            toKernel(unit, coordinates).values.forEach((w, i) => {
              rows.values[k * n + i] = w - (zero[i] as number);
            });
          }
          assert.ok(fromIdentity(rows) < 2e-6, `${kernel.name} with [${axes}]`);
        }
      }
    });

    test('coefficients and back are the weights, and matrices are small', () => {
      for (const network of [...Object.values(smallArchitectures), architecture('lenet-5', [28, 28, 1], 10)]) {
        const weights = initialise(network, 7, 'heNormal');
        const [trained, initial] = [initialise(network, 8, 'heNormal'), initialise(network, 9, 'heNormal')];
        const own = openBasis(name, network, { seed: 3, trained, initial });
        const there = inBasis(own, weights);
        assert.deepEqual(Object.keys(there), Object.keys(weights));
        const back = fromBasis(own, there);
        for (const key of Object.keys(weights)) {
          assert.deepEqual(get(there, key).shape, get(weights, key).shape);
          close(get(back, key).values, get(weights, key).values, 2e-6, key);
        }
        const rest = Object.keys(weights).filter((key) => !key.endsWith('/kernel'));
        assert.equal(firstDifference(pick(there, rest), pick(weights, rest)), undefined);
        for (const { view, matrices } of Object.values(own?.coordinates ?? {}))
          matrices.forEach((matrix, axis) => matrix && assert.deepEqual(matrix.shape, [view[axis], view[axis]]));
        assert.deepEqual(openBasis(name, network, { seed: 3, trained, initial }), own, 'same seed, same basis');
      }
    });

    test('what it needs and was not given is named', () => {
      const network = smallArchitectures['mlp'] as Architecture;
      if (basis.needs.length === 0) return assert.doesNotThrow(() => openBasis(name, network));
      assert.throws(() => openBasis(name, network), /missing (trained|initial) weights of 'dense1\/kernel'/);
    });
  });
}

test('canonical and units change no array: there is no basis', () => {
  const network = architecture('lenet-300-100', [28, 28, 1], 10);
  for (const name of ['canonical', 'units'] as const) assert.equal(openBasis(name, network), undefined);
  assert.equal(openBasis('dct', network, { axes: [] }), undefined);
  const weights = initialise(network, 1);
  assert.equal(inBasis(undefined, weights), weights);
  assert.throws(() => openBasis('dctt' as BasisName, network), /unknown basis: 'dctt'. Did you mean 'dct'\?/);
});

test('the DCT acts on pixels alone unless told otherwise, and never makes a matrix of all weights', () => {
  const network = architecture('lenet-300-100', [28, 28, 1], 10);
  const own = openBasis('dct', network);
  assert.deepEqual(Object.keys(own?.coordinates ?? {}), ['dense1/kernel']);
  assert.deepEqual(own?.coordinates['dense1/kernel']?.view, [28, 28, 300]);
  const all = openBasis('dct', network, { axes: ['pixels', 'inputs', 'outputs'] });
  assert.deepEqual(all?.coordinates['dense2/kernel']?.view, [300, 100]);
  const random = openBasis('randomOrthogonal', network);
  assert.deepEqual(random?.coordinates['dense1/kernel']?.view, [28, 28, 15, 20]);
});

test('a constant image is one coefficient of the DCT', () => {
  const network = architecture('mlp-3', [28, 28, 1], 10);
  const weights = mapArrays(initialise(network, 1), () => 0.5);
  const { values } = get(inBasis(openBasis('dct', network), weights), 'dense1/kernel');
  // 28 x 28 pixels of 0.5: 0.5 * 28 for each unit, first in the order of frequencies.
  close(values.slice(0, 3), [14, 14, 14], 1e-4);
  assert.ok(values.slice(3).every((c) => Math.abs(c) < 1e-5));
});

test('in its own SVD basis a kernel is diagonal, and components of low rank are as long as the singular values', () => {
  const network = architecture('mlp-6', [4, 4, 1], 3);
  const trained = initialise(network, 5);
  const { values: singular } = singularVectors(get(trained, 'dense1/kernel').values, 16, 6);
  const own = get(inBasis(openBasis('svd', network, { trained }), trained), 'dense1/kernel').values;
  for (let i = 0; i < 16; i++)
    for (let j = 0; j < 6; j++)
      assert.ok(Math.abs((own[i * 6 + j] as number) - (i === j ? (singular[i] as number) : 0)) < 1e-6, `${i}, ${j}`);
  const rank = get(inBasis(openBasis('lowRank', network, { trained }), trained), 'dense1/kernel').values;
  for (let j = 0; j < 6; j++) {
    const length = Math.sqrt(Array.from({ length: 16 }, (_, i) => (rank[i * 6 + j] as number) ** 2).reduce((a, b) => a + b));
    assert.ok(Math.abs(length - (singular[j] as number)) < 1e-6);
  }
});

test('a random subspace starts at 0, which is the initial network', () => {
  const network = architecture('mlp-6', [4, 4, 1], 3);
  const initial = initialise(network, 5);
  const own = openBasis('subspace', network, { initial });
  const start: Arrays = inBasis(own, initial);
  for (const name of ['dense1/kernel', 'output/kernel']) assert.ok(get(start, name).values.every((z) => z === 0));
  assert.equal(firstDifference(fromBasis(own, start), initial), undefined);
});
