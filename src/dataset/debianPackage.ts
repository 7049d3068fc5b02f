/** A data set inside a Debian package. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { missing } from '../check.js';
import type { Source } from './definition.js';
import { runTool } from './runTool.js';

/**
 * A source that takes a folder out of a Debian package: where the package is installed, its folder as it is;
 * elsewhere the package is downloaded and unpacked, which needs no root. The package lists are updated only if root asks.
 * @param folder absolute, as the package installs it
 */
export function debianPackage(name: string, folder: string): Source {
  const title = `Debian package ${name}`;
  return {
    name: title,
    async deliver(work, progress) {
      if ((await stat(folder).catch(() => undefined))?.isDirectory()) return folder;
      progress(`download ${title}`, 0);
      const download = (): Promise<void> => runTool('apt-get', ['download', name], work, 20);
      try {
        await download();
      } catch (error) {
        if (process.getuid?.() !== 0 || (error as Error).message.includes('not installed')) throw error;
        progress('update the package lists', 0);
        await runTool('apt-get', ['update'], work, 5);
        await download();
      }
      const archive = (await readdir(work)).find((file) => file.endsWith('.deb'));
      if (archive === undefined) throw missing(`archive of ${title}`, 'apt-get download left none; try again');
      progress(`unpack ${title}`, 0);
      await runTool('dpkg-deb', ['-x', archive, join(work, 'unpacked')], work, 10);
      return join(work, 'unpacked', folder);
    },
  };
}
