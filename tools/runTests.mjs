/**
 * Runs node's test runner over the compiled tests: `node tools/runTests.mjs` all but those that need a browser, a cluster
 * or a build with sanitizers,
 * `node tools/runTests.mjs browser score/snip` what lies under the named folders or files of `dist/test`.
 * Files are listed here because node 20's runner knows no patterns.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const APART = ['browser', 'cluster', 'sanitize'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const base = join(root, 'dist', 'test');
const wanted = process.argv.slice(2).map((name) => name.replaceAll('\\', '/').replace(/\/$/, ''));

const files = (existsSync(base) ? readdirSync(base, { recursive: true }) : [])
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) =>
    wanted.length === 0
      ? !APART.includes(name.split('/')[0])
      : wanted.some((start) => name.startsWith(`${start}/`) || name === `${start}.test.js`),
  )
  .sort();

if (files.length === 0) {
  process.stderr.write(
    `no tests ${wanted.length === 0 ? '' : `under ${wanted.join(', ')} `}in ${relative(process.cwd(), base) || base}; npm run setup builds them\n`,
  );
  process.exitCode = 1;
} else {
  const args = ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files.map((name) => join('dist', 'test', name))];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
