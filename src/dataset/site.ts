/** A data set's own site. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { UserError } from '../check.js';
import type { Progress, Source } from './definition.js';
import { runTool } from './runTool.js';

export interface SiteOptions {
  /** For a site with one .tar.gz: the folder inside it that holds the files. */
  readonly archive?: string;
  /** Seconds without a byte after which a download is given up. Default 30. */
  readonly patience?: number;
  /** Bytes that one file may have. Default 1 GiB. */
  readonly most?: number;
}

/**
 * A source that downloads files over the web.
 * @param base address that the file names are added to, with its last slash
 */
export function site(base: string, files: readonly string[], { archive, patience = 30, most = 2 ** 30 }: SiteOptions = {}): Source {
  return {
    name: base,
    async deliver(work, progress) {
      for (const file of files) await download(new URL(file, base), join(work, file), patience, most, progress);
      if (archive === undefined) return work;
      for (const file of files) {
        progress(`unpack ${file}`, 0);
        await runTool('tar', ['-xzf', file, archive], work, 10);
      }
      return join(work, archive);
    },
  };
}

async function download(url: URL, to: string, patience: number, most: number, progress: Progress): Promise<void> {
  const quiet = new AbortController();
  const giveUp = (): void => quiet.abort(new UserError(`no byte came for ${patience} seconds`));
  let timer = setTimeout(giveUp, patience * 1000);
  try {
    const response = await fetch(url, { signal: quiet.signal });
    if (!response.ok || response.body === null) throw new UserError(`HTTP ${response.status} ${response.statusText}`.trim());
    const length = Number(response.headers.get('content-length'));
    // With a content encoding the length is that of the packed bytes, which are not the ones counted here.
    const total = length > 0 && !response.headers.has('content-encoding') ? length : undefined;
    let done = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, patience * 1000);
        done += chunk.length;
        progress(`download ${url.href}`, done, total);
        next(done > most ? new UserError(`more than ${most} bytes`) : null, chunk);
      },
    });
    const body = Readable.fromWeb(response.body as ReadableStream<Uint8Array>);
    await pipeline(body, count, createWriteStream(to), { signal: quiet.signal });
  } catch (error) {
    throw new UserError(`${url.pathname.split('/').at(-1)}: ${why(quiet.signal.aborted ? quiet.signal.reason : error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** fetch says only 'fetch failed'; the reason is in its cause. */
function why(error: unknown): string {
  const { message, cause } = error as Error;
  const inner = cause as (Error & { code?: string }) | undefined;
  return inner === undefined ? message : `${message}: ${inner.message || inner.code}`;
}
