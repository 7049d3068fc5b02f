import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ndArray } from '../../src/array.js';
import { UserError } from '../../src/check.js';
import { applyMask, mask } from '../../src/mask.js';
import type { Architecture } from '../../src/model/architecture.js';
import { stream } from '../../src/random.js';
import { decodeTensors, encodeTensors } from '../../src/ticket/safetensors.js';
import type { Ticket } from '../../src/ticket/ticket.js';
import { decodeTicket, encodeTicket } from '../../src/ticket/ticketFile.js';
import { ticketHash } from '../../src/ticket/ticketHash.js';

const architecture: Architecture = {
  name: 'tiny',
  input: [1, 2, 1],
  layers: [{ type: 'flatten' }, { type: 'dense', name: 'dense1', units: 3 }],
};
const bits = mask({ 'dense1/kernel': { shape: [2, 3], values: [1, 0, 1, 0, 0, 1] } });
const ticket: Ticket = {
  architecture,
  mask: bits,
  weights: { 'dense1/kernel': ndArray([2, 3], [0.5, 0, -1, 0, 0, 2]), 'dense1/bias': ndArray([3], [1, -0, 3]) },
  origin: { parent: '0123456789ab', operator: 'prune', options: { fraction: 0.5, scope: 'global', final: null } },
};

test('a ticket comes back as it was, whole or with its kept weights only', () => {
  assert.deepEqual(decodeTicket(encodeTicket(ticket)), ticket);
  assert.deepEqual(decodeTicket(encodeTicket(ticket, { keptOnly: true })), ticket);
});

test('the arrays of the file are what Python sees', () => {
  const { arrays } = decodeTensors(encodeTicket(ticket, { keptOnly: true }));
  assert.deepEqual(arrays['dense1/kernel'], ndArray([3], [0.5, -1, 2]));
  assert.deepEqual(arrays['dense1/kernel.mask'], bits['dense1/kernel']);
  assert.deepEqual(Object.keys(arrays), ['dense1/kernel', 'dense1/bias', 'dense1/kernel.mask']);
});

test('a sparse ticket is small when only kept weights are stored', () => {
  const random = stream(1, 'ticket');
  const big: Architecture = {
    name: 'big',
    input: [1, 100, 1],
    layers: [{ type: 'flatten' }, { type: 'dense', name: 'd', units: 100, bias: false }],
  };
  const m = mask({
    'd/kernel': { shape: [100, 100], values: Uint8Array.from({ length: 10_000 }, () => (random.uniform() < 0.05 ? 1 : 0)) },
  });
  const weights = applyMask(
    {
      'd/kernel': ndArray(
        [100, 100],
        Float32Array.from({ length: 10_000 }, () => random.normal()),
      ),
    },
    m,
  );
  const sparse: Ticket = { architecture: big, mask: m, weights, origin: { parent: null, operator: 'prune', options: {} } };
  // 40,000 bytes of weights against about 500 * 4, and 1,250 of mask.
  assert.ok(encodeTicket(sparse).length > 41_250);
  assert.ok(encodeTicket(sparse, { keptOnly: true }).length < 5_000);
  assert.deepEqual(decodeTicket(encodeTicket(sparse, { keptOnly: true })), sparse);
});

test('the hash is over everything, by name, and is the same for both file forms', () => {
  // Worked out beside the code: canonical JSON, then mask bits 1 + 4 + 32 = 37, then the weights by sorted name.
  const json =
    '{"architecture":{"input":[1,2,1],"layers":[{"type":"flatten"},{"name":"dense1","type":"dense","units":3}],"name":"tiny"},' +
    '"mask":{"dense1/kernel":[2,3]},"origin":{"operator":"prune","options":{"final":null,"fraction":0.5,"scope":"global"},"parent":"0123456789ab"},' +
    '"weights":{"dense1/bias":[3],"dense1/kernel":[2,3]}}';
  const weights = Buffer.from(Float32Array.of(1, -0, 3, 0.5, 0, -1, 0, 0, 2).buffer);
  const expected = createHash('sha256').update(json).update(Uint8Array.of(37)).update(weights).digest('hex').slice(0, 12);
  assert.equal(ticketHash(ticket), expected);
  const { 'dense1/kernel': kernel, 'dense1/bias': bias } = ticket.weights as Required<typeof ticket.weights>;
  assert.equal(ticketHash({ ...ticket, weights: { 'dense1/bias': bias as never, 'dense1/kernel': kernel as never } }), expected);
});

test('the hash changes with a weight, a mask bit, a layer and the parent', () => {
  const others: Ticket[] = [
    { ...ticket, weights: { ...ticket.weights, 'dense1/bias': ndArray([3], [1, 0, 3]) } },
    { ...ticket, mask: mask({ 'dense1/kernel': { shape: [2, 3], values: [1, 1, 1, 0, 0, 1] } }) },
    { ...ticket, architecture: { ...architecture, layers: [...architecture.layers, { type: 'activation', function: 'relu' }] } },
    { ...ticket, origin: { ...ticket.origin, parent: null } },
  ];
  assert.equal(new Set([ticket, ...others].map(ticketHash)).size, 5);
});

test('a ticket that breaks its own rules is not written', () => {
  const pruned = { ...ticket, weights: { ...ticket.weights, 'dense1/kernel': ndArray([2, 3], [1, 9, 1, 0, 0, 1]) } };
  assert.throws(() => encodeTicket(pruned), { name: 'UserError', message: /pruned weight 1 of 'dense1\/kernel'.*expected 0, found 9/ });
  const { 'dense1/bias': _, ...without } = ticket.weights as Record<string, never>;
  assert.throws(() => encodeTicket({ ...ticket, weights: without }), /missing 'dense1\/bias'/);
  const other = mask({ 'dense1/kernel': { shape: [3, 2], values: [1, 0, 1, 0, 0, 1] } });
  assert.throws(() => encodeTicket({ ...ticket, mask: other }), /mask of the ticket.*\[2,3\].*\[3,2\]/);
});

/** The file with some of its header's texts and arrays replaced. */
function altered(texts: Record<string, string>, replaced: Record<string, ReturnType<typeof ndArray>> = {}): Uint8Array {
  const { arrays, metadata } = decodeTensors(encodeTicket(ticket));
  return encodeTensors({ ...arrays, ...replaced }, { ...metadata, ...texts }, ['dense1/kernel.mask']);
}

test('an altered file is refused with a UserError', () => {
  const files = {
    'another weight': altered({}, { 'dense1/bias': ndArray([3], [1, 2, 3]) }),
    'a weight too many': altered({}, { 'dense2/bias': ndArray([3], [1, 2, 3]) }),
    'another shape': altered({}, { 'dense1/bias': ndArray([4], [1, 2, 3, 4]) }),
    'another origin': altered({ origin: '{"operator":"prune","options":{},"parent":null}' }),
    'an origin that is a list': altered({ origin: '[]' }),
    'an architecture without layers': altered({ architecture: '{"name":"x","input":[1,1,1]}' }),
    'layers that are null': altered({ architecture: '{"name":"x","input":[1,1,1],"layers":[null]}' }),
    'a layer of no known type': altered({ architecture: '{"name":"x","input":[1,1,1],"layers":[{"type":"toString"}]}' }),
    'units that are a text': altered({ architecture: '{"name":"x","input":[2],"layers":[{"type":"dense","name":"dense1","units":"3"}]}' }),
    'another format': altered({ format: 'x' }),
    'kept weights of no parameter': altered({ kept: '["x"]' }),
    'kept weights that are not a list': altered({ kept: '{}' }),
    'kept weights that are not as many': altered({ kept: '["dense1/kernel"]' }),
    'no ticket': encodeTensors({ a: ndArray([1], [1]) }),
  };
  for (const [what, bytes] of Object.entries(files)) assert.throws(() => decodeTicket(bytes), UserError, what);
});
