import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { cacheFolder } from '../../src/dataset/cacheFolder.js';

test('NEOTENY_CACHE comes first, then XDG_CACHE_HOME, then the home folder', () => {
  assert.equal(cacheFolder({ NEOTENY_CACHE: '/a', XDG_CACHE_HOME: '/b' }), '/a');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/b' }), '/b/neoteny');
  assert.equal(cacheFolder({ NEOTENY_CACHE: '', XDG_CACHE_HOME: '' }), join(homedir(), '.cache', 'neoteny'));
  assert.equal(cacheFolder({ XDG_CACHE_HOME: 'relative' }), join(homedir(), '.cache', 'neoteny'));
  assert.equal(cacheFolder({ NEOTENY_CACHE: 'here' }), join(process.cwd(), 'here'));
});
