/** A real Jupyter client (driver.py in the project's Python environment) with a real kernel behind it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const root: string = resolve(import.meta.dirname, '../../..');
export const fixtures: string = join(root, 'test/notebook/fixtures');

export interface Output {
  readonly type: string;
  readonly text?: string;
  readonly name?: string;
  readonly ename?: string;
  readonly evalue?: string;
  readonly traceback?: readonly string[];
  readonly execution_count?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly transient?: { readonly display_id?: string };
}

export interface Executed {
  readonly reply: { readonly status: string; readonly execution_count?: number; readonly ename?: string; readonly evalue?: string };
  readonly outputs: readonly Output[];
}

export class KernelClient {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  }

  /** Starts a kernel whose cells run in `folder`. */
  static async start({
    folder = join(root, 'notebooks'),
    kernel = 'tslab',
    env = {},
  }: {
    folder?: string;
    kernel?: string;
    env?: NodeJS.ProcessEnv;
  } = {}): Promise<KernelClient> {
    const args = [join(root, 'tools/jupyter.mjs'), 'python', join(root, 'test/notebook/driver.py'), folder, kernel];
    const client = new KernelClient(
      spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, JUPYTER_PATH: fixtures, ...env } }),
    );
    await client.#answer();
    return client;
  }

  async #answer(): Promise<{ value?: unknown; error?: string }> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the Jupyter client ended (its message is above)');
    return JSON.parse(value) as { value?: unknown; error?: string };
  }

  async ask<T>(op: string, given: object = {}): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify({ op, ...given })}\n`);
    const { value, error } = await this.#answer();
    if (error !== undefined) throw new Error(error);
    return value as T;
  }

  execute(code: string, options: object = {}): Promise<Executed> {
    return this.ask('execute', { code, ...options });
  }

  /** What a cell prints. Throws if it fails. */
  async print(code: string): Promise<string> {
    const { reply, outputs } = await this.execute(code);
    if (reply.status !== 'ok') throw new Error(`${reply.ename}: ${reply.evalue}`);
    return printed(outputs);
  }

  /** Ends the client, which ends the kernel. */
  async close(): Promise<void> {
    const ended = new Promise((done) => this.#child.once('close', done));
    this.#child.stdin?.end();
    await ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** All text on standard output (or `stream`). */
export function printed(outputs: readonly Output[], stream = 'stdout'): string {
  return outputs
    .filter(({ type, name }) => type === 'stream' && name === stream)
    .map(({ text }) => text)
    .join('');
}

/** Outputs of one type. */
export function ofType(outputs: readonly Output[], ...types: string[]): Output[] {
  return outputs.filter(({ type }) => types.includes(type));
}
