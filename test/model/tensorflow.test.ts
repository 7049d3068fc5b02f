import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const addon = join(root, 'node_modules/@tensorflow/tfjs-node/lib/napi-v8/tfjs_binding.node');
const door = new URL('../../src/model/tensorflow.js', import.meta.url).href;
const loader = new URL('../../src/analysis/loadDanfo.js', import.meta.url).href;

/** Runs a module in a Node of its own, where no TensorFlow is loaded yet; returns the JSON it prints last and all it prints. */
async function inFreshNode(source: string, environment: Record<string, string> = {}): Promise<{ value: unknown; text: string }> {
  const env = { ...process.env, ...environment };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source], { cwd: root, env });
  const lines = stdout.trim().split('\n');
  return { value: JSON.parse(lines.at(-1) ?? 'null'), text: stdout + stderr };
}

const PRODUCT = `
  import { openTensorflow, tf } from '${door}';
  const backend = await openTensorflow();
  const twice = await openTensorflow();
  const product = tf.tidy(() => [...tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()]);
  console.log(JSON.stringify({ backend, same: backend === twice, engine: tf.getBackend(), product }));`;

for (const backend of ['wasm', 'cpu']) {
  test(`NEOTENY_BACKEND=${backend} serves without a word`, async () => {
    const { value, text } = await inFreshNode(PRODUCT, { NEOTENY_BACKEND: backend });
    assert.deepEqual(value, { backend, same: true, engine: backend, product: [11] });
    assert.equal(text.trim().split('\n').length, 1, text);
  });
}

test('the native library serves when the set-up provided it', { skip: !existsSync(addon) }, async () => {
  const { value } = await inFreshNode(PRODUCT, { NEOTENY_BACKEND: '' });
  assert.deepEqual(value, { backend: 'tensorflow', same: true, engine: 'tensorflow', product: [11] });
});

test('native and WebAssembly agree on the gradients of a convolution', { skip: !existsSync(addon) }, async () => {
  const source = `
    import { openTensorflow, tf } from '${door}';
    await openTensorflow();
    const x = tf.reshape(tf.sin(tf.range(0, 2 * 9 * 9 * 3)), [2, 9, 9, 3]);
    const w = tf.reshape(tf.cos(tf.range(0, 3 * 3 * 3 * 4)), [3, 3, 3, 4]);
    const [dx, dw] = tf.grads((a, b) => tf.square(tf.conv2d(a, b, 2, 'same')))([x, w]);
    console.log(JSON.stringify([[...dx.dataSync()], [...dw.dataSync()]]));`;
  const native = (await inFreshNode(source, { NEOTENY_BACKEND: 'native' })).value as number[][];
  const wasm = (await inFreshNode(source, { NEOTENY_BACKEND: 'wasm' })).value as number[][];
  native.forEach((gradient, i) => {
    gradient.forEach((value, k) => {
      const other = wasm[i]?.[k] as number;
      // Relative, for the squared outputs are of the order of 10 and sums of 50 of them of 100.
      assert.ok(Math.abs(value - other) <= 1e-4 * Math.max(1, Math.abs(value)), `${value} native, ${other} on WebAssembly`);
    });
  });
});

test('a backend that does not exist is named with those that do', async () => {
  const source = `import { openTensorflow } from '${door}';
    console.log(JSON.stringify(await openTensorflow().catch((error) => error.message)));`;
  const { value } = await inFreshNode(source, { NEOTENY_BACKEND: 'wasn' });
  assert.equal(value, "unknown backend in NEOTENY_BACKEND: 'wasn'. Did you mean 'wasm'? Known: native, wasm, cpu");
});

test('importing the door loads no TensorFlow, and a tensor before opening it says what to do', async () => {
  const source = `
    import Module from 'node:module';
    import { tf } from '${door}';
    let message = '';
    try { tf.tensor([1]); } catch (error) { message = error.message; }
    console.log(JSON.stringify({ loaded: Object.keys(Module._cache).filter((name) => name.includes('tensorflow')).length, message }));`;
  const { value } = await inFreshNode(source);
  assert.deepEqual(value, { loaded: 0, message: 'missing TensorFlow; await openTensorflow() before the first tensor' });
});

for (const backend of ['wasm', ...(existsSync(addon) ? ['native'] : [])]) {
  test(`danfo's dataframes work on ${backend}`, async () => {
    const source = `
      import { loadDanfo } from '${loader}';
      import { tf } from '${door}';
      const danfo = await loadDanfo();
      const frame = new danfo.DataFrame({ density: [1, 0.8, 0.64], accuracy: [0.9, 0.7, 0.5] });
      console.log(JSON.stringify({ mean: frame['accuracy'].mean(), shape: frame.shape, tensor: frame.tensor.shape, engine: tf.getBackend() }));`;
    const { value } = await inFreshNode(source, { NEOTENY_BACKEND: backend });
    // (0.9 + 0.7 + 0.5) / 3
    assert.deepEqual(value, {
      mean: (0.9 + 0.7 + 0.5) / 3,
      shape: [3, 2],
      tensor: [3, 2],
      engine: backend === 'native' ? 'tensorflow' : backend,
    });
  });
}
