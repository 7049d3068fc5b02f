/** Ctrl-C: once to stop with everything saved, twice to stop at once. */

export interface Stopping {
  /** Aborted at the first request. */
  readonly stop: AbortSignal;
  /** Aborted at the second. */
  readonly kill: AbortSignal;
  close(): void;
}

/** One press can arrive twice: from the terminal, and again from the npm that started this program. */
const onePress = 400;

/** Listens to SIGINT, SIGTERM and SIGHUP. @param onStop called at the first request */
export function listenForStop(onStop: () => void = () => {}): Stopping {
  const stop = new AbortController();
  const kill = new AbortController();
  let first = 0;
  const asked = (): void => {
    const now = performance.now();
    if (!stop.signal.aborted) {
      first = now;
      stop.abort();
      onStop();
    } else if (now - first > onePress) kill.abort();
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, asked);
  return {
    stop: stop.signal,
    kill: kill.signal,
    close: () => {
      for (const name of names) process.off(name, asked);
    },
  };
}
