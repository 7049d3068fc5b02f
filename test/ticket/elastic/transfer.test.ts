/** Transfers against tensors picked by hand from the names of blocks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arrays, get, mapEach } from '../../../src/array.js';
import { density, kept, type Mask } from '../../../src/mask.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { architecture } from '../../../src/model/families/families.js';
import { resnet } from '../../../src/model/families/resnet.js';
import { stream } from '../../../src/random.js';
import { certifyTransfer } from '../../../src/ticket/elastic/certifyTransfer.js';
import { elasticMapping } from '../../../src/ticket/elastic/elasticMapping.js';
import { elasticTransfer } from '../../../src/ticket/elastic/elasticTransfer.js';
import { parseMapping, printMapping } from '../../../src/ticket/elastic/mapping.js';
import { parameterSources } from '../../../src/ticket/elastic/parameterSources.js';
import { childTicket } from '../../../src/ticket/childTicket.js';
import { denseTicket } from '../../../src/ticket/denseTicket.js';
import { randomMask } from '../../../src/ticket/randomMask.js';
import type { Ticket } from '../../../src/ticket/ticket.js';
import { ticketHash } from '../../../src/ticket/ticketHash.js';

const small = (blocks: number): Architecture => resnet(`small-${blocks}`, blocks, 2, [8, 8, 1], 4);
const mlp = (layers: number): Architecture => architecture(`mlp-9x${layers}-5`, [4, 4, 1], 3);

/** A ticket whose every number is another, statistics and biases too, and its weights before the mask. */
function ticketOf(network: Architecture, keep = 0.4): { ticket: Ticket; weights: Arrays } {
  const dense = denseTicket(network, 1, 'heNormal');
  const random = stream(2, 'numbers');
  const weights = mapEach(dense.weights, ({ shape, values }) => ({ shape, values: values.map(() => 1 + random.uniform()) }));
  const mask = randomMask(dense.mask, stream(3, 'mask'), { keep: Math.round(keep * kept(dense.mask)) });
  return { ticket: childTicket(dense, { mask, weights }, 'prune and rewind', { level: 1 }), weights };
}

test('blocks carry masks, weights, BatchNorm and its running statistics; input and output layers are taken over', () => {
  const { ticket, weights } = ticketOf(small(3));
  const moved = elasticTransfer(ticket, small(5), parseMapping('0:0;1:1,3;2:2,4'), { weights });
  const from = [0, 1, 2, 1, 2];
  let compared = 0;
  for (const [name, { values }] of Object.entries(moved.weights)) {
    const block = /^(stage\d\.block)(\d)(.*)$/.exec(name);
    const source = block === null ? name : `${block[1]}${(from[Number(block[2]) - 1] as number) + 1}${block[3]}`;
    const mask = moved.mask[name]?.values;
    assert.deepEqual(mask, ticket.mask[source]?.values);
    assert.deepEqual(
      values,
      get(weights, source).values.map((w, i) => (mask?.[i] === 0 ? 0 : w)),
    );
    compared++;
  }
  // Three stages of five blocks: two convolutions and two norms of four arrays, two shortcuts with theirs; input and output.
  assert.equal(compared, 15 * 10 + 2 * 5 + 5 + 2);
  assert.ok(Object.keys(moved.weights).includes('stage3.block5.norm2/variance'));
  assert.equal(moved.origin.parent, ticketHash(ticket));
  assert.deepEqual(moved.origin.options, { from: 'small-3', mapping: '0:0;1:1,3;2:2,4' });
});

test('copies share no memory', () => {
  const { ticket, weights } = ticketOf(mlp(2));
  const moved = elasticTransfer(ticket, mlp(4), elasticMapping(mlp(2), mlp(4)), { weights });
  const buffers = [...Object.values(moved.weights), ...Object.values(moved.mask)].map(({ values }) => values.buffer);
  assert.equal(new Set(buffers).size, buffers.length);
  assert.ok(!buffers.includes(get(ticket.mask, 'dense2/kernel').values.buffer));
});

test('the control permutes the masks of replicas only, keeps their counts, and has weights at the new places', () => {
  const { ticket, weights } = ticketOf(small(3));
  const mapping = parseMapping('0:0;1:1,3;2:2,4');
  const plain = elasticTransfer(ticket, small(5), mapping, { weights });
  const control = elasticTransfer(ticket, small(5), mapping, { weights, permuteCopies: stream(4, 'permute') });
  for (const [name, { values }] of Object.entries(control.mask)) {
    const block = Number(/block(\d)/.exec(name)?.[1] ?? 1);
    const same = String(values) === String(get(plain.mask, name).values);
    assert.equal(same, block < 4, name);
    assert.equal(kept({ [name]: get(control.mask, name) }), kept({ [name]: get(plain.mask, name) }));
    const w = get(control.weights, name).values;
    assert.ok(values.every((m, i) => (m === 1) === (w[i] !== 0)));
  }
  const evidence = { level: 1, source: { architecture: small(3), mask: ticket.mask, weights }, mapping: printMapping(mapping) };
  const target = { architecture: small(5), mask: control.mask, weights: control.weights };
  assert.throws(() => certifyTransfer({ ...evidence, target }), /mask of 'stage1.block4.conv1\/kernel' is not that of its source/);
  assert.equal(certifyTransfer({ ...evidence, target, permuted: true }).kept, kept(plain.mask));
});

test('the sparsity drifts as the copied blocks say', () => {
  const { ticket, weights } = ticketOf(mlp(2));
  const halved: Mask = { ...ticket.mask, 'dense2/kernel': { shape: [9, 9], values: new Uint8Array(81).fill(0).fill(1, 0, 9) } };
  const source = childTicket(ticket, { mask: halved, weights }, 'prune and rewind', { level: 2 });
  const moved = elasticTransfer(source, mlp(4), elasticMapping(mlp(2), mlp(4)), { weights });
  // Two more copies of a layer that keeps 9 of 81.
  assert.equal(kept(moved.mask), kept(halved) + 2 * 9);
  const certificate = certifyTransfer({
    ...{ level: 2, mapping: String(moved.origin.options['mapping']) },
    source: { architecture: mlp(2), mask: halved, weights },
    target: { architecture: mlp(4), mask: moved.mask, weights: moved.weights },
  });
  assert.equal(certificate['sparsity'], 1 - density(moved.mask));
  assert.ok(Math.abs(Number(certificate['drift']) - (density(halved) - density(moved.mask))) < 1e-12);
});

test('the certificate finds a bit that is not its source, in a weight, a statistic or a mask', () => {
  const { ticket, weights } = ticketOf(small(2));
  const mapping = elasticMapping(small(2), small(3));
  const moved = elasticTransfer(ticket, small(3), mapping, { weights });
  const source = { architecture: small(2), mask: ticket.mask, weights };
  const certify = (target: { mask: Mask; weights: Arrays }) =>
    certifyTransfer({ level: 1, source, target: { architecture: small(3), ...target }, mapping: printMapping(mapping) });
  assert.equal(certify(moved).kept, kept(moved.mask));
  for (const name of ['stage2.block3.norm1/mean', 'stage1.block2.conv2/kernel', 'output/bias', 'conv/kernel']) {
    const values = get(moved.weights, name).values.slice();
    const at = values.findIndex((v) => v !== 0);
    new Uint32Array(values.buffer)[at]! ^= 1;
    const changed = { ...moved.weights, [name]: { ...get(moved.weights, name), values } };
    assert.throws(() => certify({ mask: moved.mask, weights: changed }), new RegExp(`'${name}' does not hold the bits`));
  }
});

test('every parameter of every pair has a source, and a block without one is an error', () => {
  for (const from of [2, 3, 5]) {
    for (const to of [2, 3, 5]) {
      const sources = parameterSources(small(from), small(to), elasticMapping(small(from), small(to)));
      assert.deepEqual(Object.keys(sources), Object.keys(denseTicket(small(to), 1, 'zeros').weights));
    }
  }
  const refuse = (text: string, reason: RegExp) => assert.throws(() => parameterSources(small(3), small(5), parseMapping(text)), reason);
  refuse('0:0;1:1,3;2:2', /unmapped block 4 \('stage1.block5'\) in stage 0/);
  refuse('0:0;1:1,3;2:2,4|0:0;1:1,3;2:2,4|0:0;1:1', /unmapped block 2 \('stage3.block3'\) in stage 2/);
  refuse('0:0;1:1,3;2:2,4,5', /target block 5 in stage 0/);
  refuse('0:0;1:1,3;3:2,4', /unknown source block 3/);
  refuse('0:0;1:1,3;2:2,4|0:0', /expected 3 stages, or one for all, found 2/);
  // The block that down-samples has a layer in its shortcut: it cannot stand where none is, nor the other way about.
  refuse('0:0,3;1:1;2:2,4', /residual block with a layer in its shortcut/);
  refuse('1:0,3;0:1;2:2,4', /residual block/);
});

test('only layers of equal shape replace each other', () => {
  assert.throws(() => parameterSources(mlp(2), mlp(3), parseMapping('0:0,1;1:2|0:0')), /'dense2\/kernel'.*\[16,9\].*\[9,9\].*equal shape/);
  assert.throws(() => parameterSources(mlp(2), architecture('mlp-8x3-5', [4, 4, 1], 3), parseMapping('0:0;1:1,2|0:0')), /equal shape/);
  assert.throws(() => parameterSources(mlp(2), architecture('mlp-9x3-5', [4, 4, 1], 4), parseMapping('0:0;1:1,2|0:0')), /'output\/kernel'/);
  assert.throws(() => parameterSources(mlp(2), small(2), parseMapping('0:0;1:1')), /two members of one family/);
});

test('one part stands for all stages, and those of one block are taken over', () => {
  const [one, all] = ['0:0;1:1,2', '0:0;1:1,2|0:0'].map((text) => parameterSources(mlp(2), mlp(3), parseMapping(text)));
  assert.deepEqual(one, all);
});
