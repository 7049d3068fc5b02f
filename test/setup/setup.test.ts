import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../../src/dataset/cacheFolder.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tool = (name: string): string => new URL(`../../../tools/setup/${name}.mjs`, import.meta.url).href;
const { packagesAreStale } = await import(tool('packages'));
const { build, buildIsStale } = await import(tool('build'));
const { libraryIsSound } = await import(tool('library'));
const { nativeState, recordPath } = await import(tool('native'));
const cache = await import(tool('cache'));

const made: string[] = [];
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
function scratch(files: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'neoteny-setup-'));
  made.push(folder);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** A clone with one package, `a`, and one that is optional, for another platform. */
function clone(installed: Readonly<Record<string, unknown>> = {}): string {
  const packages = {
    '': { dependencies: { a: '1.0.0' } },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-A' },
    'node_modules/b': { version: '2.0.0', integrity: 'sha512-B', optional: true },
  };
  return scratch({
    'package.json': { dependencies: { a: '1.0.0' } },
    'package-lock.json': { packages },
    'node_modules/.package-lock.json': { packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-A' }, ...installed } },
    'node_modules/a/package.json': {},
  });
}

test('packages: what npm noted last is compared with the lock file', () => {
  assert.equal(packagesAreStale(clone()), undefined);
  assert.equal(
    packagesAreStale(clone({ 'node_modules/a': { version: '1.0.1', integrity: 'sha512-X' } })),
    'node_modules/a is another version',
  );
  assert.equal(packagesAreStale(clone({ 'node_modules/a': undefined })), 'node_modules/a is not installed');
  const gone = clone();
  rmSync(join(gone, 'node_modules/a'), { recursive: true });
  assert.equal(packagesAreStale(gone), 'node_modules/a is gone');
  const interrupted = clone();
  rmSync(join(interrupted, 'node_modules/.package-lock.json'));
  assert.equal(packagesAreStale(interrupted), 'not installed');
  const edited = clone();
  writeFileSync(join(edited, 'package.json'), JSON.stringify({ dependencies: { a: '1.0.0', c: '3.0.0' } }));
  assert.equal(packagesAreStale(edited), 'package.json and the lock file differ');
});

test('build: a changed source and a lost output are noticed, and a deleted source leaves nothing behind', async () => {
  const options = {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      lib: ['es2022'],
      skipLibCheck: true,
      rootDir: '.',
      outDir: 'dist',
      incremental: true,
      types: [],
      tsBuildInfoFile: 'dist/.tsbuildinfo',
    },
    include: ['src'],
  };
  const folder = scratch({
    'package.json': { type: 'module' },
    'tsconfig.json': options,
    'package-lock.json': '{}',
    'src/a.ts': 'export const a: number = 1;',
    'src/b.ts': 'export {};',
  });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'node_modules', 'typescript'), join(folder, 'node_modules', 'typescript'), 'junction');
  const silent = { step: () => ({ update() {}, done() {}, failed() {} }) };
  const output = join(folder, 'dist', 'src', 'a.js');

  assert.equal(buildIsStale(folder), 'sources changed');
  await build(folder, silent);
  assert.equal(buildIsStale(folder), undefined);

  rmSync(output);
  assert.equal(buildIsStale(folder), 'dist/src/a.js is gone');
  await build(folder, silent);
  assert.match(readFileSync(output, 'utf8'), /a = 1/);

  writeFileSync(join(folder, 'src/a.ts'), 'export const a: number = 22;');
  rmSync(join(folder, 'src/b.ts'));
  assert.equal(buildIsStale(folder), 'sources changed');
  await build(folder, silent);
  assert.match(readFileSync(output, 'utf8'), /a = 22/);
  assert.equal(existsSync(join(folder, 'dist/src/b.js')), false);

  writeFileSync(join(folder, 'src/a.ts'), "export const a: number = 'text';");
  await assert.rejects(build(folder, silent), (failure: { message: string; lines: string[] }) => {
    assert.equal(failure.message, 'TypeScript found errors (exit 2)');
    assert.match(failure.lines.join(), /src\/a\.ts\(1,14\): error TS2322/);
    return true;
  });
  assert.equal(buildIsStale(folder), 'sources changed');
});

test('native: the record is believed while tools stay the same, for a day, unless asked again', () => {
  const folder = clone();
  const env = { PATH: '', NEOTENY_CACHE: '/nowhere' };
  assert.equal(nativeState(folder, { env }), 'provide');
  assert.equal(nativeState(folder, { env, backend: 'wasm' }), 'nothing');
  // The set-up itself writes what it could not do: with an unusable cache folder it fails before anything is fetched.
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  const environment = { ...process.env, NEOTENY_CACHE: join(file, 'cache') };
  const source = `
    import { provideNative } from '${tool('native')}';
    await provideNative(${JSON.stringify(folder)}, { step() {}, note() {} }).catch((failure) => console.log(failure.message));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source], { env: environment, encoding: 'utf8' });
  // Elsewhere the reason is the platform.
  if (process.platform === 'linux')
    assert.match(stdout, /the cache folder cannot be used \(.*a part of the path is a file, not a folder\)/);
  assert.equal(nativeState(folder, { env: environment }), 'known-absent');
  assert.equal(nativeState(folder, { env: environment, retry: true }), 'provide');
  assert.equal(nativeState(folder, { env: environment, backend: 'native' }), 'provide');
  assert.equal(nativeState(folder, { env: { ...environment, PATH: '' } }), 'provide');
  assert.equal(nativeState(folder, { env: environment, now: Date.now() + 25 * 3600 * 1000 }), 'provide');
  writeFileSync(recordPath(folder), 'not JSON');
  assert.equal(nativeState(folder, { env: environment }), 'provide');
});

test('library: a truncated, an altered and an absent file are each noticed', async () => {
  const content = 'the library';
  const pinned = { size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  const wheel = { libraries: { 'tensorflow/lib.so': pinned } };
  const folder = scratch({ 'lib/lib.so': content, 'include/tensorflow/c/c_api.h': '' });
  const path = join(folder, 'lib', 'lib.so');
  assert.equal(await libraryIsSound(folder, wheel), false, 'nothing was noted: unpacking was not finished');
  writeFileSync(join(folder, 'checked.json'), '{}');
  assert.equal(await libraryIsSound(folder, wheel), true, 'no time noted, so it is hashed');
  const { mtimeMs } = statSync(path);
  assert.deepEqual(JSON.parse(readFileSync(join(folder, 'checked.json'), 'utf8')), { 'lib.so': mtimeMs });
  writeFileSync(path, 'the libraRy');
  utimesSync(path, 1, 1);
  assert.equal(await libraryIsSound(folder, wheel), false, 'same size, another content');
  writeFileSync(path, content);
  assert.equal(await libraryIsSound(folder, wheel, { thorough: true }), true);
  truncateSync(path, 4);
  assert.equal(await libraryIsSound(folder, wheel), false, 'truncated');
  rmSync(path);
  assert.equal(await libraryIsSound(folder, wheel), false, 'absent');
});

test('the set-up and the loader of data sets use one cache folder', () => {
  for (const env of [{ NEOTENY_CACHE: '/big' }, { XDG_CACHE_HOME: '/home/me/.c' }, { XDG_CACHE_HOME: 'relative' }, {}]) {
    assert.equal(cache.cacheFolder(env), cacheFolder(env));
  }
});

test('a wrong backend and a wrong option end with one clear sentence', () => {
  const setup = (args: string[], env: Record<string, string>): { status: number | null; stderr: string } =>
    spawnSync(process.execPath, [join(root, 'tools', 'setup.mjs'), ...args], { env: { ...process.env, ...env }, encoding: 'utf8' });
  const backend = setup([], { NEOTENY_BACKEND: 'gpu' });
  assert.equal(backend.status, 1);
  assert.equal(backend.stderr, "set-up failed: NEOTENY_BACKEND is 'gpu'\nwhat to do: set it to one of native, wasm, cpu, or unset it\n");
  const option = setup(['--fast'], {});
  assert.equal(option.status, 2);
  assert.match(option.stderr, /^unknown option: '--fast'\n/);
});
