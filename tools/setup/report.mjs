/**
 * What the set-up shows: one line a step, rewritten while it runs on a terminal; elsewhere a line at its start, its end and
 * every 15 seconds between. Colours only on a terminal without NO_COLOR.
 */
const QUIET_SECONDS = 15;

export function createReport({ stream = process.stderr, env = process.env } = {}) {
  const live = Boolean(stream.isTTY) && env.TERM !== 'dumb';
  const coloured = live && (env.NO_COLOR ?? '') === '';
  const paint = (code, text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
  const print = (text) => stream.write(`${text}\n`);

  function step(name) {
    const started = performance.now();
    let detail = '';
    let printed = started;
    const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    const draw = () => {
      const width = Math.max(20, (stream.columns ?? 80) - 1);
      stream.write(`\r\u001b[2K${`  … ${name}  ${detail}  ${seconds()}`.slice(0, width)}`);
    };
    const tick = () => {
      if (live) return draw();
      if (performance.now() - printed < QUIET_SECONDS * 1000) return;
      printed = performance.now();
      print(`  … ${name}  ${detail}  ${seconds()}`);
    };
    const timer = setInterval(tick, live ? 200 : 1000);
    timer.unref();
    if (live) draw();
    else print(`  … ${name}`);
    const end = (sign, text) => {
      clearInterval(timer);
      print(`${live ? '\r\u001b[2K' : ''}  ${sign} ${name}  ${text === '' ? '' : `${text}  `}${paint(2, seconds())}`);
    };
    return {
      update(text) {
        detail = text;
      },
      done(text = '') {
        end(paint(32, '✓'), text);
      },
      failed(text = '') {
        end(paint(31, '✗'), text);
      },
    };
  }

  return {
    step,
    heading: (text) => print(paint(1, text)),
    note: (text) => print(`  ${text}`),
    warn: (text) => print(paint(33, text)),
    failure(failure) {
      print(paint(31, `set-up failed: ${failure.message}`));
      for (const line of failure.lines ?? []) print(`  | ${line}`);
      if (failure.remedy) print(`what to do: ${failure.remedy}`);
    },
  };
}

/** `123 / 207 MB`, or `123 MB` where the total is unknown. */
export function megabytes(bytes, total) {
  const of = (n) => (n / 1e6).toFixed(0);
  return total === undefined ? `${of(bytes)} MB` : `${of(Math.min(bytes, total))} / ${of(total)} MB`;
}
