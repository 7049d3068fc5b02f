/** Tickets whose kernels are in another basis: their files, their rewinding, what they store, and the way to plain networks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '@tensorflow/tfjs';
import { type Arrays, firstDifference, get, mapArrays, ndArray, pick, size } from '../../src/array.js';
import { UserError } from '../../src/check.js';
import { kept, maskable } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { type BasisName, bases } from '../../src/model/bases/bases.js';
import type { Basis } from '../../src/model/bases/basis.js';
import { fromBasis, inBasis, type NetworkBasis, openBasis } from '../../src/model/bases/networkBasis.js';
import { mlp } from '../../src/model/families/mlp.js';
import { forward } from '../../src/model/forward.js';
import { initialise } from '../../src/model/initialise.js';
import { openTensorflow, tf } from '../../src/model/tensorflow.js';
import { prune } from '../../src/prune/prune.js';
import { stream } from '../../src/random.js';
import { magnitude } from '../../src/score/magnitude.js';
import { canonicalTicket } from '../../src/ticket/canonicalTicket.js';
import { childTicket } from '../../src/ticket/childTicket.js';
import { compact } from '../../src/ticket/compact.js';
import { denseTicket } from '../../src/ticket/denseTicket.js';
import { factorise } from '../../src/ticket/factorise.js';
import { randomReinitialise } from '../../src/ticket/randomReinitialise.js';
import { decodeTensors, encodeTensors } from '../../src/ticket/safetensors.js';
import { storedNumbers } from '../../src/ticket/storedNumbers.js';
import type { Ticket } from '../../src/ticket/ticket.js';
import { decodeTicket, encodeTicket } from '../../src/ticket/ticketFile.js';
import { ticketHash } from '../../src/ticket/ticketHash.js';
import { smallArchitectures } from '../fixtures/smallArchitectures.js';

await openTensorflow();
const close = (a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number, what: string): void => {
  assert.equal(a.length, b.length);
  for (let i = 0; i < a.length; i++)
    assert.ok(Math.abs((a[i] as number) - (b[i] as number)) <= tolerance, `${what} at ${i}: ${a[i]} and ${b[i]}`);
};

/** A pruned ticket of that basis, with biases that are not 0. */
async function ticketIn(name: BasisName, architecture: Architecture, fraction = 0.6): Promise<Ticket> {
  const trained = initialise(architecture, 11, 'heNormal');
  const basis = openBasis(name, architecture, { seed: 4, trained, initial: initialise(architecture, 3, 'heNormal') });
  const dense = denseTicket(architecture, 3, 'heNormal', basis);
  const random = stream(6, 'biases');
  const weights = Object.fromEntries(
    Object.entries(dense.weights).map(([key, { shape, values }]) => [
      key,
      /(bias|beta)$/.test(key)
        ? ndArray(
            shape,
            values.map(() => random.normal() / 4),
          )
        : { shape, values },
    ]),
  );
  const coefficients = inBasis(basis, trained);
  const names = Object.keys(dense.mask);
  const evidence = { weights: pick(coefficients, names), initial: pick(weights, names), mask: dense.mask, random };
  const { granularity } = bases[name] as Basis;
  const mask = prune(dense.mask, await magnitude.score(evidence), {
    amount: { fraction },
    scope: 'layerwise',
    exclude: names.filter((key) => key === 'output/kernel'),
    ...(granularity && { granularity, aggregate: 'l2' }),
  });
  return childTicket(dense, { mask, weights }, 'prune and rewind');
}

const logits = (architecture: Architecture, weights: Arrays): Float32Array =>
  tf.tidy(() => {
    const random = stream(8, 'images');
    const x = tf.tensor4d(
      Float32Array.from({ length: 5 * 64 }, () => random.normal()),
      [5, 8, 8, 1],
    );
    const tensors = Object.fromEntries(
      Object.entries(weights).map(([key, { shape, values }]) => [key, tf.tensor(values, [...shape]) as Tensor]),
    );
    return Float32Array.from(forward(architecture, tensors, x).dataSync());
  });

for (const name of Object.keys(bases) as BasisName[]) {
  test(`${name}: a ticket is saved and read back bit by bit, whole or by its kept coefficients`, async () => {
    for (const key of ['mlp', 'residual blocks']) {
      const ticket = await ticketIn(name, smallArchitectures[key] as Architecture);
      for (const keptOnly of [false, true]) {
        const found = decodeTicket(encodeTicket(ticket, { keptOnly }));
        assert.deepEqual(found, ticket);
        assert.equal(ticketHash(found), ticketHash(ticket));
      }
    }
  });

  test(`${name}: rewinding and fresh weights are projected on the kept directions`, async () => {
    const network = smallArchitectures['mlp'] as Architecture;
    const ticket = await ticketIn(name, network);
    const [start, fresh] = [initialise(network, 3, 'heNormal'), initialise(network, 9, 'heNormal')];
    for (const [own, origin] of [
      [ticket, start],
      [randomReinitialise(ticket, 9, 'heNormal'), fresh],
    ] as const) {
      const kernel = get(origin, 'dense1/kernel').values;
      const offset = ticket.basis?.coordinates['dense1/kernel']?.offset?.values ?? new Float32Array(kernel.length);
      const projected = get(fromBasis(own.basis, own.weights), 'dense1/kernel').values;
      // What a projection leaves out is at right angles to what it keeps.
      const product = kernel.reduce((sum, w, i) => {
        const [whole, part] = [w - (offset[i] as number), (projected[i] as number) - (offset[i] as number)];
        return sum + (whole - part) * part;
      }, 0);
      assert.ok(Math.abs(product) < 1e-5, `${product}`);
    }
  });

  test(`${name}: written in weights, the network is the same`, async () => {
    for (const network of Object.values(smallArchitectures)) {
      const ticket = await ticketIn(name, network);
      const plain = canonicalTicket(ticket);
      assert.equal(plain.basis, undefined);
      close(logits(network, plain.weights), logits(network, fromBasis(ticket.basis, ticket.weights)), 1e-5, network.name);
      assert.equal(kept(plain.mask), ticket.basis === undefined ? kept(ticket.mask) : maskable(ticket.mask));
    }
  });
}

test('a basis is part of what a ticket is: equal numbers in two bases are two tickets', async () => {
  const ticket = await ticketIn('dct', smallArchitectures['mlp'] as Architecture);
  const { basis: _, ...plain } = ticket;
  const other = { ...ticket, basis: openBasis('haar', ticket.architecture) as NetworkBasis };
  assert.equal(new Set([ticket, plain, other].map(ticketHash)).size, 3);
});

test('the hash of a ticket without a basis is what it was before there were any', () => {
  const ticket: Ticket = {
    architecture: { name: 'tiny', input: [1, 2, 1], layers: [{ type: 'flatten' }, { type: 'dense', name: 'd', units: 2, bias: false }] },
    mask: { 'd/kernel': { shape: [2, 2], values: Uint8Array.of(1, 0, 0, 1) } },
    weights: { 'd/kernel': ndArray([2, 2], [1, 0, 0, 2]) },
    origin: { parent: null, operator: 'initialise', options: {} },
  };
  assert.equal(ticketHash(ticket), '8398347e400e');
});

test('a file with a broken basis is refused with the reason', async () => {
  const ticket = await ticketIn('randomOrthogonal', mlp('mlp-6', [6], [4, 4, 1], 3));
  const { arrays, metadata } = decodeTensors(encodeTicket(ticket));
  const { packed: _, ...rest } = metadata as Record<string, string>;
  const masks = Object.keys(arrays).filter((key) => key.endsWith('.mask'));
  const refused = (change: object, header: object, reason: RegExp): void => {
    const altered = Object.fromEntries(Object.entries({ ...arrays, ...change }).filter(([, array]) => array !== undefined));
    const words = Object.fromEntries(Object.entries({ ...rest, ...header }).filter(([, text]) => text !== undefined));
    const bytes = encodeTensors(altered as never, words as never, masks);
    assert.throws(
      () => decodeTicket(bytes),
      (error: Error) => error instanceof UserError && reason.test(error.message),
    );
  };
  const first = get(arrays, 'dense1/kernel.basis0') as ReturnType<typeof ndArray>;
  const header = rest['basis'] as string;
  refused(
    { 'dense1/kernel.basis0': mapArrays({ a: first }, (x) => 2 * x)['a'] },
    {},
    /expected orthonormal rows, found rows 0 and 0 with product 4/,
  );
  refused({ 'dense1/kernel.basis0': mapArrays({ a: first }, () => Number.NaN)['a'] }, {}, /expected orthonormal rows/);
  refused({ 'dense1/kernel.basis0': ndArray([2, 8], first.values) }, {}, /expected a matrix of shape \[4,4\], found \[2,8\]/);
  refused({ 'dense1/kernel.basis0': undefined }, {}, /missing array 'dense1\/kernel.basis0'/);
  refused({ 'dense1/kernel.basis9': first }, {}, /mismatched basis of the ticket file/);
  refused({}, { basis: undefined }, /missing basis in the header of the ticket file/);
  refused({}, { basis: '{"name":"x"}' }, /invalid basis of the ticket file/);
  refused({}, { basis: header.replace('"view":[4,4,6]', '"view":[4,4,7]') }, /expected a view of 96 weights, found \[4,4,7\]/);
  refused({}, { basis: header.replace('"name":"randomOrthogonal"', '"name":"dct"') }, /hash of the ticket file/);
});

test('what needs weights refuses coefficients and says what to do; a ticket of units is made compact as it is', async () => {
  const network = mlp('mlp-10-8', [10, 8], [8, 8, 1], 4);
  for (const name of ['dct', 'lowRank'] as const) {
    const ticket = await ticketIn(name, network);
    assert.throws(
      () => compact(ticket),
      /expected weights, found coefficients in the basis '(dct|lowRank)'; write it in weights with 'canonicalTicket'/,
    );
    assert.doesNotThrow(() => compact(canonicalTicket(ticket)));
  }
  const units = await ticketIn('units', network);
  const small = compact(units);
  // Of 10 and 8 units 4 and 3 are left.
  assert.deepEqual(
    ['dense1/kernel', 'dense2/kernel', 'output/kernel'].map((key) => get(small.mask, key).shape),
    [
      [64, 4],
      [4, 3],
      [3, 4],
    ],
  );
  close(logits(small.architecture, small.weights), logits(network, units.weights), 1e-5, 'compact');
  assert.equal(storedNumbers(units), 64 * 4 + 4 * 3 + 3 * 4);
});

test('stored are coefficients, and of an adaptive basis also the vectors that they use', async () => {
  const network = mlp('mlp-10', [10], [8, 8, 1], 4);
  const dct = await ticketIn('dct', network);
  // Two fifths of 640 are kept, and the output's 40; as weights nearly all are not 0.
  assert.equal(storedNumbers(dct), 256 + 40);
  const dense = get(fromBasis(dct.basis, dct.weights), 'dense1/kernel').values;
  assert.ok(dense.filter((w) => w !== 0).length > 600);
  const low = await ticketIn('lowRank', network);
  // 4 components of 10 are left: 4 * 64 coefficients and 4 vectors of 10. The output [10, 4] is whole: its 40, not 40 + 16.
  assert.equal(storedNumbers(low), 4 * (64 + 10) + 40);
});

test('a ticket of low rank is a network of thinner layers with the same outputs, as large as was counted', async () => {
  for (const [network, fraction] of [
    [mlp('mlp-12-8', [12, 8], [8, 8, 1], 4), 0.75],
    [smallArchitectures['residual blocks'] as Architecture, 0.75],
    [smallArchitectures['convolution and max pooling'] as Architecture, 0.75],
    // So little is pruned that products would be larger: layers stay.
    [mlp('mlp-12-8', [12, 8], [8, 8, 1], 4), 0.1],
  ] as const) {
    const ticket = await ticketIn('lowRank', network, fraction);
    const small = factorise(ticket);
    close(logits(small.architecture, small.weights), logits(network, fromBasis(ticket.basis, ticket.weights)), 1e-5, network.name);
    const numbers = Object.entries(small.weights).filter(([key]) => key.endsWith('/kernel'));
    assert.equal(
      numbers.reduce((sum, [, { shape }]) => sum + size(shape), 0),
      storedNumbers(ticket),
    );
    assert.equal(small.architecture.layers.length > network.layers.length || network.name === 'resnet', fraction > 0.5);
    assert.deepEqual(decodeTicket(encodeTicket(small)), small);
  }
  const dct = await ticketIn('dct', mlp('mlp-10', [10], [8, 8, 1], 4));
  assert.throws(() => factorise(dct), /use a ticket of the basis 'lowRank'/);
  assert.throws(() => factorise(canonicalTicket(dct)), /found no basis; use 'compact'/);
  const low = await ticketIn('lowRank', mlp('mlp-10', [10], [8, 8, 1], 4));
  const bits = get(low.mask, 'dense1/kernel').values.slice();
  bits[bits.indexOf(1)] = 0;
  const holed = { ...low, mask: { ...low.mask, 'dense1/kernel': { shape: [64, 10], values: bits } } };
  assert.throws(() => factorise(holed), /expected whole components, found 63 of 64/);
  assert.equal(firstDifference(low.weights, holed.weights), undefined);
});
