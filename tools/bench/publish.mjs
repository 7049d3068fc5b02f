/** Writes what was measured to a folder: numbers, table, and figure as JSON and as a picture. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figurePng } from '../../dist/src/figure/figurePng.js';

/** Writes NAME.json, NAME.md, NAME.plotly.json and NAME.png. */
export async function publish(folder, name, { report, table, figure }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(folder, `${name}.md`), table);
  writeFileSync(join(folder, `${name}.plotly.json`), `${JSON.stringify(figure)}\n`);
  writeFileSync(join(folder, `${name}.png`), await figurePng(figure, { scale: 2 }));
}
