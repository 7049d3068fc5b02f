/** What the notebooks may count on where the project's kernel is not used: `show`, progress and the stop button on unmodified tslab. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { type Executed, KernelClient, ofType, root } from './kernelClient.js';

let kernel: KernelClient;
const load = (file: string): string => `await import(String(${JSON.stringify(join(root, 'dist/src/notebook', file))}))`;

before(async () => {
  kernel = await KernelClient.start({ kernel: 'plain' });
});
after(() => kernel?.close());

test('the forms that the lint forbids do fail here, and what it recommends works', async () => {
  await kernel.print('const seed = 7; interface Config { rate: number }; const config: Config = { rate: 1 };');
  await assert.rejects(kernel.print('console.log({ seed })'));
  await new Promise((done) => setTimeout(done, 300)); // it drops cells for 200 ms after an error
  await assert.rejects(kernel.print('const { rate: r } = config; console.log(r)'));
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(await kernel.print('const { "rate": s } = config; console.log({ seed: seed }, s)'), '{ seed: 7 } 1\n');
});

test('show gives a figure as one output of several types', async () => {
  const { outputs } = await kernel.execute(`const { show } = ${load('show.js')};
    await show({ data: [{ type: "bar", x: ["a"], y: [1] }], layout: { width: 200, height: 200 } });`);
  const shown = ofType(outputs, 'display_data');
  assert.equal(shown.length, 1);
  assert.deepEqual(Object.keys(shown[0]?.data ?? {}).sort(), ['application/vnd.plotly.v1+json', 'image/png', 'text/plain']);
});

test('interruptible work stops, and the kernel lives on', async () => {
  const request = await kernel.ask<string>('begin', {
    code: `const { interruptible } = ${load('interruptible.js')};
      let ticks = 0;
      await interruptible(async (signal: AbortSignal) => {
        while (!signal.aborted) { ticks++; if (ticks === 3) console.log("going"); await new Promise((r) => setTimeout(r, 5)); }
      });`,
  });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  await kernel.ask<Executed>('wait', { request });
  await new Promise((done) => setTimeout(done, 300));
  assert.equal(await kernel.print('console.log("alive")'), 'alive\n');
  assert.equal(await kernel.ask('alive'), true);
});
