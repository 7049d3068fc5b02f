/** A page on paper. */
import { missing } from '../../check.js';
import { chromiumPath } from '../../figure/picture/browserPng.js';

/**
 * Prints the page at an address, figures drawn, as PDF (A4) by headless Chromium, offline.
 * @throws UserError if there is no Chromium (looked for in CHROMIUM, then in usual places) or no `playwright-core`
 */
export async function printPdf(address: string, target: string): Promise<void> {
  const executablePath = pathOrRemedy();
  const { chromium } = await import('playwright-core').catch(() => {
    throw missing("package 'playwright-core' for a PDF", 'npm install playwright-core, or export HTML and print it from a browser');
  });
  // Chromium refuses its sandbox to root.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    // As wide as the paper, so that interactive figures draw themselves as they will be printed.
    const page = await browser.newPage({ viewport: { width: 1000, height: 1400 }, offline: true });
    await page.goto(address, { waitUntil: 'load' });
    await page.pdf({
      path: target,
      format: 'A4',
      scale: 0.72,
      printBackground: true,
      margin: { top: '12mm', bottom: '12mm', left: '10mm', right: '10mm' },
    });
  } finally {
    await browser.close();
  }
}

function pathOrRemedy(): string {
  try {
    return chromiumPath();
  } catch {
    throw missing('Chromium for a PDF', 'install it, or set CHROMIUM to its path, or export HTML and print it from a browser');
  }
}
