import { join } from 'node:path';
import { build, buildIsStale } from './build.mjs';
import { SetupFailure, explainWriteError } from './failure.mjs';
import { withLock } from './lock.mjs';
import { knownReason, nativeState, provideNative } from './native.mjs';
import { installPackages, packagesAreStale } from './packages.mjs';
import { createReport } from './report.mjs';
import { stopChildren } from './run.mjs';
import { provideSparse, sparseState } from './sparseEngine.mjs';

const BACKENDS = ['native', 'wasm', 'cpu'];

/** Does what is missing, in order, and returns the exit code. */
export async function runSetup(root, { retry = false, thorough = false, env = process.env } = {}) {
  const report = createReport({ env });
  const stop = (signal) => {
    stopChildren();
    report.warn('\nset-up interrupted; the next start goes on from what is complete');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    const backend = checkBackend(env.NEOTENY_BACKEND);
    const options = { backend, retry, thorough, env };
    if (!isComplete(root, options)) {
      report.heading('neoteny: set-up');
      const wait = (owner) => report.note(`${owner} sets this clone up; waiting for it`);
      // Not in node_modules or dist, which are removed at times.
      await withLock(join(root, '.setup.lock'), wait, () => complete(root, options, report));
    } else if (nativeState(root, options) === 'known-absent') {
      remind(report, knownReason(root));
    }
    return 0;
  } catch (error) {
    report.failure(error instanceof SetupFailure ? error : unexpected(error));
    return 1;
  } finally {
    process.removeListener('SIGINT', stop);
    process.removeListener('SIGTERM', stop);
  }
}

function isComplete(root, options) {
  const provided = nativeState(root, options) !== 'provide' && sparseState(root, options) !== 'provide';
  return packagesAreStale(root) === undefined && provided && buildIsStale(root) === undefined;
}

async function complete(root, options, report) {
  if (packagesAreStale(root) !== undefined) {
    await installPackages(root, report);
    const still = packagesAreStale(root);
    if (still !== undefined) throw new SetupFailure(`after npm ci, ${still}`, 'delete node_modules and start again');
  }
  if (nativeState(root, options) === 'provide') await tryNative(root, options, report);
  else if (nativeState(root, options) === 'known-absent') remind(report, knownReason(root));
  if (sparseState(root, options) === 'provide') await provideSparse(root, report, options);
  if (buildIsStale(root) !== undefined) await build(root, report);
}

async function tryNative(root, options, report) {
  try {
    await provideNative(root, report, options);
  } catch (failure) {
    if (!(failure instanceof SetupFailure) || options.backend === 'native') throw failure;
    report.warn(`  native TensorFlow is not available: ${failure.message}`);
    for (const line of failure.lines) report.note(`| ${line}`);
    report.note(`what to do: ${failure.remedy}`);
    report.note('Everything runs on the portable backend (WebAssembly) meanwhile, 5 to 10 times slower.');
  }
}

function remind(report, { reason, remedy }) {
  report.warn(`  portable backend: ${reason}`);
  report.note(`what to do: ${remedy}; then npm run setup -- --retry`);
}

function checkBackend(name) {
  if (name === undefined || name === '') return undefined;
  if (BACKENDS.includes(name)) return name;
  throw new SetupFailure(`NEOTENY_BACKEND is '${name}'`, `set it to one of ${BACKENDS.join(', ')}, or unset it`);
}

function unexpected(error) {
  if (error?.code !== undefined && error.path !== undefined) {
    return new SetupFailure(explainWriteError(error, error.path), 'see that this folder can be written and its disk has 2 GB free');
  }
  return new SetupFailure(
    error?.message ?? String(error),
    'this is a fault of the set-up itself: please report it with these lines',
    String(error?.stack ?? '')
      .split('\n')
      .slice(1, 6),
  );
}
