/** Runs that cost nothing, to see who starts when. What a run does stands in its key: `ok`, `slow` (5 s), `bad` (fails for good), `crash` (always). */
import fs from 'node:fs';
import { join } from 'node:path';
import type { ExecutorContext } from '../../src/run/executors/executor.js';
import type { PoolEvent } from '../../src/run/pool.js';

export interface Toy {
  readonly context: ExecutorContext;
  readonly events: PoolEvent[];
  /** What happened in order: `start ok-a`, `end ok-a`. */
  notes(): string[];
  readonly stop: AbortController;
}

/** @param parents what a run needs: it answers "not now" while that is not there, as a real one does */
export function toy(root: string, parents: Readonly<Record<string, readonly string[]>> = {}): Toy {
  const folder = join(root, 'sweep');
  fs.mkdirSync(join(folder, 'log'), { recursive: true });
  const worker = join(root, 'worker.sh');
  const list = Object.entries(parents).map(([key, needed]) => `${key}) needed='${needed.join(' ')}' ;;`);
  fs.writeFileSync(
    worker,
    `#!/bin/bash
root='${root}' key=$1 needed=
[ -e "$root/$key/done.json" ] && exit 0
case $key in
${list.join('\n')}
esac
for parent in $needed; do [ -e "$root/$parent/done.json" ] || exit 75; done
mkdir -p "$root/$key"
echo "start $key" >> "$root/notes"
case $key in
  bad*) echo '{"event":"failed","reason":"loss is NaN"}'; echo "loss is NaN" > "$root/$key/failed"; exit 65 ;;
  crash*) echo "TypeError: oops"; exit 1 ;;
  slow*) sleep 5 ;;
  *) sleep 0.2 ;;
esac
echo "end $key" >> "$root/notes"
echo > "$root/$key/done.json.tmp" && mv "$root/$key/done.json.tmp" "$root/$key/done.json"
`,
    { mode: 0o755 },
  );
  const events: PoolEvent[] = [];
  const stop = new AbortController();
  const read = (path: string): string | undefined => (fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : undefined);
  return {
    events,
    stop,
    notes: () => (read(join(root, 'notes')) ?? '').trim().split('\n'),
    context: {
      folder,
      root,
      env: {},
      command: (key) => ['/bin/bash', worker, key],
      isDone: (key) => fs.existsSync(join(root, key, 'done.json')),
      failure: (key) => read(join(root, key, 'failed'))?.trim(),
      progress: () => '',
      onEvent: (event) => void events.push(event),
      signal: stop.signal,
      killSignal: new AbortController().signal,
    },
  };
}
