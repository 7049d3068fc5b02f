/** A contestant: a process of its own that stays warm and answers requests, one JSON line each. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const GRACE = 2000;
const alive = new Set();

// A contestant in the middle of a long step would outlive an interrupted benchmark.
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL');
});

/**
 * Starts a contestant.
 * @returns `ask(request, seconds)`, which answers with an object or throws, and `stop()`
 */
export function startChild(command, args, env) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  alive.add(child);
  child.on('close', () => alive.delete(child));
  let waiting = null;
  let ended = null;
  let complaint = '';
  const settle = (value) => {
    waiting?.(value);
    waiting = null;
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) settle(parse(line));
  });
  child.stderr.on('data', (data) => {
    complaint = (complaint + data).slice(-2000);
  });
  child.stdin.on('error', () => {});
  const closed = new Promise((resolve) => {
    const end = (why) => {
      ended ??= why;
      settle({ error: why });
      resolve();
    };
    child.on('error', (error) => end(`did not start: ${error.message}`));
    child.on('close', (code, signal) =>
      end(`ended with ${signal ?? `code ${code}`}: ${complaint.trim().split('\n').slice(-3).join(' | ')}`),
    );
  });
  return {
    pid: child.pid,
    async ask(request, seconds = 900) {
      if (ended !== null) throw new Error(ended);
      const answer = new Promise((resolve) => {
        waiting = resolve;
      });
      const timer = setTimeout(() => {
        ended = `no answer to '${request.do}' in ${seconds} s`;
        child.kill('SIGKILL');
        settle({ error: ended });
      }, seconds * 1000);
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const result = await answer;
      clearTimeout(timer);
      if (result.error !== undefined) throw new Error(result.error);
      return result;
    },
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE);
      await closed;
      clearTimeout(timer);
    },
  };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return { error: `answered what is no JSON: ${line.slice(0, 200)}` };
  }
}
