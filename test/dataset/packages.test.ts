/** The package sources, with stand-ins for npm and apt-get first on the path: what they ask for, and what a failure says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianPackage } from '../../src/dataset/debianPackage.js';
import { npmPackage } from '../../src/dataset/npmPackage.js';
import { runTool } from '../../src/dataset/runTool.js';
import { newFolder } from './tiny.js';

/** Runs the body with a program of that name that runs this shell script. */
async function standIn(name: string, script: string, body: () => Promise<void>): Promise<void> {
  const folder = newFolder();
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
  const path = process.env['PATH'];
  process.env['PATH'] = `${folder}:${path}`;
  try {
    await body();
  } finally {
    process.env['PATH'] = path;
  }
}

const unix = process.platform === 'win32' ? { skip: 'the stand-ins are shell scripts' } : {};

test('npm packs exactly that version, and only the folder asked for is unpacked', unix, async () => {
  const made = newFolder();
  mkdirSync(join(made, 'package', 'data'), { recursive: true });
  writeFileSync(join(made, 'package', 'data', 'a'), 'abc');
  writeFileSync(join(made, 'package', 'install.js'), 'never');
  execFileSync('tar', ['-czf', join(made, 'd.tgz'), '-C', made, 'package']);
  await standIn('npm', `echo "$@" > asked; cp ${join(made, 'd.tgz')} d-1.0.0.tgz`, async () => {
    const work = newFolder();
    const folder = await npmPackage('d', '1.0.0', 'data', 3).deliver(work, () => {});
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'abc');
    assert.match(readFileSync(join(work, 'asked'), 'utf8'), /^pack d@1\.0\.0 /);
    assert.throws(() => readFileSync(join(work, 'package', 'install.js')));
  });
});

test("npm's own reason is passed on", unix, async () => {
  await standIn('npm', 'echo "npm notice x" >&2; echo "npm error code EINTEGRITY" >&2; echo "A log: /x" >&2; exit 3', () =>
    assert.rejects(
      npmPackage('d', '1.0.0', '', 3).deliver(newFolder(), () => {}),
      {
        name: 'UserError',
        message: 'npm ended with code 3: npm error code EINTEGRITY',
      },
    ),
  );
});

test("tar's first line says more than its last", unix, async () => {
  await standIn('tar', 'echo "tar: a: No space left on device" >&2; echo "tar: Exiting with failure status" >&2; exit 2', () =>
    assert.rejects(runTool('tar', ['-x'], newFolder(), 1), { message: 'tar ended with code 2: tar: a: No space left on device' }),
  );
});

test('an installed Debian package is used where it is', async () => {
  const folder = newFolder();
  assert.equal(await debianPackage('d', folder).deliver(newFolder(), () => {}), folder);
});

test('a Debian package that is not installed is downloaded; root updates the lists first if that fails', unix, async () => {
  const script = 'echo "$@" >> asked; if [ "$1" = download ]; then echo "E: Unable to locate package d" >&2; exit 100; fi';
  await standIn('apt-get', script, async () => {
    const work = newFolder();
    await assert.rejects(
      debianPackage('d', '/no/such/folder').deliver(work, () => {}),
      {
        name: 'UserError',
        message: 'apt-get ended with code 100: E: Unable to locate package d',
      },
    );
    const root = process.getuid?.() === 0;
    assert.equal(readFileSync(join(work, 'asked'), 'utf8'), root ? 'download d\nupdate\ndownload d\n' : 'download d\n');
  });
});

test('a program that is absent or does not end is named', unix, async () => {
  await assert.rejects(runTool('no-such-program', [], newFolder(), 1), { name: 'UserError', message: 'no-such-program is not installed' });
  await assert.rejects(runTool('sleep', ['30'], newFolder(), 0.005), {
    name: 'UserError',
    message: 'sleep did not finish in 0.005 minutes',
  });
});
