/** The contestant's side of a conversation: a JSON line in, a JSON line out, until standard input ends. */
import { createInterface } from 'node:readline';

/** Answers each request `{ do, ... }` by the handler of that name; errors are answered too. */
export async function serve(handlers) {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      answer = (await handlers[request.do](request)) ?? {};
    } catch (error) {
      answer = { error: error.message };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}

/** Resident memory of this process now and at its highest, in MB. */
export function memory() {
  return { rss: process.memoryUsage.rss() / 1e6, peak: (process.resourceUsage().maxRSS * 1024) / 1e6 };
}

/** User and system seconds of this process, all threads. */
export function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
