#!/usr/bin/env node
/**
 * Writes an executed notebook as one interactive HTML file that works offline (Plotly is inlined once, about 5 MB):
 *
 *     node tools/interactive-html.mjs NOTEBOOK.ipynb [OUT.html]
 *
 * OUT is out/NOTEBOOK.html unless named.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Writes `notebook` to `out` and returns the exit code. */
export function interactiveHtml(notebook, out = join(root, 'out', `${basename(notebook, '.ipynb')}.html`)) {
  const plotly = createRequire(import.meta.url).resolve('plotly.js-dist-min/plotly.min.js');
  const script = join(root, 'tools', 'jupyter', 'export_html.py');
  const args = [join(root, 'tools', 'jupyter.mjs'), 'python', script, notebook, relative(process.cwd(), out) || out, plotly];
  return spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [notebook, out] = process.argv.slice(2);
  if (notebook === undefined || !existsSync(notebook)) {
    console.error(
      notebook === undefined ? 'usage: node tools/interactive-html.mjs NOTEBOOK.ipynb [OUT.html]' : `neoteny: missing notebook ${notebook}`,
    );
    process.exitCode = 2;
  } else process.exitCode = interactiveHtml(notebook, out);
}
