/** Figures as pictures: by jsdom and resvg, and by Chromium where there is one. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import sharp from 'sharp';
import { architectureDiagram } from '../../src/figure/architectureDiagram.js';
import type { Figure } from '../../src/figure/figure.js';
import { figurePng, svgPng } from '../../src/figure/figurePng.js';
import { figureSvg } from '../../src/figure/figureSvg.js';
import { escapeText } from '../../src/figure/escapeText.js';
import { maskPicture } from '../../src/figure/maskPicture.js';
import { chromiumPath } from '../../src/figure/picture/browserPng.js';
import { encodePng } from '../../src/figure/picture/encodePng.js';
import { textWidth } from '../../src/figure/picture/textWidth.js';
import { mask } from '../../src/mask.js';
import { figureExamples } from '../fixtures/figureExamples.js';

interface Pixels {
  width: number;
  height: number;
  at(x: number, y: number): [number, number, number];
  data: Buffer;
}

async function pixels(png: Uint8Array): Promise<Pixels> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): [number, number, number] =>
    [...data.subarray(3 * (y * info.width + x), 3 * (y * info.width + x) + 3)] as [number, number, number];
  return { width: info.width, height: info.height, at, data };
}

/** Share of pixels that are not white. */
function ink({ data }: Pixels): number {
  let dark = 0;
  for (let i = 0; i < data.length; i += 3) if (Math.min(data[i] as number, data[i + 1] as number, data[i + 2] as number) < 200) dark++;
  return dark / (data.length / 3);
}

/** Compares a 24 x 16 grey miniature with test/figure/snapshots/NAME.pixels.json. UPDATE_SNAPSHOTS=1 writes it. */
async function checkMiniature(name: string, png: Uint8Array): Promise<void> {
  const found = [...(await sharp(png).removeAlpha().greyscale().resize(24, 16, { fit: 'fill' }).raw().toBuffer())];
  const file = new URL(`../../../test/figure/snapshots/${name}.pixels.json`, import.meta.url);
  if (process.env.UPDATE_SNAPSHOTS === '1') writeFileSync(file, `${JSON.stringify(found)}\n`);
  const stored = JSON.parse(readFileSync(file, 'utf8')) as number[];
  const difference = found.reduce((sum, v, i) => sum + Math.abs(v - (stored[i] as number)), 0) / found.length;
  assert.ok(difference < 4, `${name} differs from its stored picture by ${difference.toFixed(1)} of 255 grey levels on average`);
}

const heat: Figure = {
  data: [
    {
      type: 'heatmap',
      z: [
        [0, 1],
        [1, 0],
      ],
      x: ['a', 'b'],
      y: ['c', 'd'],
      colorscale: [
        [0, '#ff0000'],
        [1, '#0000ff'],
      ],
      colorbar: { title: { text: 'unit' } },
    },
  ],
  layout: { width: 400, height: 300, margin: { l: 50, r: 100, t: 20, b: 40 } },
};

test('a line figure has the asked size, ink, and its stored look', async () => {
  const png = await figurePng(figureExamples.accuracyByDensity(), { scale: 1 });
  const picture = await pixels(png);
  assert.deepEqual([picture.width, picture.height], [700, 450]);
  assert.ok(ink(picture) > 0.01 && ink(picture) < 0.3, `${ink(picture)}`);
  await checkMiniature('accuracyByDensity', png);
  const large = await pixels(await figurePng(figureExamples.accuracyByDensity(), { width: 500, height: 300, scale: 2 }));
  assert.deepEqual([large.width, large.height], [1000, 600]);
});

test('a heat map has sharp cells of the right colours and a coloured bar', async () => {
  const picture = await pixels(await figurePng(heat));
  // The drawing area is x 50-300, y 20-260: quarter points are the middles of the cells, z[0] is below.
  assert.deepEqual(picture.at(112, 200), [255, 0, 0]);
  assert.deepEqual(picture.at(237, 200), [0, 0, 255]);
  assert.deepEqual(picture.at(112, 80), [0, 0, 255]);
  assert.deepEqual(picture.at(160, 80), [0, 0, 255], 'no blur between cells');
  let [red, blue] = [0, 0];
  for (let y = 30; y < 250; y++) {
    for (let x = 305; x < 345; x++) {
      const [r, g, b] = picture.at(x, y);
      if (g < 60 && r > 150 && b < 105) red++;
      if (g < 60 && b > 150 && r < 105) blue++;
    }
  }
  assert.ok(red > 300 && blue > 300, `colour bar: ${red} red and ${blue} blue pixels`);
});

test('the same figure is the same SVG, with all its texts', async () => {
  const figure = figureExamples.accuracyByDensity();
  const svg = await figureSvg(figure);
  assert.equal(await figureSvg(figure), svg);
  for (const text of ['Accuracy by density', 'random reinitialisation', 'density (kept share', '0.05', 'dense, mean'])
    assert.ok(svg.includes(text), text);
  const both = await Promise.all([figureSvg(figure), figureSvg(heat)]);
  assert.equal(both[0], svg, 'two at once do not disturb each other');
});

test('escaped text reads as it was', async () => {
  const evil = '<b>&amp;</b> %{y} $a$ <script>';
  const figure: Figure = {
    data: [{ type: 'scatter', x: [1], y: [1], name: escapeText(evil), showlegend: true }],
    layout: { width: 500, height: 300 },
  };
  const svg = await figureSvg(figure);
  const texts = [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, inner]) =>
    (inner as string)
      .replace(/<[^>]*>/g, '')
      .replaceAll('&#60;', '<')
      .replaceAll('&#62;', '>')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  );
  assert.ok(texts.includes(evil), texts.join('\n'));
});

test('sizes and scales are checked', async () => {
  await assert.rejects(figurePng(heat, { scale: 0 }), /invalid picture scale/);
  await assert.rejects(figurePng(heat, { width: 0.5 }), /invalid figure width/);
  await assert.rejects(figurePng(heat, { height: 1e6 }), /invalid figure height/);
});

test('text is measured: longer is wider, bold is wider, spaces count', () => {
  const style = { size: 12, family: 'DejaVu Sans', weight: 'normal' };
  assert.ok(textWidth('accuracy', style) > 2 * textWidth('acc', style) - 10);
  assert.ok(textWidth('accuracy', { ...style, weight: 'bold' }) > textWidth('accuracy', style));
  assert.ok(textWidth('a ', style) > textWidth('a', style) + 1);
  assert.equal(textWidth('', style), 0);
  assert.ok(textWidth('\u0000<&', style) > 0);
});

test('encodePng writes what other programs read', async () => {
  const rgba = Uint8Array.of(255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 10, 20, 30, 255, 1, 2, 3, 255, 9, 8, 7, 255);
  const picture = await pixels(encodePng(rgba, 3, 2));
  assert.deepEqual([picture.width, picture.height, picture.at(1, 0), picture.at(0, 1)], [3, 2, [0, 255, 0], [10, 20, 30]]);
  assert.throws(() => encodePng(rgba, 4, 2), /mismatched pixels/);
});

let chromium: string | undefined;
try {
  chromium = chromiumPath();
} catch {}

test('Chromium draws the same figure at the same size', { skip: chromium === undefined ? 'no Chromium here' : false }, async () => {
  const [ours, theirs] = await Promise.all(
    (['resvg', 'browser'] as const).map(async (engine) => pixels(await figurePng(heat, { engine, scale: 2 }))),
  );
  assert.deepEqual([theirs?.width, theirs?.height], [800, 600]);
  assert.deepEqual(theirs?.at(224, 400), ours?.at(224, 400));
  assert.deepEqual(theirs?.at(474, 160), ours?.at(474, 160));
});

test('maskPicture has a tile for each parameter, dark where weights are kept', async () => {
  const svg = maskPicture(
    mask({ '<k>/kernel': { shape: [2, 2], values: [1, 0, 0, 1] }, other: { shape: [3, 1, 1, 2], values: [0, 0, 0, 0, 0, 0] } }),
  );
  assert.ok(svg.includes('&lt;k&gt;/kernel') && !svg.includes('<k>'));
  assert.ok(svg.includes('density 0.5') && svg.includes('3 × 1 × 1 × 2') && svg.includes('density 0<'));
  const picture = await pixels(svgPng(svg));
  // The first tile is 120 pixels wide at (10, 10).
  assert.deepEqual(picture.at(40, 40), [8, 48, 107]);
  assert.deepEqual(picture.at(100, 40), [247, 247, 247]);
  assert.ok(maskPicture({}).startsWith('<svg'));
});

test('architectureDiagram lists layers, shapes and parameters, residual blocks nested', async () => {
  const svg = architectureDiagram(
    {
      name: 'tiny <net>',
      input: [8, 8, 3],
      layers: [
        { type: 'convolution', name: 'conv', filters: 4, size: 3 },
        {
          type: 'residual',
          name: 'block',
          body: [
            { type: 'convolution', name: 'inner', filters: 4, size: 3, bias: false },
            { type: 'activation', function: 'relu' },
          ],
        },
        { type: 'globalAveragePool' },
        { type: 'dense', name: 'out', units: 10 },
      ],
    },
    { 'conv/kernel': 0.25, 'inner/kernel': 0.125 },
  );
  // 3*3*3*4 + 4 = 112, 3*3*4*4 = 144, 4*10 + 10 = 50: 306 in all.
  for (const text of [
    'tiny &lt;net&gt;: 306 parameters, [8,8,3] to [10]',
    '>112<',
    '>144<',
    '>50<',
    '8 × 8 × 4',
    '+ input (identity)',
    'global average pooling',
    '>0.25<',
    '>0.125<',
  ]) {
    assert.ok(svg.includes(text), text);
  }
  assert.ok(ink(await pixels(svgPng(svg))) > 0.005);
});
