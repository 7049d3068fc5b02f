/** `neoteny data scenes` and `neoteny data look`, as a user types them. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { neoteny } from './cli.js';

test('scenes are written, drawn, and looked at', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scenes-'));
  try {
    const made = await neoteny(['data', 'scenes', folder, '--count', '5', '--size', '64', '--split', 'test', '--json']);
    assert.equal(made.code, 0, made.err);
    const picture = join(folder, 'look', 'picture.png');
    const seen = await neoteny(['data', 'look', folder, '--picture', picture, '--json']);
    assert.equal(seen.code, 0, seen.err);
    const [first, second] = [made.out, seen.out].map((text) => JSON.parse(text) as Record<string, unknown>);
    assert.equal(first?.['images'], 5);
    for (const field of ['images', 'objects', 'crowds', 'masks', 'keypoints']) assert.equal(second?.[field], first?.[field], field);
    assert.equal((await readFile(picture)).subarray(1, 4).toString('latin1'), 'PNG');
    const neither = await neoteny(['data', 'look', join(folder, 'test')]);
    assert.match(neither.err, /a COCO folder has annotations/);
    assert.notEqual(neither.code, 0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
