/** What a notebook sees of the package: its types under TypeScript 5.0, and what an import loads. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { root } from './kernelClient.js';

const { checkDeclarations } = (await import(pathToFileURL(join(root, 'tools/checkDeclarations.mjs')).href)) as {
  checkDeclarations: (specifier?: string) => string[];
};

test('no public declaration is any in a notebook', () => {
  assert.deepEqual(checkDeclarations(), []);
});

test('no declaration names a generic typed array, which TypeScript 5.0 takes as any', () => {
  const declarations = readdirSync(join(root, 'dist/src'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.d.ts'));
  assert.ok(declarations.length > 20);
  assert.deepEqual(
    declarations.filter((name) => /Array<ArrayBuffer/.test(readFileSync(join(root, 'dist/src', name), 'utf8'))),
    [],
  );
});

test('the check finds every way to lose a type', () => {
  const folder = mkdtempSync(join(tmpdir(), 'declarations-'));
  try {
    writeFileSync(
      join(folder, 'lost.d.ts'),
      `import type { Gone } from './gone';
       export declare function newer(): Float32Array<ArrayBuffer>;
       export declare const nested: { readonly inner: Map<string, any> };
       export interface Shape { area(side: number): Gone }
       export type Fine = readonly number[] | { [name: string]: string | null };
       export declare class Box<T extends object = object> { #secret; private hidden; get(key: keyof T): any; }`,
    );
    assert.deepEqual(checkDeclarations(join(folder, 'lost')).sort(), [
      'Shape.area() is any',
      "lost.d.ts:1: Cannot find module './gone' or its corresponding type declarations.",
      "lost.d.ts:2: Type 'Float32Array' is not generic.",
      'nested.inner<> is any',
      'new Box().get() is any',
      'newer() is any',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('importing the package loads neither TensorFlow nor a drawing library', () => {
  // These packages are CommonJS, so that whatever loads them leaves them in this cache.
  const code = `await import('neoteny'); const { createRequire } = await import('node:module');
    const seconds = process.cpuUsage().user / 1e6;
    console.log(JSON.stringify({ seconds, loaded: Object.keys(createRequire(process.cwd() + '/x.js').cache) }));`;
  const { seconds, loaded } = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: join(root, 'notebooks'), encoding: 'utf8' }),
  ) as {
    seconds: number;
    loaded: string[];
  };
  assert.deepEqual(
    loaded.filter((path) => /node_modules\/(@tensorflow|danfojs|plotly|jsdom|sharp|playwright)/.test(path)),
    [],
  );
  // The promise is 4; the tests of other files run beside this one and do not count as CPU time of this process.
  assert.ok(seconds < 4, `${seconds} s of CPU time`);
});
