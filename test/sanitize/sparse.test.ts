/**
 * The sparse kernels under AddressSanitizer and UndefinedBehaviorSanitizer, on random shapes and densities: `npm run test:sanitize`.
 * Apart from the other tests, because it compiles the kernels once more.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { stream } from '../../src/random.js';
import { tinyDataset } from '../fixtures/tinyDataset.js';
import { caseFile } from '../train/sparse/caseFile.js';
import { randomArchitecture, randomMask } from '../train/sparse/randomCase.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..', '..');
const compiler = process.env['CXX'] ?? 'g++';
const CASES = 40;

test('kernels touch no memory that is not theirs, and do nothing undefined', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'neoteny-sanitize-'));
  try {
    const driver = join(folder, 'driver');
    const flags = ['-std=c++17', '-O1', '-g1', '-march=native', '-pthread', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    await run(compiler, [...flags, join(root, 'native', 'test', 'driver.cpp'), '-o', driver]);
    const files = Array.from({ length: CASES }, (_, seed) => {
      const random = stream(seed, 'sanitize');
      const architecture = randomArchitecture(random, 4);
      const dataset = tinyDataset({ shape: architecture.input as [number, number, number], train: 30 + random.integer(30) });
      const [adam, momentum] = [random.integer(2), random.integer(2)];
      const path = join(folder, `${seed}.case`);
      writeFileSync(
        path,
        caseFile({
          architecture,
          dataset,
          batchSize: 1 + random.integer(70),
          mask: randomMask(architecture, random),
          optimizer: [adam, random.integer(2), momentum ? 0.9 : 0, 0.9, 0.999, 1e-8, random.integer(2) * 0.01],
          loss: random.integer(2) === 0 ? 'crossEntropy' : 'squaredError',
          augmentation: random.integer(2) === 0 ? 'none' : 'cropFlip',
          updates: 3,
        }),
      );
      return path;
    });
    for (const threads of ['1', '3']) {
      const { stdout, stderr } = await run(driver, [threads, ...files], { env: { ...process.env, ASAN_OPTIONS: 'detect_leaks=1' } });
      assert.equal(stderr, '');
      const losses = stdout.trim().split('\n').map(Number);
      assert.equal(losses.length, CASES * 4);
      assert.ok(losses.every(Number.isFinite));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
