/**
 * The project's kernel, spoken to in Jupyter's own protocol: one test for each thing that plain tslab 1.0.22 gets wrong.
 * Expected values are what the same TypeScript prints in one file, and the field names of Jupyter's messaging protocol 5.3.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { type Executed, KernelClient, ofType, printed, root } from './kernelClient.js';

let kernel: KernelClient;
/** A cell's import of a compiled file of this project; the path is computed so that no type is asked for. */
const load = (file: string): string => `await import(String(${JSON.stringify(join(root, 'dist/src/notebook', file))}))`;

before(async () => {
  kernel = await KernelClient.start({ env: { NODE_OPTIONS: '--expose-gc' } });
  await kernel.print(`
    let count = 1; const seed = 7; const rate = 0.5;
    import { basename } from "node:path";
    interface Config { rate: number; name: string }
    const config: Config = { rate: 0.1, name: "conf" };
    class Base { rate = 1 }
    const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));`);
});
after(() => kernel?.close());

test('kernel info: status, implementation, the real versions', async () => {
  const info = await kernel.ask<Record<string, unknown>>('info');
  assert.equal(info['status'], 'ok');
  assert.equal(info['implementation'], 'tslab');
  assert.equal(info['implementation_version'], '1.0.22');
  const language = info['language_info'] as Record<string, unknown>;
  assert.deepEqual([language['name'], language['version'], language['file_extension']], ['typescript', '5.0.4', '.ts']);
});

/** Cells that name something of an earlier cell, and what they print. */
const forms: readonly (readonly [title: string, code: string, expected: string])[] = [
  ['shorthand', 'console.log(JSON.stringify({ seed, rate }))', '{"seed":7,"rate":0.5}\n'],
  ['shorthand of an import', 'console.log(typeof ({ basename }).basename)', 'function\n'],
  ['shorthand in a nested function', 'const f = () => { const g = () => ({ seed }); return g().seed; }; console.log(f())', '7\n'],
  ['shorthand in an arrow default', 'const f = ({ a } = { a: [{ seed }] }) => a[0].seed; console.log(f())', '7\n'],
  [
    'shorthand in a class',
    'class A extends Base { all = { seed }; get() { return { rate }; } } console.log(new A().all.seed, new A().get().rate)',
    '7 0.5\n',
  ],
  ['shorthand in a template string', 'console.log(`<${JSON.stringify({ seed })}> ${`${Object.keys({ rate })}`}`)', '<{"seed":7}> rate\n'],
  ['shorthand of a name of the same cell', 'const own = 3; console.log({ own }.own, { seed: own }.seed)', '3 3\n'],
  ['shorthand shadowed by a parameter', 'const f = (seed: string) => ({ seed }); console.log(f("x").seed)', 'x\n'],
  ['renaming destructuring', 'const { rate: r } = config; console.log(r)', '0.1\n'],
  [
    'renaming destructuring, nested with default and rest',
    'const { a: { rate: s = 2, ...rest } } = { a: config }; console.log(s, rest.name)',
    '0.1 conf\n',
  ],
  ['renaming parameter of an arrow function', 'console.log([config].map(({ rate: r, name }) => name + r)[0])', 'conf0.1\n'],
  ['renaming parameter of a method', 'class B { m({ rate: r }: Config) { return r; } } console.log(new B().m(config))', '0.1\n'],
  [
    'renaming in for-of and catch',
    'for (const { rate: r } of [config]) console.log(r); try { throw config } catch ({ rate: r }) { console.log(r) }',
    '0.1\n0.1\n',
  ],
  [
    'destructuring assignment',
    '({ rate: count } = config); console.log(count); ({ count } = { count: 5 }); console.log(count)',
    '0.1\n5\n',
  ],
  [
    'destructuring assignment with a default',
    '({ count = 9 } = {} as { count?: number }); console.log(count, (globalThis as any).count)',
    '9 undefined\n',
  ],
  [
    'string and computed keys',
    'const { "rate": a, ["na" + "me"]: b } = config as any; console.log(a, b, { "seed": 1, [seed]: 2 }[7])',
    '0.1 conf 2\n',
  ],
  [
    'type positions',
    'type T = { rate: number; seed: string }; type F = ({ rate }: Config) => void; const t: T = { rate, seed: "s" }; const f: F = ({ rate: r }) => console.log(r, t.seed); f(config)',
    '0.1 s\n',
  ],
  ['import with a new name', 'import { join as glue } from "node:path"; console.log(glue("a", "b"), { glue }.glue("c"))', 'a/b c\n'],
  [
    'enums, labels and property names',
    'enum E { seed = 2 } rate2: for (;;) { break rate2; } console.log(E.seed, { seed: 1 }.seed, config?.rate)',
    '2 1 0.1\n',
  ],
  [
    'a method named like an earlier name',
    'const o = { seed() { return 1; }, get rate() { return 2; } }; console.log(o.seed(), o.rate)',
    '1 2\n',
  ],
];

test('names of earlier cells in every form of object and pattern', async (t) => {
  for (const [title, code, expected] of forms) {
    await t.test(title, async () => assert.equal(await kernel.print(code), expected));
  }
});

test('compiler messages point at what was written, also behind a rewritten form', async () => {
  const { reply } = await kernel.execute('const o = { seed, rate }; const wrong: string = rate;');
  // counted in the text of the cell: `wrong` is at the 33rd character
  assert.equal(reply.evalue, "1:33 - Type 'number' is not assignable to type 'string'.");
  const second = await kernel.execute('for await (const x of []) {}\nconst { rate: r } = config, n: string = r;');
  assert.equal(second.reply.evalue, "2:29 - Type 'number' is not assignable to type 'string'.");
});

test('for await as the only await of a cell', async () => {
  const code = 'async function* two() { yield 1; yield 2; }\nfor await (const value of two()) console.log(value);\nseed;';
  assert.equal(await kernel.print(code), '1\n2\n7\n');
  assert.equal(
    await kernel.print('if (seed) { for await (const v of [wait(1).then(() => "late"), "now"]) console.log(v); }'),
    'late\nnow\n',
  );
});

test('execution counts: one a cell, none for silent cells and those kept out of the history', async () => {
  const first = await kernel.execute('1');
  const count = first.reply.execution_count as number;
  const input = ofType(first.outputs, 'execute_input')[0];
  assert.deepEqual([input?.execution_count, (input as { code?: string } | undefined)?.code], [count, '1']);
  const silent = await kernel.execute('2', { silent: true });
  assert.equal(ofType(silent.outputs, 'execute_input').length, 0);
  await kernel.execute('3', { store_history: false });
  assert.equal((await kernel.execute('4')).reply.execution_count, count + 1);
});

test('errors have a name, a message and a traceback without the kernel in it', async () => {
  const { reply, outputs } = await kernel.execute('const fail = () => { throw new RangeError("too far"); };\nfail();');
  const [error] = ofType(outputs, 'error');
  assert.deepEqual([reply.status, reply.ename, reply.evalue], ['error', 'RangeError', 'too far']);
  assert.deepEqual([error?.ename, error?.evalue], ['RangeError', 'too far']);
  assert.equal(error?.traceback?.[0], 'RangeError: too far');
  assert.match(error?.traceback?.join('\n') ?? '', /at fail/);
  assert.doesNotMatch(error?.traceback?.join('\n') ?? '', /tslab|node:vm|tools\/kernel/);
  assert.equal(printed(outputs, 'stderr'), '');

  const types = await kernel.execute('const text: string = 1;');
  assert.deepEqual([types.reply.ename, types.reply.evalue], ['TypeScriptError', "1:7 - Type 'number' is not assignable to type 'string'."]);
  const thrown = await kernel.execute('throw { code: 3 }');
  assert.deepEqual([thrown.reply.ename, thrown.reply.evalue], ['Thrown', '{ code: 3 }']);
  const rejected = await kernel.execute('await wait(1); throw new TypeError("outer", { cause: new Error("inner") });');
  assert.equal(rejected.reply.ename, 'TypeError');
  assert.match(ofType(rejected.outputs, 'error')[0]?.traceback?.join('\n') ?? '', /cause: Error: inner/);
});

test('after an error the cells asked for before it are aborted, and those asked for after it run', async () => {
  const all = await kernel.ask<Executed[]>('batch', {
    codes: ['await wait(20); throw new Error("no")', 'console.log("skipped")', 'console.log("skipped too")'],
  });
  assert.deepEqual(
    all.map(({ reply }) => reply.status),
    ['error', 'aborted', 'aborted'],
  );
  assert.deepEqual(
    all.slice(1).flatMap(({ outputs }) => outputs),
    [],
  );
  assert.equal(await kernel.print('console.log("runs")'), 'runs\n'); // plain tslab drops it for 200 ms
  await kernel.execute('throw new Error("allowed")', { stop_on_error: false });
  assert.equal(await kernel.print('console.log("runs")'), 'runs\n');
});

test('the last expression shows itself', async () => {
  const { reply, outputs } = await kernel.execute(
    '({ [Symbol.for("Jupyter.display")]: () => ({ "text/html": "<b>rich</b>", "text/plain": "rich" }) })',
  );
  const [result] = ofType(outputs, 'execute_result');
  assert.deepEqual(result?.data, { 'text/html': '<b>rich</b>', 'text/plain': 'rich' });
  assert.equal(result?.execution_count, reply.execution_count);
  assert.equal(printed(outputs), '');
  const failing = await kernel.execute('({ [Symbol.for("Jupyter.display")]: async () => { throw new Error("cannot draw"); } })');
  assert.equal(failing.reply.evalue, 'cannot draw');
});

test('arquero tables and danfo frames show as tables, their text escaped', async () => {
  await kernel.print(`${load('display.js')};`);
  const code =
    'import { table } from "arquero"; table({ name: ["<script>alert(1)</script>", "b"], value: [1 / 3, 2] }).filter((d: any) => d.value < 1)';
  const [shown] = ofType((await kernel.execute(code)).outputs, 'execute_result');
  assert.match(String(shown?.data?.['text/html']), /&lt;script&gt;.*0\.33333/s);
  assert.doesNotMatch(String(shown?.data?.['text/html']), /<script>/);
  assert.match(String(shown?.data?.['text/plain']), /1 row × 2 columns$/);
  const frame = await kernel.execute('import { DataFrame } from "danfojs-node"; new DataFrame({ "a<b": [1, 2], c: ["x", "y"] })');
  assert.match(String(ofType(frame.outputs, 'execute_result')[0]?.data?.['text/html']), /<th[^>]*>a&lt;b<\/th>.*2 rows × 3 columns/s);
});

test('a figure is one output: Plotly, picture, text, and no HTML', async () => {
  const figure =
    '{ data: [{ type: "scatter", x: Float32Array.of(1, 2), y: [3, 4] }], layout: { title: { text: "Two points" }, width: 300, height: 200 } }';
  for (const code of [`(${figure})`, `const { show } = ${load('show.js')}; await show(${figure});`]) {
    const shown = ofType((await kernel.execute(code)).outputs, 'execute_result', 'display_data');
    assert.equal(shown.length, 1);
    const data = shown[0]?.data as Record<string, unknown>;
    assert.deepEqual(Object.keys(data).sort(), ['application/vnd.plotly.v1+json', 'image/png', 'text/plain']);
    assert.equal(data['text/plain'], 'Figure: Two points (1 trace)');
    assert.deepEqual((data['application/vnd.plotly.v1+json'] as { data: { x: number[] }[] }).data[0]?.x, [1, 2]);
    const png = Buffer.from(String(data['image/png']), 'base64');
    // PNG specification: width and height are big-endian words at bytes 16 and 20
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [300, 200]);
  }
});

test('a progress bar stays in one place and ends in its final state', async () => {
  const { outputs } = await kernel.execute(`const { progress } = ${load('progress.js')};
    const began = performance.now();
    const bar = progress("level <1>", 1000);
    for (let i = 1; i <= 1000; i++) { bar.at(i, "loss 0.5"); if (i % 100 === 0) await wait(60); }
    bar.finish(); console.log(performance.now() - began);`);
  const drawn = ofType(outputs, 'display_data', 'update_display_data');
  assert.equal(drawn[0]?.type, 'display_data');
  assert.ok(drawn.slice(1).every(({ type }) => type === 'update_display_data'));
  assert.equal(new Set(drawn.map(({ transient }) => transient?.display_id)).size, 1);
  const elapsed = Number(printed(outputs));
  // opened, one each 200 ms at most, final; the waits are longer on a busy machine
  assert.ok(drawn.length >= 4 && drawn.length <= 2 + elapsed / 200, `${drawn.length} drawings in ${elapsed} ms`);
  assert.match(String(drawn.at(-1)?.data?.['text/html']), /level &lt;1&gt;: 1000\/1000 \(100%\), .*\/s, took \d s, loss 0\.5/);
});

test('a live chart is SVG while it grows and the figure at the end, in one place', async () => {
  const { outputs } = await kernel.execute(`const { liveChart } = ${load('liveChart.js')};
    const chart = liveChart({ title: "A & B", width: 300, height: 200 });
    for (let i = 0; i < 4; i++) { chart.add("loss", i, 1 / (i + 1)); await wait(180); }
    await chart.finish();`);
  const drawn = ofType(outputs, 'display_data', 'update_display_data');
  assert.equal(new Set(drawn.map(({ transient }) => transient?.display_id)).size, 1);
  assert.match(String(drawn[0]?.data?.['image/svg+xml']), /^<svg .*A &amp; B/s);
  assert.deepEqual(Object.keys(drawn.at(-1)?.data ?? {}).sort(), ['application/vnd.plotly.v1+json', 'image/png', 'text/plain']);
  assert.equal(drawn.at(-1)?.type, 'update_display_data');
});

test('unhandled rejections and errors in timers are seen, without paths of this machine', async () => {
  const { reply, outputs } = await kernel.execute(
    'Promise.reject(new Error("lost")); setTimeout(() => { throw new Error("late"); }, 1); await wait(30);',
  );
  assert.equal(reply.status, 'ok');
  const text = printed(outputs, 'stderr');
  assert.match(text, /^UnhandledPromiseRejection: Error: lost$/m);
  assert.match(text, /^UncaughtException: Error: late$/m);
  assert.ok(!text.includes(root), text);
});

test('stop: a loop without await ends at once', async () => {
  const request = await kernel.ask<string>('begin', { code: 'console.log("going"); for (;;) {}' });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  const { reply } = await kernel.ask<Executed>('wait', { request });
  assert.deepEqual([reply.status, reply.ename, reply.evalue], ['error', 'Interrupted', 'the cell was stopped']);
});

test('stop: a loop that awaits does not run on behind the notebook', async () => {
  await kernel.print('let beats = 0;');
  const request = await kernel.ask<string>('begin', {
    code: 'for (;;) { beats++; if (beats === 3) console.log("going"); await wait(5); }',
  });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  const { reply } = await kernel.ask<Executed>('wait', { request });
  assert.equal(reply.ename, 'Interrupted');
  assert.equal(await kernel.print('const then = beats; await wait(60); console.log(beats - then)'), '0\n');
});

test('stop: a generator that a cell reads is asked to return', async () => {
  await kernel.print(
    'let left = "open"; async function* levels() { try { for (let i = 0; ; i++) { await null; await new Promise((r) => setTimeout(r, 5)); yield i; } } finally { left = "returned"; } }',
  );
  const request = await kernel.ask<string>('begin', {
    code: 'for await (const level of levels()) { if (level === 3) console.log("going"); }',
  });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  assert.equal((await kernel.ask<Executed>('wait', { request })).reply.ename, 'Interrupted');
  assert.equal(await kernel.print('await wait(30); console.log(left)'), 'returned\n');
});

/** Work as the library does it: looks at the signal at every step, returns what it has. */
const training = (whenAborted: string): string => `const { interruptible } = ${load('interruptible.js')};
  const done = await interruptible(async (signal: AbortSignal) => {
    const steps: number[] = [];
    for (let i = 0; i < 2000; i++) { ${whenAborted} steps.push(i); if (i === 2) console.log("going"); await wait(5); }
    return steps;
  });`;

test('stop: interruptible work returns what it has, the cell ends well and keeps its values', async () => {
  const request = await kernel.ask<string>('begin', { code: training('if (signal.aborted) break;') });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  const { reply } = await kernel.ask<Executed>('wait', { request });
  assert.equal(reply.status, 'ok');
  const steps = Number(await kernel.print('console.log(done.length)'));
  assert.ok(steps >= 3 && steps < 2000, `${steps} steps`);
});

test('stop: what waits behind a softly stopped cell is aborted, as Jupyter does', async () => {
  const first = await kernel.ask<string>('begin', { code: training('if (signal.aborted) break;') });
  const second = await kernel.ask<string>('begin', { code: 'console.log("next training")' });
  await kernel.ask('until', { request: first, text: 'going' });
  await kernel.ask('interrupt');
  assert.equal((await kernel.ask<Executed>('wait', { request: first })).reply.status, 'ok');
  assert.equal((await kernel.ask<Executed>('wait', { request: second })).reply.status, 'aborted');
});

test('stop: a second press ends work that does not heed the first', async () => {
  const request = await kernel.ask<string>('begin', { code: training('if (signal.aborted) console.log("asked");') });
  await kernel.ask('until', { request, text: 'going' });
  await kernel.ask('interrupt');
  await kernel.ask('until', { request, text: 'asked' });
  await kernel.ask('interrupt');
  const { reply } = await kernel.ask<Executed>('wait', { request });
  assert.deepEqual([reply.status, reply.ename], ['error', 'Interrupted']);
});

test('completion, inspection, is-complete, comm info and history are answered', async () => {
  const complete = await kernel.ask<{ matches: string[] }>('complete', { code: 'config.ra', cursor: 9 });
  assert.deepEqual(complete.matches, ['rate']);
  const inspect = await kernel.ask<{ found: boolean; data: Record<string, string> }>('inspect', { code: 'seed', cursor: 2 });
  assert.match(inspect.data['text/plain'] ?? '', /const seed: 7/);
  assert.equal((await kernel.ask<{ status: string }>('is_complete', { code: 'if (seed) {' })).status, 'incomplete');
  assert.deepEqual(await kernel.ask('comm_info'), { type: 'comm_info_reply', status: 'ok', comms: {} });
  assert.deepEqual(await kernel.ask('history'), { type: 'history_reply', status: 'ok', history: [] });
});

test('thousands of outputs arrive, and so does the end of their cell', async () => {
  const { reply, outputs } = await kernel.execute(
    'for (let i = 0; i < 2500; i++) console.log(i); await wait(1); for (let i = 2500; i < 3000; i++) console.log(i);',
  );
  assert.equal(reply.status, 'ok');
  assert.equal(printed(outputs), Array.from({ length: 3000 }, (_, i) => `${i}\n`).join(''));
});

test('200 cells do not make the memory grow', async () => {
  const cell = 'const big = new Float64Array(1e5).fill(seed); const made = { big, rate }; await wait(0); made.big.length';
  const used = async (): Promise<number> =>
    Number(
      await kernel.print('(globalThis as any).gc(); console.log(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers)'),
    );
  const run = async (cells: number): Promise<void> => {
    for (let i = 0; i < cells; i++) assert.equal((await kernel.execute(cell)).reply.status, 'ok');
  };
  await run(40); // caches of the compiler fill
  const before = await used();
  await run(160);
  const grown = (await used()) - before;
  // One cell's array is 0.8 MB: were 160 of them kept, that would be 128 MB.
  assert.ok(grown < 24e6, `grown by ${grown / 1e6} MB`);
});

test('restart: names are gone, counts begin at 1', async () => {
  await kernel.ask('restart');
  const gone = await kernel.execute('seed');
  assert.equal(gone.reply.ename, 'TypeScriptError');
  assert.equal(gone.reply.execution_count, 1);
  assert.equal(await kernel.print('console.log("new life")'), 'new life\n');
});

test('shutdown does not wait for what a cell left running', async () => {
  await kernel.execute('setInterval(() => {}, 1000);');
  const seconds = await kernel.ask<number>('shutdown');
  assert.ok(seconds < 4, `${seconds} s`); // Jupyter kills after 5
  assert.equal(await kernel.ask('alive'), false);
});

test('a kernel ends when its Jupyter is killed', async () => {
  const orphan = await KernelClient.start();
  const pid = await orphan.ask<number>('pid');
  const parent = await orphan.print('console.log(process.ppid)');
  process.kill(Number(parent), 'SIGKILL');
  const lives = (): boolean => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  for (let i = 0; i < 80 && lives(); i++) await new Promise((done) => setTimeout(done, 100));
  assert.equal(lives(), false);
});
