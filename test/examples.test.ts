/** Every `@example expression // => value` in the sources is run, with the exports of its own file in scope. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const sources = join(import.meta.dirname, '..', '..', 'src');
const compiled = join(import.meta.dirname, '..', 'src');

interface Example {
  path: string;
  expression: string;
  expected: string;
}

const examples: Example[] = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .flatMap((path) =>
    [...readFileSync(join(sources, path), 'utf8').matchAll(/@example (.+?) \/\/ => (.+?)(?: \*\/)?$/gm)].map((m) => ({
      path,
      expression: m[1] as string,
      expected: m[2] as string,
    })),
  );

test('there are examples', () => assert.ok(examples.length > 20));

for (const { path, expression, expected } of examples) {
  test(`${path}: ${expression}`, async () => {
    const module = (await import(join(compiled, path.replace(/\.ts$/, '.js')))) as Record<string, unknown>;
    const evaluate = (code: string): unknown => new Function(...Object.keys(module), `return (${code});`)(...Object.values(module));
    const found = await evaluate(expression);
    const wanted = evaluate(expected);
    if (typeof wanted === 'number' && typeof found === 'number' && !Number.isInteger(wanted)) {
      assert.ok(Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${found} is not ${wanted}`);
    } else assert.deepEqual(found, wanted);
  });
}
