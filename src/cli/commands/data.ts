/** `neoteny data`: which data sets there are, and fetching them. */
import { dataStatus } from '../../dataset/dataStatus.js';
import { datasets } from '../../dataset/datasets.js';
import { describe } from '../../dataset/describe.js';
import { lookUp } from '../../check.js';
import { exitCodes } from '../../run/exitCode.js';
import { bytes, count } from '../output/format.js';
import { look, print, printJson } from '../output/print.js';
import { type Column, textTable } from '../output/textTable.js';
import { wrap } from '../output/wrap.js';
import { loadShown } from './prepareData.js';

/** `data list` */
export async function dataListCommand({ json }: { json?: boolean }): Promise<number> {
  const status = await dataStatus();
  if (json) {
    printJson(status);
    return exitCodes.done;
  }
  const { colors, width, prose } = look();
  const columns: Column[] = [{ title: 'data set' }, { title: 'here' }, { title: 'size', right: true }, { title: 'from', stretch: 'wrap' }];
  const rows = status.map(({ name, cached, bytes: size, bytesComplete, from, sources }) => [
    name,
    cached ? 'yes' : size > 0 ? 'in part' : 'no',
    bytes(bytesComplete),
    cached ? (from ?? '') : `neoteny data load ${name}  (${sources.join('; ')})`,
  ]);
  print(
    textTable(columns, rows, {
      width,
      colors,
      paint: (text, _, c) =>
        c === 1 ? (text.trim() === 'yes' ? colors.green(text) : colors.yellow(text)) : c === 3 ? colors.dim(text) : text,
    }),
  );
  print(
    `\n${colors.dim(wrap('scenes for object recognition are made of mnist or fashion-mnist when they are needed: neoteny data scenes FOLDER', prose))}`,
  );
  const folder = status[0]?.folder.replace(/[\\/][^\\/]*$/, '');
  print(`\n${colors.dim(wrap(`cache: ${folder}; NEOTENY_DATA names a folder of your own files, NEOTENY_CACHE another cache`, prose))}`);
  return exitCodes.done;
}

/** `data load` */
export async function dataLoadCommand(names: readonly string[], { json }: { json?: boolean }): Promise<number> {
  for (const name of names) lookUp('data set', name, datasets);
  const found = [];
  for (const name of names) found.push(describe(await loadShown(name)));
  if (json) printJson(found);
  else {
    for (const { name, shape, classes, parts, bytes: size } of found) {
      print(
        `${name}: ${shape.join(' x ')}, ${classes.length} classes; ${count(parts.train.count)} train, ${count(parts.validation.count)} validation, ${count(parts.test.count)} test; ${bytes(size)}`,
      );
    }
  }
  return exitCodes.done;
}
