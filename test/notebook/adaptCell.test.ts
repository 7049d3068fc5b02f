/** The rewriting of cells, as text: what is rewritten, and that nothing else is. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { root } from './kernelClient.js';

const require = createRequire(join(root, 'tools/kernel.cjs'));
const ts: unknown = require(require.resolve('@tslab/typescript-for-tslab', { paths: [dirname(require.resolve('tslab/package.json'))] }));
const { adaptCell } = require('./kernel/adaptCell.cjs') as {
  adaptCell: (ts: unknown, source: string) => { source: string; original: (offset: number) => number };
};
const { guardAwaits } = require('./kernel/guardAwaits.cjs') as { guardAwaits: (ts: unknown, source: string) => string };

test('what is rewritten', () => {
  for (const [source, expected] of [
    ['f({ a, b })', 'f({ a: a, b: b })'],
    ['({ a = 1, b } = o)', '({ a: a = 1, b: b } = o)'],
    ['const { a: b = 2, ...c } = o', 'const { "a": b = 2, ...c } = o'],
    ['x => `${{ x }}`', 'x => `${{ x: x }}`'],
    ['for await (const x of y) {}', 'await null; for await (const x of y) {}'],
  ] as const) {
    assert.equal(adaptCell(ts, source).source, expected);
  }
});

test('what is not', () => {
  for (const source of [
    'import { a as b } from "c"; export { d as e }',
    'type T = { a: b }; interface I { a: b } let f: ({ a: b }: T) => void',
    '({ a: x } = o); ({ "a": 1, [b]: 2, c() {}, get d() { return 1 } })',
    'const { "a": b, [c]: d, e } = o',
    'async function f() { for await (const x of y) {} }',
    'const { a: b = ; broken { c }',
    '// { a }\n"{ a }"; /{ a }/; label: for (;;) break label;',
  ]) {
    assert.equal(adaptCell(ts, source).source, source);
  }
});

test('offsets lead back: every character that was kept to itself', () => {
  const piece = fc.constantFrom('f({ ab })', 'const { cd: ef } = o', '1 + 2', '({ gh = 1 } = o)', 'for await (const i of j) {}', '"text"');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const source = pieces.join(';\n');
      const adapted = adaptCell(ts, source);
      for (let offset = 0, last = 0; offset <= adapted.source.length; offset++) {
        const back = adapted.original(offset);
        assert.ok(back >= last && back <= source.length);
        last = back;
        // line numbers never change
        assert.equal(source.slice(0, back).split('\n').length, adapted.source.slice(0, offset).split('\n').length);
      }
      assert.equal(adapted.original(adapted.source.length), source.length);
    }),
  );
});

test('every await is guarded, nested ones too, and strings are left alone', () => {
  assert.equal(guardAwaits(ts, 'await a'), 'await __tslab__.guard(a)');
  assert.equal(
    guardAwaits(ts, 'await (await a).b(await c)'),
    'await __tslab__.guard((await __tslab__.guard(a)).b(await __tslab__.guard(c)))',
  );
  assert.equal(guardAwaits(ts, 'await await a'), 'await __tslab__.guard(await __tslab__.guard(a))');
  assert.equal(guardAwaits(ts, 'for await (const x of await y) {}'), 'for await (const x of __tslab__.each(await __tslab__.guard(y))) {}');
  assert.equal(guardAwaits(ts, '"await a" // await b'), '"await a" // await b');
});
