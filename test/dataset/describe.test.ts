import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe } from '../../src/dataset/describe.js';
import { loadDefinition } from '../../src/dataset/loadDataset.js';
import { newFolder, tiny, writeFiles } from './tiny.js';

test('counts, bytes and sources', async () => {
  const folder = newFolder();
  writeFiles(folder);
  const told = describe(await loadDefinition(tiny(), { validation: 0, folder }));
  assert.deepEqual(told.parts.train, { count: 6, perClass: [2, 2, 2] });
  assert.deepEqual(told.parts.validation, { count: 0, perClass: [0, 0, 0] });
  assert.deepEqual(told.parts.test, { count: 3, perClass: [1, 1, 1] });
  assert.equal(told.bytes, 9 * 5);
  assert.deepEqual(told.sources, []);
  assert.equal(told.sha256, undefined);
});
