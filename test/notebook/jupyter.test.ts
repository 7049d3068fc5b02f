/** tools/jupyter.mjs and the kernel's door: exit codes, signals, refusals. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fixtures, root } from './kernelClient.js';
import { runTool } from './tools.js';

test("the kernel named tslab is the project's own, wherever the project lies", async () => {
  const { code, out } = await runTool('jupyter.mjs', ['kernelspec', 'list', '--json']);
  assert.equal(code, 0);
  const { kernelspecs } = JSON.parse(out) as { kernelspecs: Record<string, { resource_dir: string; spec: { argv: string[] } }> };
  assert.equal(kernelspecs['tslab']?.resource_dir, join(root, 'tools/jupyter/kernels/tslab'));
  // the file itself names no folder of this machine
  assert.ok(!readFileSync(join(root, 'tools/jupyter/kernels/tslab/kernel.json'), 'utf8').includes(root));
});

test("exit codes are the command's", async () => {
  assert.equal((await runTool('jupyter.mjs', ['python', '-c', 'import sys; sys.exit(7)'])).code, 7);
  assert.notEqual((await runTool('jupyter.mjs', ['no-such-command'])).code, 0);
});

test('the CommonJS program that JupyterLab starts with runs inside this package of ES modules', async () => {
  const where = 'import jupyter_builder, os; print(os.path.join(os.path.dirname(jupyter_builder.__file__), "yarn.js"))';
  const { out, err } = await runTool('jupyter.mjs', ['python', '-c', where]);
  const { status, stderr } = spawnSync(process.execPath, [out.trim(), '--version'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr || err);
});

test('a signal reaches the command, and ends both', async () => {
  const child = spawn(
    process.execPath,
    [join(root, 'tools/jupyter.mjs'), 'python', '-c', 'import time; print("up", flush=True); time.sleep(60)'],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const closed = new Promise<NodeJS.Signals | null>((done) => child.once('close', (_code, signal) => done(signal)));
  child.stdout.once('data', () => child.kill('SIGTERM'));
  assert.equal(await closed, 'SIGTERM');
});

test('without a Python it says what to do', () => {
  const env = { ...process.env, PYTHON: '/nowhere/python3', NEOTENY_VENV: join(tmpdir(), 'no-such-venv') };
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'tools/jupyter.mjs'), '--version'], { env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /missing Python \(tried \/nowhere\/python3\); install Python 3\.10 or newer/);
});

test('every requirement is pinned with its hashes', () => {
  const lines = readFileSync(join(root, 'tools/jupyter/requirements.txt'), 'utf8').split('\n');
  const names = lines.filter((line) => /^[a-z]/.test(line));
  assert.ok(names.length > 100);
  for (const line of names) {
    assert.match(line, /^[\w.-]+==[\w.]+/);
    assert.match(lines[lines.indexOf(line) + 1] ?? '', /^ {4}--hash=sha256:[0-9a-f]{64}/);
  }
  for (const asked of readFileSync(join(root, 'tools/jupyter/requirements.in'), 'utf8')
    .split('\n')
    .filter((line) => /^[a-z]/.test(line))) {
    assert.ok(
      names.some((line) => line.split(' ')[0] === asked),
      asked,
    );
  }
});

test('the kernel refuses a tslab that it was not made for, and a missing one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kernel-'));
  try {
    cpSync(join(root, 'tools/kernel.cjs'), join(folder, 'kernel.cjs'));
    const run = (): string => {
      const { status, stderr } = spawnSync(process.execPath, ['kernel.cjs', 'connection.json'], { cwd: folder, encoding: 'utf8' });
      assert.equal(status, 1);
      return stderr;
    };
    assert.match(run(), /missing tslab; run npm ci/);
    mkdirSync(join(folder, 'node_modules/tslab'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/tslab/package.json'), '{"name":"tslab","version":"1.1.0"}');
    assert.match(run(), /mismatched tslab: expected 1\.0\.22, found 1\.1\.0/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nbval runs a notebook with its outputs compared, and sees a changed one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nbval-'));
  try {
    const wrong = join(folder, 'wrong.ipynb');
    writeFileSync(wrong, readFileSync(join(fixtures, 'squares.ipynb'), 'utf8').replace('squares 14 2', 'squares 15 2'));
    const args = ['python', '-m', 'pytest', '-q', '--nbval', '-p', 'no:cacheprovider', '--rootdir', folder];
    const [good, bad] = await Promise.all([
      runTool('jupyter.mjs', [...args, join(fixtures, 'squares.ipynb')]),
      runTool('jupyter.mjs', [...args, wrong]),
    ]);
    assert.match(good.out, /3 passed/);
    assert.match(bad.out, /1 failed, 2 passed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
