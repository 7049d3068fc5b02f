/** Each rule of tools/lintNotebooks.mjs, by a notebook that breaks just that one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { fixtures, root } from './kernelClient.js';

const { lintNotebook } = (await import(pathToFileURL(join(root, 'tools/lintNotebooks.mjs')).href)) as {
  lintNotebook: (notebook: object, bytes?: number) => string[];
};

function notebook(sources: readonly string[], outputs: readonly object[] = []): object {
  const cells = sources.map((source, i) => ({
    cell_type: 'code',
    source,
    execution_count: i + 1,
    outputs: i === sources.length - 1 ? outputs : [],
  }));
  return { metadata: { kernelspec: { name: 'tslab' } }, cells };
}

test('a clean notebook', () => {
  assert.deepEqual(lintNotebook(JSON.parse(readFileSync(join(fixtures, 'squares.ipynb'), 'utf8')) as object), []);
  const fine = [
    'import { show } from "neoteny"; import { table } from "arquero"; import { join } from "node:path"; import fs from "fs";',
    'const a = 1; const all = { a };',
    'const b = { a: a }; const f = (a: number) => ({ a }); for (const show of [1]) console.log({ show });',
    'const { a: c } = { a: 1 } as any;'.replace('a: c', '"a": c'),
    'await null; for await (const x of []) {}',
  ];
  assert.deepEqual(lintNotebook(notebook(fine)), []);
  const page =
    '<table><tr><td style="text-align: left">3 &lt; 4, one=1</td></tr></table><img alt="m" src="data:image/png;base64,AAAA"> <a href="https://arxiv.org/abs/1803.03635">a</a>';
  assert.deepEqual(lintNotebook(notebook(['1'], [shown({ 'text/html': page, 'text/markdown': 'a < b, `<script>` is $x$' })])), [
    // Markdown is not parsed: what looks like an element in code is taken for one, which is safe.
    'cell 0: holds Markdown with <script>, which readers that sanitize cut out',
  ]);
});

const shown = (data: object): object => ({ output_type: 'display_data', data: { 'text/plain': 'a', ...data } });
const faults: readonly (readonly [RegExp, readonly string[], (readonly object[])?])[] = [
  [/cell 1: shorthand \{ a \}/, ['const a = 1;', 'const b = { a };']],
  [/cell 1: shorthand \{ join \}/, ['import { join } from "node:path";', 'const f = () => ({ join });']],
  [/cell 0: renaming destructuring \{ a: /, ['const { a: b } = { a: 1 };']],
  [/for await as the only await/, ['for await (const x of []) {}']],
  [/imports '\.\.\/src\/mask'/, ['import { m } from "../src/mask";']],
  [/imports 'lodash'/, ['const l = await import("lodash");']],
  [/does not parse/, ['const = 3']],
  [/names a path of this machine: \/home\/ann/, ['const data = "/home/ann/data";']],
  [/path of this machine in its output: \/Users\/ann/, ['1'], [{ output_type: 'stream', name: 'stdout', text: ['at /Users/ann/x.js\n'] }]],
  [/holds an error: RangeError: no/, ['1'], [{ output_type: 'error', ename: 'RangeError', evalue: 'no', traceback: [] }]],
  [
    /no cell waited for: UnhandledPromiseRejection: Error: lost/,
    ['1'],
    [{ output_type: 'stream', name: 'stderr', text: ['UnhandledPromiseRejection: Error: lost\n'] }],
  ],
  [/holds Plotly as HTML/, ['1'], [shown({ 'text/html': '<script>Plotly.newPlot("a", [])</script>' })]],
  [/holds a figure without a picture/, ['1'], [shown({ 'application/vnd.plotly.v1+json': { data: [] } })]],
  [/holds a figure beside HTML/, ['1'], [shown({ 'application/vnd.plotly.v1+json': {}, 'image/png': 'x', 'text/html': '<p>' })]],
  // What GitHub's and VS Code's readers cut out or do not know.
  [/holds HTML with <script>/, ['1'], [shown({ 'text/html': '<b>a</b><SCRIPT>alert(1)</SCRIPT>' })]],
  [/holds HTML with <style>/, ['1'], [shown({ 'text/html': ['<style>\n', 'td { color: red }</style><table></table>'] })]],
  [/holds Markdown with <iframe>/, ['1'], [shown({ 'text/markdown': '*a* <iframe>' })]],
  [/holds HTML with an event handler/, ['1'], [shown({ 'text/html': '<b onclick="x()">a</b>' })]],
  [/with <a> of 'javascript:x\(\)'/, ['1'], [shown({ 'text/html': "<a href='javascript:x()'>a</a>" })]],
  [/with <img> of 'https:\/\/example.org\/a.png'/, ['1'], [shown({ 'text/html': '<p><img alt="a" src=https://example.org/a.png></p>' })]],
  [/with <img> of 'data:image\/svg\+xml/, ['1'], [shown({ 'text/html': '<img src="data:image/svg+xml;base64,AAAA">' })]],
  [/holds application\/javascript, which not all readers show/, ['1'], [shown({ 'application/javascript': 'x()' })]],
  [/holds no plain text/, ['1'], [{ output_type: 'display_data', data: { 'text/html': '<b>a</b>' } }]],
];
test('every fault is found, and nothing else', () => {
  for (const [expected, sources, outputs] of faults) {
    const found = lintNotebook(notebook(sources, outputs));
    assert.equal(found.length, 1, `${expected}: ${found.join(' | ')}`);
    assert.match(found[0] ?? '', expected);
  }
});

test('kernel, size and order of execution', () => {
  const { cells } = notebook(['1', '2']) as { cells: { execution_count: number | null }[] };
  assert.match(
    lintNotebook({ metadata: { kernelspec: { name: 'jslab' } }, cells })[0] ?? '',
    /mismatched kernel: expected 'tslab', found 'jslab'/,
  );
  assert.match(lintNotebook(notebook(['1']), 1_000_000)[0] ?? '', /invalid size: expected less than 1 MB, found 1\.0 MB/);
  assert.match(
    lintNotebook({ metadata: { kernelspec: { name: 'tslab' } }, cells: [...cells].reverse() })[0] ?? '',
    /mismatched execution count: expected 1, found 2/,
  );
  assert.match(
    lintNotebook({ metadata: { kernelspec: { name: 'tslab' } }, cells: [{ ...cells[0], execution_count: null }] })[0] ?? '',
    /found null/,
  );
});
