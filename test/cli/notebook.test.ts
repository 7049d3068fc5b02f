/** `neoteny notebook` as a person types it. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { chromiumPath } from '../../src/figure/picture/browserPng.js';
import { fixtures } from '../notebook/kernelClient.js';
import { temporaryFolder } from '../run/folders.js';
import { neoteny } from './cli.js';

const squares = join(fixtures, 'squares.ipynb');

test('list: every notebook with its title', async () => {
  const { code, out } = await neoteny(['notebook', 'list', '--json']);
  assert.equal(code, 0);
  const entries = JSON.parse(out) as { name: string; title: string; cells: number; executed: number; size: number }[];
  assert.deepEqual(entries.map(({ name }) => name).slice(0, 3), ['00-quickstart', '01-juvenile', '02-lottery']);
  for (const { title, cells, executed, size } of entries) assert.ok(title.length > 10 && executed <= cells && cells > 5 && size > 1000);
  assert.match((await neoteny(['notebook'])).out, /02-lottery +The lottery ticket hypothesis on LeNet-300-100/);
});

test('run: checked parameters, a copy, the exit code of the notebook', async (t) => {
  const out = join(temporaryFolder(t), 'copy.ipynb');
  const ran = await neoteny(['notebook', 'run', squares, '-p', 'count=4', '-p', 'title=five', '--scale', 'smoke', '-o', out]);
  assert.equal(ran.code, 0, ran.err);
  assert.match(fs.readFileSync(out, 'utf8'), /\[ 1, 4, 9, 16 \]/);
  const [name, type, listed] = await Promise.all([
    neoteny(['notebook', 'run', squares, '-p', 'cont=4']),
    neoteny(['notebook', 'run', squares, '-p', 'count=many', '-o', out]),
    neoteny(['notebook', 'run', '02', '--parameters']),
  ]);
  assert.equal(name.code, 2);
  assert.match(name.err, /unknown parameter: 'cont'\. Did you mean 'count'\?/);
  assert.equal(type.code, 1);
  assert.match(type.err, /not assignable to type 'number'/);
  assert.match(listed.out, /replicates: number/);
});

test('names: the beginning of one will do, if it is of one only', async () => {
  const [several, none, scale] = await Promise.all([
    neoteny(['notebook', 'export', '0']),
    neoteny(['notebook', 'export', '02-lotery']),
    neoteny(['notebook', 'run', '02', '--scale', 'tiny']),
  ]);
  assert.deepEqual([several.code, none.code, scale.code], [65, 65, 2]);
  assert.match(several.err, /expected one notebook, found 00-quickstart, 01-juvenile/);
  assert.match(none.err, /unknown notebook: '02-lotery'\. Did you mean '02-lottery'\?/);
});

test('export: a page, Markdown, and paper where there is a browser', async (t) => {
  const folder = temporaryFolder(t);
  const [html, md, pdf] = ['html', 'md', 'pdf'].map((ending) => join(folder, `squares.${ending}`)) as [string, string, string];
  const page = await neoteny(['notebook', 'export', squares, '-o', html]);
  assert.equal(page.code, 0, page.err);
  assert.match(fs.readFileSync(html, 'utf8'), /<h1[^>]*>Sums/);
  const text = await neoteny(['notebook', 'export', squares, '--to', 'md', '-o', md]);
  assert.equal(text.code, 0, text.err);
  assert.match(fs.readFileSync(md, 'utf8'), /^# Sums\n[\s\S]*\[ 1, 4, 9 \]/);
  const paper = await neoteny(['notebook', 'export', squares, '--to', 'pdf', '-o', pdf]);
  if (hasChromium()) {
    assert.equal(paper.code, 0, paper.err);
    assert.equal(fs.readFileSync(pdf).subarray(0, 5).toString(), '%PDF-');
  } else {
    assert.equal(paper.code, 65);
    assert.match(paper.err, /missing Chromium for a PDF/);
  }
});

function hasChromium(): boolean {
  try {
    return chromiumPath() !== '';
  } catch {
    return false;
  }
}
