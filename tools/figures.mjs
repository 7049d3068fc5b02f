/** Draws the README's pictures from the committed records: node tools/figures.mjs */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { accuracyByDensity, earlyStopByDensity, figurePng, readRecord, toLevels } from 'neoteny';

const root = join(import.meta.dirname, '..');
const records = readdirSync(join(root, 'data/records'))
  .filter((key) => key.startsWith('imp-'))
  .map((key) => readRecord(join(root, 'data/records', key)))
  .filter(({ spec }) => spec.model === 'lenet-300-100' && spec.length === '15000it');
const folder = join(root, 'data/figures');
mkdirSync(folder, { recursive: true });
const size = { width: 820, height: 460, scale: 2 };
for (const [name, figure] of Object.entries({
  'lenet-mnist': accuracyByDensity(toLevels(records)),
  'lenet-mnist-early-stop': earlyStopByDensity(toLevels(records)),
})) {
  // A wholly random mask collapses below 3 %: the axis shows where the others differ.
  if (name === 'lenet-mnist') figure.layout.yaxis = { ...figure.layout.yaxis, range: [0.93, 0.99] };
  writeFileSync(join(folder, `${name}.png`), await figurePng(figure, size));
  console.log(`data/figures/${name}.png`);
}
