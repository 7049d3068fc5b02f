#!/usr/bin/env node
/**
 * Sets the clone up: packages from the lock file, native TensorFlow, the compiled TypeScript. Called by `npm start` and
 * `npm test`; does nothing when all is there. No dependency: it runs before any is installed. See environment.md.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const HELP = `Sets neoteny up: packages, native TensorFlow, compiled TypeScript. What is there already is left as it is.

  npm run setup                 all of it
  npm run setup -- --retry      tries native TensorFlow again although it could not be had before
  npm run setup -- --verify     checks the TensorFlow library by SHA-256 instead of by size and time

  NEOTENY_BACKEND   native: fail if native TensorFlow cannot be had; wasm or cpu: leave it out
  NEOTENY_CACHE     folder for large files (default: XDG_CACHE_HOME/neoteny, else ~/.cache/neoteny)
`;

/** Whether a Node version can run the packages: 20.19 and later, 22.12 and later, 23 and later. They load ES modules by require. */
function nodeIsSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major === 20) return minor >= 19;
  if (major === 22) return minor >= 12;
  return major > 22;
}

async function main(args) {
  if (!nodeIsSupported(process.versions.node)) {
    process.stderr.write(
      `set-up failed: Node ${process.versions.node} is too old\nwhat to do: install Node 20.19 or later, 22.12 or later, or 24, and start again\n`,
    );
    return 1;
  }
  const options = new Set(args);
  if (options.has('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const wrong = args.find((option) => !['--retry', '--verify'].includes(option));
  if (wrong !== undefined) {
    process.stderr.write(`unknown option: '${wrong}'\n\n${HELP}`);
    return 2;
  }
  // Loaded only now, so that an old Node gets the sentence above and not a syntax error.
  const { runSetup } = await import('./setup/setUp.mjs');
  return runSetup(root, { retry: options.has('--retry'), thorough: options.has('--verify') });
}

process.exitCode = await main(process.argv.slice(2));
