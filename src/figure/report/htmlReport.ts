/** A report as one HTML file that needs nothing else: no network, no server. */
import { readFileSync } from 'node:fs';
import escapeHtml from 'escape-html';
import { type Claim, heldWord } from '../../analysis/claim.js';
import type { Held } from '../../analysis/paired.js';
import type { Table } from '../../analysis/table.js';
import { type Drawable, figureJson } from '../figureSvg.js';
import { plotlyBundle } from '../picture/plotlyWindow.js';
import { type HtmlColumn, htmlTable } from './htmlTable.js';
import { reportStyle } from './reportStyle.js';

/** What a report says, in order. All text is plain and gets escaped. */
export interface Report {
  readonly title: string;
  /** One or two sentences: the result. */
  readonly lead?: string;
  readonly sections: readonly Section[];
  /** The last line, such as keys and versions. */
  readonly footer?: string;
}

export interface Section {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'figure'; readonly figure: Drawable; readonly caption: string }
  | {
      readonly kind: 'table';
      readonly table: Table;
      readonly columns?: readonly HtmlColumn[];
      readonly caption: string;
      readonly folded?: boolean;
    }
  | { readonly kind: 'claims'; readonly claims: readonly Claim[] }
  /** JSON, folded. */
  | { readonly kind: 'json'; readonly title: string; readonly value: unknown };

/** The report as HTML: interactive charts with Plotly inlined once (about 5 MB), tables, and a style that prints. */
export function htmlReport({ title, lead, sections, footer }: Report): string {
  const figures: Drawable[] = [];
  const body = sections.map(
    ({ heading, blocks }) =>
      `<section><h2>${escapeHtml(heading)}</h2>${blocks.map((block) => blockHtml(block, figures)).join('')}</section>`,
  );
  const data = figures.map(({ data: traces, layout }, i) => {
    const { width: _, ...rest } = layout as { width?: number };
    return `<script type="application/json" id="data${i}">${jsonInScript({ data: traces, layout: { ...rest, autosize: true } })}</script>`;
  });
  const scripts =
    figures.length === 0
      ? ''
      : `<script>${readFileSync(plotlyBundle(), 'utf8').replaceAll('</script', '<\\/script')}</script>${data.join('')}<script>${draw}</script>`;
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title><style>${reportStyle}</style></head><body><main>`,
    `<h1>${escapeHtml(title)}</h1>${lead === undefined ? '' : `<p class="lead">${escapeHtml(lead)}</p>`}`,
    ...body,
    footer === undefined ? '' : `<footer>${escapeHtml(footer)}</footer>`,
    `</main>${scripts}</body></html>\n`,
  ].join('\n');
}

function blockHtml(block: Block, figures: Drawable[]): string {
  switch (block.kind) {
    case 'text':
      return `<p>${escapeHtml(block.text)}</p>`;
    case 'table': {
      const [table, caption] = [htmlTable(block.table, block.columns), escapeHtml(block.caption)];
      if (block.folded) return `<details><summary>${caption}</summary>${table}</details>`;
      return `<figure class="table">${table}<figcaption>${caption}</figcaption></figure>`;
    }
    case 'claims':
      return block.claims.map(claimHtml).join('');
    case 'json':
      return `<details><summary>${escapeHtml(block.title)}</summary><pre>${escapeHtml(JSON.stringify(block.value, null, 2) ?? 'null')}</pre></details>`;
    case 'figure': {
      const i = figures.push(block.figure) - 1;
      const { width = 700, height = 450 } = block.figure.layout as { width?: number; height?: number };
      // Panels side by side can't be read on a phone: there the figure scrolls.
      const least = width > 800 ? 680 : 320;
      const size = `min-width:${least}px;max-width:${Number(width)}px;height:${Number(height)}px`;
      return `<figure><div class="wide"><div id="figure${i}" class="chart" style="${size}"></div></div><figcaption>${escapeHtml(block.caption)}</figcaption></figure>`;
    }
  }
}

const signs = { yes: '✓', no: '✗', open: '?' };

function claimHtml({ id, claim, held, parts, reading }: Claim): string {
  const items = parts.map((part) => `<li>${signs[kindOf(part.held)]} ${escapeHtml(part.sentence)}.</li>`).join('');
  const more = reading === '' ? '' : `<p>${escapeHtml(reading)}</p>`;
  const heading = `<strong>${signs[kindOf(held)]} ${heldWord(held)}</strong> <span>(${escapeHtml(id)}) ${escapeHtml(claim)}</span>`;
  return `<div class="claim ${kindOf(held)}">${heading}<ul>${items}</ul>${more}</div>`;
}

function kindOf(held: Held): 'yes' | 'no' | 'open' {
  return held === true ? 'yes' : held === false ? 'no' : 'open';
}

/** JSON that no HTML parser takes for the end of a script or for a comment. */
function jsonInScript(figure: Drawable): string {
  return figureJson(figure).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

const draw = `
for (const place of document.querySelectorAll('.chart')) {
  const { data, layout } = JSON.parse(document.getElementById(place.id.replace('figure', 'data')).textContent);
  Plotly.newPlot(place, data, layout, { responsive: true, displaylogo: false, toImageButtonOptions: { format: 'svg' } });
}
`;
