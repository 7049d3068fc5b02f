import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { site } from '../../src/dataset/site.js';
import { newFolder } from './tiny.js';

async function serving(listener: RequestListener, body: (base: string) => Promise<void>): Promise<void> {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}/data/`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('files are downloaded under the base address, with progress in bytes', async () => {
  await serving(
    (request, response) => response.setHeader('content-length', 6).end(`<${(request.url ?? '').slice(-4)}>`),
    async (base) => {
      const work = newFolder();
      const seen: [string, number, number | undefined][] = [];
      const folder = await site(base, ['one1', 'two2']).deliver(work, (what, done, total) => seen.push([what, done, total]));
      assert.equal(folder, work);
      assert.equal(readFileSync(join(work, 'one1'), 'utf8'), '<one1>');
      assert.equal(readFileSync(join(work, 'two2'), 'utf8'), '<two2>');
      assert.deepEqual(seen.at(-1), [`download ${base}two2`, 6, 6]);
    },
  );
});

test('an archive is unpacked', async () => {
  const made = newFolder();
  mkdirSync(join(made, 'inner'));
  writeFileSync(join(made, 'inner', 'a.bin'), 'abc');
  execFileSync('tar', ['-czf', join(made, 'x.tar.gz'), '-C', made, 'inner']);
  const bytes = readFileSync(join(made, 'x.tar.gz'));
  await serving(
    (_, response) => response.end(bytes),
    async (base) => {
      const folder = await site(base, ['x.tar.gz'], { archive: 'inner' }).deliver(newFolder(), () => {});
      assert.equal(readFileSync(join(folder, 'a.bin'), 'utf8'), 'abc');
      await assert.rejects(
        site(base, ['x.tar.gz'], { archive: 'other' }).deliver(newFolder(), () => {}),
        {
          name: 'UserError',
          message: /tar ended with code/,
        },
      );
    },
  );
});

test('every failure says in one sentence why', async () => {
  const fails = (listener: RequestListener, message: RegExp, options = {}): Promise<void> =>
    serving(listener, (base) =>
      assert.rejects(
        site(base, ['f'], options).deliver(newFolder(), () => {}),
        { name: 'UserError', message },
      ),
    );
  await fails((_, response) => response.writeHead(404).end(), /^f: HTTP 404 Not Found$/);
  await fails((_, response) => response.end('12345'), /^f: more than 4 bytes$/, { most: 4 });
  await fails(() => {}, /^f: no byte came for 0.2 seconds$/, { patience: 0.2 });
  await fails((_, response) => void response.write('1'), /^f: no byte came for 0.2 seconds$/, { patience: 0.2 });
  await fails((_, response) => response.writeHead(200, { 'content-length': 10 }).write('1', () => response.destroy()), /^f: /);
  await fails((request) => request.socket.destroy(), /^f: fetch failed: /);
});
