/** A figure drawn by Chromium: exact, for papers, where a browser is installed. */
import { accessSync, constants } from 'node:fs';
import { missing } from '../../check.js';
import { plotlyBundle } from './plotlyWindow.js';

/**
 * The figure as a PNG from headless Chromium.
 * @throws UserError if there is no Chromium (looked for in CHROMIUM, then in usual places) or no `playwright-core`
 */
export async function browserPng(figureJson: string, size: { width: number; height: number; scale: number }): Promise<Uint8Array> {
  const { chromium } = await loadPlaywright();
  // Chromium refuses its sandbox to root.
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const { width, height, scale } = size;
    const page = await browser.newPage({ viewport: { width, height }, deviceScaleFactor: scale, offline: true });
    await page.setContent('<!doctype html><style>body{margin:0;background:white}</style><div id="figure"></div>');
    await page.addScriptTag({ path: plotlyBundle() });
    // As text, since it runs in the page, where other names exist than here.
    const draw = `(json) => { const f = JSON.parse(json); return Plotly.newPlot('figure', f.data, { ...f.layout, width: ${width}, height: ${height} }, { staticPlot: true }).then(() => null); }`;
    await page.evaluate(`(${draw})(${JSON.stringify(figureJson)})`);
    return await page.screenshot({ type: 'png' });
  } finally {
    await browser.close();
  }
}

/** Where Chromium is. @throws UserError if it is nowhere */
export function chromiumPath(): string {
  const places = [
    ...[process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/usr/bin/google-chrome-stable'],
    ...['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'],
  ];
  for (const place of places) {
    if (place === undefined || place === '') continue;
    try {
      accessSync(place, constants.X_OK);
      return place;
    } catch {}
  }
  throw missing('Chromium for the engine `browser`', "install it, or set CHROMIUM to its path, or use the engine 'resvg'");
}

async function loadPlaywright(): Promise<typeof import('playwright-core')> {
  try {
    return await import('playwright-core');
  } catch {
    throw missing("package 'playwright-core' for the engine `browser`", "npm install playwright-core, or use the engine 'resvg'");
  }
}
