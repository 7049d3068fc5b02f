import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from '../../src/ticket/parseJson.js';

test('parseJson agrees with JSON.parse on what JSON.stringify writes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      fc.pre(!text.includes('"__proto__"'));
      assert.deepEqual(parseJson(text, 'text'), JSON.parse(text));
    }),
  );
});

test('parseJson refuses names that are there twice, however they are written', () => {
  assert.throws(() => parseJson('{"a":1,"a":2}', 'text'), /each name once.*'a'/);
  assert.throws(() => parseJson('{"a":1,"\\u0061" : 2}', 'text'), /each name once/);
  assert.throws(() => parseJson('[{"x":{"b":[{}],"c":"\\"","b":0}}]', 'text'), /each name once.*'b'/);
  assert.deepEqual(parseJson('[{"a":"a"},{"a":"a:"}]', 'text'), [{ a: 'a' }, { a: 'a:' }]);
});

test('parseJson reads a file that an editor marked as UTF-8', () => {
  assert.deepEqual(parseJson('\uFEFF{"a":1}', 'file'), { a: 1 });
});

test('parseJson refuses __proto__ and text that is not JSON', () => {
  assert.throws(() => parseJson('{"__proto__":{"x":1}}', 'header'), /header.*__proto__/);
  assert.throws(() => parseJson('{"a":', 'header'), { name: 'UserError', message: /header is not JSON/ });
});
