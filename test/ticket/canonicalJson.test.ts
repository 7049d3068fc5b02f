import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '../../src/check.js';
import { canonicalJson, isPlainObject, pretty, sha256 } from '../../src/ticket/canonicalJson.js';

test('canonicalJson sorts names at every depth and leaves out undefined ones', () => {
  assert.equal(canonicalJson({ b: { z: 1, a: [true, null] }, a: 'é"\n', c: undefined }), '{"a":"é\\"\\n","b":{"a":[true,null],"z":1}}');
});

test('canonicalJson writes numbers as ECMAScript does, and -0 as 0', () => {
  assert.equal(canonicalJson([1e21, 1e-7, 0.1, -0, 100]), '[1e+21,1e-7,0.1,0,100]');
});

test('canonicalJson names the place of what JSON cannot hold', () => {
  assert.throws(() => canonicalJson({ a: [1, Number.NaN] }, 'row'), { name: 'UserError', message: /row\.a\[1\].*finite number.*NaN/ });
  assert.throws(() => canonicalJson({ a: new Float32Array(1) }), /value\.a.*Float32Array/);
  assert.throws(() => canonicalJson({ a: () => 1 }), UserError);
  assert.throws(() => canonicalJson([undefined]), UserError);
  assert.throws(() => canonicalJson({ a: 1n }), UserError);
});

test('pretty is canonical for people', () => {
  assert.equal(pretty({ b: 1, a: [] }), '{\n  "a": [],\n  "b": 1\n}\n');
});

test('sha256 of "abc" is that of FIPS 180-2, appendix B.1', () => {
  assert.equal(sha256('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('isPlainObject', () => {
  assert.deepEqual([{}, Object.create(null), [], null, new Date(0), 'x'].map(isPlainObject), [true, true, false, false, false, false]);
});
