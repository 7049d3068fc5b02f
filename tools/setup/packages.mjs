import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SetupFailure } from './failure.mjs';
import { npmCommand, run } from './run.mjs';

/**
 * Why `node_modules` does not hold what the lock file says, or undefined when it does.
 * npm writes `node_modules/.package-lock.json` as the last act of an installation, so an interrupted one has none.
 */
export function packagesAreStale(root) {
  const wanted = readJson(join(root, 'package-lock.json'));
  if (wanted === undefined) {
    throw new SetupFailure('package-lock.json is absent or not JSON', 'restore it: git checkout package-lock.json');
  }
  const manifest = readJson(join(root, 'package.json'));
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'not installed';
  const top = wanted.packages?.[''] ?? {};
  for (const kind of ['dependencies', 'devDependencies']) {
    if (JSON.stringify(sorted(top[kind])) !== JSON.stringify(sorted(manifest?.[kind]))) return 'package.json and the lock file differ';
  }
  for (const [path, entry] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue;
    const found = installed.packages?.[path];
    if (found === undefined) {
      // npm leaves out what is optional and made for other platforms.
      if (entry.optional === true || entry.devOptional === true || entry.peer === true) continue;
      return `${path} is not installed`;
    }
    if (found.version !== entry.version || found.integrity !== entry.integrity) return `${path} is another version`;
    if (!existsSync(join(root, path))) return `${path} is gone`;
  }
  return undefined;
}

/** Installs exactly what the lock file says; no install script of any package runs. */
export async function installPackages(root, report) {
  const paths = Object.keys(readJson(join(root, 'package-lock.json'))?.packages ?? {}).filter((path) => path !== '');
  const step = report.step('packages from the lock file');
  const count = setInterval(() => {
    const there = paths.filter((path) => existsSync(join(root, path, 'package.json'))).length;
    step.update(`${there} / ${paths.length}`);
  }, 1000);
  const [npm, ...leading] = npmCommand();
  const result = await run(npm, [...leading, 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root });
  clearInterval(count);
  if (result.code !== 0) {
    step.failed();
    throw new SetupFailure(
      `npm ci failed (exit ${result.code})`,
      result.code === 127
        ? 'install npm (it comes with Node) and start again'
        : 'check that the package registry npm is set to can be reached (npm ping) and that the disk has 1 GB free, then start again: what was fetched is kept',
      result.lines,
    );
  }
  step.done(`${paths.length} packages`);
}

function sorted(record) {
  return Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
