/**
 * A real JupyterLab in a headless Chromium: the kernel is found, all cells run, and a person sees a figure, a table, a
 * progress bar and a live chart; and every notebook of the project shows all its figures as it is committed. Pictures go to out/browser. Needs Chromium: /usr/bin/chromium, or the path in CHROMIUM.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import sharp from 'sharp';
import { root } from '../notebook/kernelClient.js';

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const pictures = join(root, 'out/browser');
const token = 'test';

const cells: readonly (string | { markdown: string })[] = [
  { markdown: '# What a notebook shows\n\nA figure, a table, work in progress: $\\sum_i i^2$.' },
  'import { interruptible, liveChart, notebookParameters, progress, show } from "neoteny";\nimport { table } from "arquero";',
  'let levels = 5;',
  'notebookParameters({ levels: levels, title: "<b>not bold</b>" })',
  '({ data: [{ type: "scatter", mode: "lines+markers", name: "ticket", x: [1, 0.5, 0.25, 0.1], y: [0.97, 0.975, 0.972, 0.94] }], layout: { title: { text: "Accuracy by density" }, xaxis: { type: "log" } } })',
  'table({ level: [0, 1, 2], density: [1, 0.8, 0.64], accuracy: [0.97, 0.974, 1 / 3] })',
  `const bar = progress("level 1", 40);
const chart = liveChart({ title: "Loss", xTitle: "iteration", yTitle: "loss" });
for (let i = 1; i <= 40; i++) {
  bar.at(i, "loss " + (1 / i).toFixed(2));
  chart.add("train", i, 1 / i);
  chart.add("validation", i, 0.1 + 1 / i);
  await new Promise((resolve) => setTimeout(resolve, 60));
}
bar.finish();
await chart.finish();`,
];

const notebooks = readdirSync(join(root, 'notebooks'))
  .filter((name) => name.endsWith('.ipynb'))
  .sort();

let folder: string;
let settings: string;
let server: ChildProcess;
let address: string;
let browser: Browser;

before(async () => {
  assert.ok(
    existsSync(executable),
    `missing Chromium at ${executable}; install it (Debian: apt install chromium) or set CHROMIUM to its path`,
  );
  mkdirSync(pictures, { recursive: true });
  folder = mkdtempSync(join(root, 'out/lab-')); // within the project, where cells can import it
  settings = mkdtempSync(join(tmpdir(), 'lab-'));
  writeFileSync(join(folder, 'shown.ipynb'), JSON.stringify(notebook()));
  for (const name of notebooks) copyFileSync(join(root, 'notebooks', name), join(folder, name));
  // By default cells outside of the window are not drawn.
  const tracker = join(settings, 'lab', '@jupyterlab', 'notebook-extension');
  mkdirSync(tracker, { recursive: true });
  writeFileSync(join(tracker, 'tracker.jupyterlab-settings'), '{ "windowingMode": "none" }');
  const news = join(settings, 'lab', '@jupyterlab', 'apputils-extension');
  mkdirSync(news, { recursive: true });
  writeFileSync(join(news, 'notification.jupyterlab-settings'), '{ "fetchNews": "false" }');
  const port = await freePort();
  const args = [
    'lab',
    '--no-browser',
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--ServerApp.root_dir=${folder}`,
    `--IdentityProvider.token=${token}`,
  ];
  // What this machine's user has set must not change the pictures.
  const own = {
    JUPYTER_CONFIG_DIR: settings,
    JUPYTERLAB_SETTINGS_DIR: join(settings, 'lab'),
    JUPYTERLAB_WORKSPACES_DIR: join(settings, 'workspaces'),
  };
  server = spawn(process.execPath, [join(root, 'tools/jupyter.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...process.env, ...own },
  });
  address = `http://127.0.0.1:${port}`;
  await answers(`${address}/api/status?token=${token}`);
  browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
});

after(async () => {
  await browser?.close();
  if (server !== undefined) {
    const ended = new Promise((done) => server.once('close', done));
    server.kill('SIGTERM');
    await ended;
  }
  for (const path of [folder, settings]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
});

test('a notebook of figures, tables and progress, run by its menu', { timeout: 240_000 }, async () => {
  const page = await browser.newPage({ viewport: { width: 1200, height: 2400 } });
  try {
    await look(page);
  } finally {
    await save(page, 'lab'); // of a failure as well
  }
});

for (const name of notebooks) {
  test(`${name} as it is committed: every figure is drawn, and no output is hidden or broken`, { timeout: 240_000 }, async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 2000 } });
    try {
      await read(page, name);
    } finally {
      await page.close();
    }
  });
}

interface Cell {
  readonly cell_type: string;
  readonly outputs?: readonly { readonly output_type: string; readonly data?: Readonly<Record<string, unknown>> }[];
}

/** Opens a notebook that this JupyterLab has no reason to trust, as one from a colleague, and looks at every output. */
async function read(page: Page, name: string): Promise<void> {
  await page.goto(`${address}/lab/tree/${name}?token=${token}&reset`);
  const { cells } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { cells: Cell[] };
  const code = cells.filter(({ cell_type }) => cell_type === 'code');
  const drawn = page.locator('.jp-Notebook .jp-CodeCell');
  await drawn.nth(code.length - 1).waitFor({ timeout: 90_000 });
  await page.locator('.jp-RenderedMarkdown h1').first().waitFor({ timeout: 30_000 });
  let figures = 0;
  for (const [i, { outputs = [] }] of code.entries()) {
    for (const [j, { data = {} }] of outputs.entries()) {
      const output = drawn.nth(i).locator('.jp-OutputArea-child').nth(j);
      const what = `${name}, code cell ${i}, output ${j}`;
      await output.scrollIntoViewIfNeeded({ timeout: 30_000 });
      if (data['application/vnd.plotly.v1+json'] !== undefined) {
        await assertDrawn(output.locator('img, .js-plotly-plot').first(), what);
        figures++;
      }
      for (const picture of await output.locator('.jp-RenderedHTMLCommon img').all()) {
        const width = await picture.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth);
        assert.ok(width > 0, `${what}: a broken picture`);
        await assertDrawn(picture, what);
      }
      const { x = 0, width = 0, height = 0 } = (await output.boundingBox()) ?? {};
      for (const picture of await output.locator('img, table').all()) {
        const box = await picture.boundingBox();
        assert.ok(box === null || box.x + box.width <= x + width + 1, `${what}: cut off at its right side`);
      }
      assert.ok(width > 100 && height > 10, `${what}: takes no room`);
    }
  }
  assert.ok(figures > 0);
  assert.equal(
    await page.locator('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]').count(),
    0,
  );
  const panel = page.locator('.jp-WindowedPanel-outer').first();
  const wide = await panel.evaluate(
    (element) =>
      (element as unknown as { scrollWidth: number; clientWidth: number }).scrollWidth -
      (element as unknown as { clientWidth: number }).clientWidth,
  );
  assert.ok(wide <= 1, `${name} is ${wide} pixels wider than its window`);
  const [all, seen] = await panel.evaluate((element) => {
    const { scrollHeight, clientHeight } = element as unknown as { scrollHeight: number; clientHeight: number };
    return [scrollHeight, clientHeight] as const;
  });
  for (let top = 0, part = 1; top < all; top += seen, part++) {
    await panel.evaluate((element, to) => {
      (element as unknown as { scrollTop: number }).scrollTop = to;
    }, top);
    await page.waitForTimeout(500);
    await save(page, `${name.replace('.ipynb', '')}-${part}`);
  }
}

async function look(page: Page): Promise<void> {
  await page.goto(`${address}/lab/tree/shown.ipynb?token=${token}`);
  await page.locator('.jp-Notebook .jp-CodeCell').first().waitFor({ timeout: 90_000 });
  // The status bar: before the kernel is connected, JupyterLab ignores the menu.
  await page.getByText('TypeScript (neoteny) | Idle').waitFor({ timeout: 60_000 });
  await page.locator('.lm-MenuBar-itemLabel', { hasText: /^Run$/ }).click();
  await page.getByText('Run All Cells', { exact: true }).click();
  const outputs = page.locator('.jp-CodeCell');
  await outputs.last().locator('.jp-InputPrompt', { hasText: /\[6\]/ }).waitFor({ timeout: 120_000 });

  assert.equal(
    await page.locator('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]').count(),
    0,
  );
  const counts = await page.locator('.jp-CodeCell .jp-InputPrompt').allTextContents();
  assert.deepEqual(
    counts.map((text) => text.trim()),
    ['[1]:', '[2]:', '[3]:', '[4]:', '[5]:', '[6]:'],
  );
  assert.equal((await page.locator('.jp-RenderedMarkdown mjx-container').count()) > 0, true);

  assert.match(await outputs.nth(2).locator('table').innerText(), /levels\s+5\s+title\s+"<b>not bold<\/b>"/);
  assert.match(await outputs.nth(4).locator('table').innerText(), /0\.33333/);
  assert.match(await outputs.nth(5).innerText(), /level 1: 40\/40 \(100%\).*took/);

  await assertDrawn(outputs.nth(3).locator('.jp-OutputArea-output img, .js-plotly-plot').first(), 'figure');
  await assertDrawn(outputs.nth(5).locator('.jp-OutputArea-output').nth(1).locator('img, .js-plotly-plot').first(), 'live chart');

  await outputs.nth(3).locator('.jp-OutputArea-output img, .js-plotly-plot').first().hover({ force: true }); // the picture gives way under the mouse
  await outputs.nth(3).locator('.js-plotly-plot .scatterlayer .trace').first().waitFor({ timeout: 30_000 });
  await assertDrawn(outputs.nth(3).locator('.js-plotly-plot'), 'interactive figure');
}

function notebook(): object {
  return {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'tslab', display_name: 'TypeScript (neoteny)', language: 'typescript' } },
    cells: cells.map((cell, i) =>
      typeof cell === 'string'
        ? { id: `cell-${i}`, cell_type: 'code', metadata: {}, source: cell, outputs: [], execution_count: null }
        : { id: `cell-${i}`, cell_type: 'markdown', metadata: {}, source: cell.markdown },
    ),
  };
}

/** Fails if the element is of one colour, or nearly. */
async function assertDrawn(element: Locator, name: string): Promise<void> {
  await element.waitFor({ timeout: 30_000 });
  const { channels } = await sharp(await element.screenshot()).stats();
  const deviation = Math.max(...channels.map(({ stdev }) => stdev));
  assert.ok(deviation > 5, `${name} looks blank: its colours deviate by ${deviation}`);
}

async function save(page: Page, name: string): Promise<void> {
  writeFileSync(join(pictures, `${name}.png`), await page.screenshot());
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}

async function answers(url: string): Promise<void> {
  for (let i = 0; i < 240; i++) {
    try {
      if ((await fetch(url)).ok) return;
    } catch {
      // not yet up
    }
    await new Promise((done) => setTimeout(done, 500));
  }
  throw new Error(`JupyterLab does not answer at ${url}`);
}
