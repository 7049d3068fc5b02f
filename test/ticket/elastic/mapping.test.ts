/** Mappings against the strings of the paper and against its rule, written out here a second time. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { UserError } from '../../../src/check.js';
import type { Architecture } from '../../../src/model/architecture.js';
import { architecture } from '../../../src/model/families/families.js';
import { stream } from '../../../src/random.js';
import { elasticMapping } from '../../../src/ticket/elastic/elasticMapping.js';
import { parseMapping, printMapping } from '../../../src/ticket/elastic/mapping.js';
import { squeezeBlocks } from '../../../src/ticket/elastic/squeezeBlocks.js';
import { stretchBlocks } from '../../../src/ticket/elastic/stretchBlocks.js';

const resnet = (depth: number): Architecture => architecture(`resnet-${depth}`, [32, 32, 3], 10);
const depths = [14, 20, 32, 44, 56];

test('the strings of the paper', () => {
  // ResNet-20 to -32 in both orders and -32 to -56, appended: mapping strings of Chen et al. 2021.
  assert.equal(printMapping(elasticMapping(resnet(20), resnet(32))), '0:0;1:1,3;2:2,4');
  assert.equal(printMapping(elasticMapping(resnet(20), resnet(32), { stretch: 'interpolate' })), '0:0;1:1,2;2:3,4');
  assert.equal(printMapping(elasticMapping(resnet(32), resnet(56))), '0:0;1:1,5;2:2,6;3:3,7;4:4,8');
});

/** For each source block how often it stands in the target: every movable one n times, the earliest once more. */
function copiesByRule(source: number, target: number): number[] {
  const copies = [1, ...Array.from({ length: source - 1 }, () => 0)];
  for (let placed = 1; placed < target; placed++) {
    const fewest = Math.min(...copies.slice(1));
    copies[1 + copies.slice(1).indexOf(fewest)]!++;
  }
  return copies;
}

/** The row that the copies make, as text. */
function textByRule(source: number, target: number, order: 'append' | 'interpolate'): string {
  const copies = copiesByRule(source, target);
  const places: number[][] = copies.map(() => []);
  let place = 0;
  if (order === 'interpolate') copies.forEach((n, block) => Array.from({ length: n }).forEach(() => places[block]!.push(place++)));
  else for (let round = 0; place < target; round++) copies.forEach((n, block) => n > round && places[block]!.push(place++));
  return places.map((targets, block) => `${block}:${targets.join(',')}`).join(';');
}

describe('all pairs of ResNet-14, -20, -32, -44 and -56', () => {
  for (const from of depths) {
    for (const to of depths) {
      const [n, m] = [(from - 2) / 6, (to - 2) / 6];
      test(`ResNet-${from} to ResNet-${to}`, () => {
        for (const [stretch, squeeze] of [
          ['append', 'consecutive'],
          ['interpolate', 'alternating'],
        ] as const) {
          const mapping = elasticMapping(resnet(from), resnet(to), { stretch, squeeze });
          assert.equal(mapping.length, 3);
          assert.deepEqual(mapping[1], mapping[0]);
          assert.deepEqual(mapping[2], mapping[0]);
          const stage = mapping[0] ?? [];
          assert.equal(stage.length, m);
          assert.equal(stage[0], 0);
          assert.equal(stage.filter((block) => block === 0).length, 1, 'the block that leads stands there once');
          if (m >= n) {
            assert.equal(printMapping(mapping), textByRule(n, m, stretch));
            continue;
          }
          assert.deepEqual(
            stage,
            [...new Set(stage)].sort((a, b) => a - b),
            'blocks that stay keep their order',
          );
          assert.equal(stage[1], 1, 'the earliest block stays');
          const dropped = Array.from({ length: n }, (_, i) => i).filter((block) => !stage.includes(block));
          const gaps = dropped.slice(1).map((block, i) => block - (dropped[i] as number));
          if (squeeze === 'consecutive') assert.ok(gaps.every((gap) => gap === 1));
          // Every other block while that is enough; never two neighbours before.
          else if (dropped.length <= Math.floor((n - 1) / 2)) assert.ok(gaps.every((gap) => gap === 2));
        }
      });
    }
  }
});

test('what is squeezed by hand', () => {
  assert.deepEqual(squeezeBlocks(9, 5, { order: 'alternating' }), [0, 1, 3, 5, 7]);
  assert.deepEqual(squeezeBlocks(9, 3, { order: 'alternating' }), [0, 1, 5]);
  assert.deepEqual(squeezeBlocks(4, 1), [0]);
  assert.deepEqual(squeezeBlocks(4, 1, { order: 'alternating' }), [0]);
  assert.deepEqual(squeezeBlocks(4, 2, { order: 'alternating', leads: false }), [0, 2]);
  assert.deepEqual(stretchBlocks(1, 3, { leads: false }), [0, 0, 0]);
  assert.deepEqual(stretchBlocks(2, 5, { leads: false }), [0, 1, 0, 1, 0]);
});

test('MLPs stretch their equal layers only, VGG its dense head', () => {
  const mlp = (n: number) => architecture(`mlp-300x${n}-100`, [28, 28, 1], 10);
  assert.equal(printMapping(elasticMapping(mlp(2), mlp(4))), '0:0;1:1,2,3|0:0');
  assert.equal(printMapping(elasticMapping(mlp(3), mlp(4), { stretch: 'interpolate' })), '0:0;1:1,2;2:3|0:0');
  assert.equal(printMapping(elasticMapping(mlp(4), mlp(2))), '0:0;1:1|0:0');
  const vgg = (n: number) => architecture(`vgg-13-${n}`, [32, 32, 3], 10);
  assert.equal(printMapping(elasticMapping(vgg(2), vgg(5))), '0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1|0:0;1:1|0:0,1,2,3');
  assert.throws(() => elasticMapping(vgg(1), vgg(2)), /stages/);
});

test('ablations say which blocks are replicated or dropped', () => {
  assert.equal(printMapping(elasticMapping(resnet(32), resnet(44), { replicate: [3, 4] })), '0:0;1:1;2:2;3:3,5;4:4,6');
  assert.equal(printMapping(elasticMapping(resnet(32), resnet(20), { drop: [1, 2] })), '0:0;3:1;4:2');
  assert.throws(() => elasticMapping(resnet(32), resnet(44), { replicate: [0] }), /cannot replicate block 0: it leads/);
  assert.throws(() => elasticMapping(resnet(32), resnet(44), { replicate: [5] }), /one of 0 to 4/);
  assert.throws(() => elasticMapping(resnet(32), resnet(20), { drop: [0, 1] }), /cannot drop block 0/);
  assert.throws(() => elasticMapping(resnet(32), resnet(20), { drop: [1] }), /expected 2 of 5/);
  assert.throws(() => elasticMapping(resnet(20), resnet(32), { stretch: 'interpolated' as never }), /unknown order .*'interpolate'/);
  assert.throws(() => elasticMapping(resnet(32), resnet(20), { squeeze: 'append' as never }), /unknown order .*consecutive, alternating/);
  assert.throws(() => elasticMapping(resnet(8), resnet(14)), /take a deeper source.*stage 0.*'resnet-8'/);
});

test('what is printed is read again', () => {
  const random = stream(3, 'mappings');
  for (let i = 0; i < 300; i++) {
    const mapping = Array.from({ length: 1 + random.integer(4) }, () => {
      const sources = 1 + random.integer(6);
      return Array.from({ length: 1 + random.integer(9) }, () => random.integer(sources));
    });
    const again = parseMapping(printMapping(mapping));
    const alike = mapping.every((stage) => String(stage) === String(mapping[0]));
    assert.deepEqual(again, alike ? [mapping[0]] : mapping);
  }
  assert.deepEqual(parseMapping(' 0 : 0 ; 1 : 1 , 2 | 0:0 '), [[0, 1, 1], [0]]);
});

describe('a mapping is read as hostile', () => {
  const bad: [string, RegExp][] = [
    ['', /invalid part ''/],
    ['|', /stage 0 of mapping/],
    ['0', /'source:target'/],
    ['0:', /'source:target'/],
    ['0:0;', /invalid part ''/],
    ['0:0,,1', /invalid part/],
    ['0:-1', /invalid part/],
    ['0:1e3', /invalid part/],
    ['0:0;1:4294967296', /invalid part/],
    ['0:0;1:1;1:2', /source block 1 stands there twice/],
    ['0:0;1:1;2:1', /target block 1 is given twice, by the source blocks 1 and 2/],
    ['0:0,0', /target block 0 is given twice/],
    ['0:0;1:2', /target block 1 has no source/],
    ['0:0|1:1', /stage 1 of mapping.*target block 0 has no source/],
    ['__proto__:0', /invalid part/],
    ['0:0;<script>:1', /invalid part/],
    ['0:0;'.repeat(5000), /at most 10000 characters/],
  ];
  for (const [text, reason] of bad) {
    test(JSON.stringify(text.slice(0, 30)), () => {
      assert.throws(
        () => parseMapping(text),
        (error: Error) => {
          assert.ok(error instanceof UserError);
          assert.ok(error.message.length < 400);
          assert.match(error.message, reason);
          return true;
        },
      );
    });
  }
  test('what is no text', () => assert.throws(() => parseMapping(7 as never), /invalid mapping/));
});
