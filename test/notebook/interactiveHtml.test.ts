/** A notebook as one offline page, opened in a DOM that runs its scripts and may fetch nothing. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fixtures } from './kernelClient.js';
import { runTool } from './tools.js';

const folder = mkdtempSync(join(tmpdir(), 'html-'));
after(() => rmSync(folder, { recursive: true }));

function notebookWith(name: string, edit: (cells: { source: string[]; outputs: object[] }[]) => void): string {
  const notebook = JSON.parse(readFileSync(join(fixtures, 'squares.ipynb'), 'utf8')) as {
    cells: { source: string[]; outputs: object[] }[];
  };
  edit(notebook.cells);
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(notebook));
  return path;
}

test('figures are calls of one inlined Plotly, formulas are MathML, nothing comes from the network', async () => {
  const figure = {
    output_type: 'display_data',
    metadata: {},
    data: {
      'application/vnd.plotly.v1+json': { data: [{ x: [1], y: [2], name: '</script><b>' }], layout: {} },
      'image/png': 'aGk=',
      'text/plain': 'Figure',
    },
  };
  const path = notebookWith('figures.ipynb', (cells) => cells[2]?.outputs.push(figure, figure));
  const page = join(folder, 'page.html');
  const { code, out, err } = await runTool('interactive-html.mjs', [path, page]);
  assert.equal(code, 0, err);
  assert.match(out, /2 interactive figures/);
  const html = readFileSync(page, 'utf8');
  assert.equal(html.match(/plotly\.js v4/g)?.length, 1);
  assert.equal(html.match(/Plotly\.newPlot\("figure-\d"/g)?.length, 2);
  assert.ok(html.includes('\\u003c/script>\\u003cb>') && !html.includes('</script><b>'));
  assert.match(html, /<math [^>]*display="inline".*∑/);
  assert.doesNotMatch(html, /<script[^>]+src=|<link[^>]+href="http/);
  assert.ok(statSync(page).size < 8e6);
});

test('without figures Plotly is left out; a remote picture is refused', async () => {
  const small = join(folder, 'small.html');
  assert.equal((await runTool('interactive-html.mjs', [join(fixtures, 'squares.ipynb'), small])).code, 0);
  assert.ok(statSync(small).size < 1e6);
  const remote = notebookWith('remote.ipynb', (cells) => cells[0]?.source.push('\n![logo](https://example.org/logo.png)'));
  const refused = await runTool('interactive-html.mjs', [remote, join(folder, 'remote.html')]);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /needs the network for https:\/\/example\.org\/logo\.png/);
  assert.equal((await runTool('interactive-html.mjs', [join(folder, 'absent.ipynb')])).code, 2);
});
