/** What every data set of the list must hold to, without loading it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { datasets } from '../../src/dataset/datasets.js';
import { type DatasetDefinition, contentBytes } from '../../src/dataset/definition.js';
import { contentChecksum } from '../../src/dataset/describe.js';

for (const [name, definition] of Object.entries<DatasetDefinition>(datasets)) {
  test(`${name} is described whole`, () => {
    assert.equal(definition.name, name);
    assert.equal(definition.mean.length, definition.shape[2]);
    assert.equal(definition.std.length, definition.shape[2]);
    assert.ok(definition.sources.length >= 2, 'a source other than the site');
    assert.equal(new Set(definition.content.map((file) => file.name)).size, definition.content.length);
    for (const file of definition.content) {
      assert.match(file.sha256, /^[0-9a-f]{64}$/);
      assert.match(file.name, /^[\w-]+$/);
    }
    for (const split of ['train', 'test']) {
      const count = (kind: string): number =>
        definition.content.filter((f) => f.split === split && f.kind === kind).reduce((sum, f) => sum + f.count, 0);
      assert.ok(count('images') > 0);
      assert.equal(count('images'), count('labels'));
    }
  });
}

test('bytes of a content file', () => {
  assert.equal(contentBytes(datasets.mnist, datasets.mnist.content[0] as (typeof datasets.mnist.content)[0]), 47_040_000);
});

test('the check-sum names the content: it is that of the lines of sha256sum', () => {
  // Computed with: printf 'aa  x\nbb  y\n' | sha256sum
  const content = [
    { name: 'x', sha256: 'aa' },
    { name: 'y', sha256: 'bb' },
  ] as unknown as DatasetDefinition['content'];
  assert.equal(contentChecksum({ ...datasets.mnist, content }), 'bdc1646e495d6303c14700be72eff2716bb6a82c3a3b422aebfe7b97427e3104');
});
