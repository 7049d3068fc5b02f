/** Shows a plan under way: in place on a terminal, as a line for each finished level elsewhere. */
import type { PoolEvent } from '../../run/pool.js';
import { colors, type Terminal, widthOf } from '../output/colors.js';
import { clock } from '../output/format.js';
import { cut } from '../output/textTable.js';
import { announcementLine, plainStatus, poolFrame } from './poolFrame.js';
import { applyPoolEvent, type PoolState } from './poolState.js';

export interface PoolDisplay {
  event(event: PoolEvent): void;
  /** A line about the whole plan that stays. */
  notice(text: string): void;
  /** Says that the plan is being stopped. */
  stopping(): void;
  /** Leaves the terminal as it should be. */
  close(): void;
}

/** Milliseconds between two drawings. */
const interval = 125;
/** Seconds without a line after which a log gets one. */
const quiet = 30;

export type Output = Terminal & { write(text: string): unknown };

/** Whether lines can be drawn over. */
export function isLive(stream: Terminal, env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb' && !env['CI'];
}

/** A display on a stream, by default standard error. */
export async function poolDisplay(state: PoolState, stream: NodeJS.WriteStream = process.stderr): Promise<PoolDisplay> {
  return isLive(stream) ? liveDisplay(state, stream) : plainDisplay(state, stream);
}

async function liveDisplay(state: PoolState, stream: NodeJS.WriteStream): Promise<PoolDisplay> {
  const { createLogUpdate } = await import('log-update');
  const log = createLogUpdate(stream);
  const paint = colors(stream);
  let height = 0;
  const draw = (): void => {
    const lines = poolFrame(state, { now: performance.now(), width: widthOf(stream), height: (stream.rows ?? 24) - 1, colors: paint });
    // A frame that is shorter than the one before would leave its last line behind.
    if (lines.length !== height) log.clear();
    height = lines.length;
    log(lines.join('\n'));
  };
  const timer = setInterval(draw, interval);
  draw();
  return {
    event(event) {
      const now = performance.now();
      for (const announcement of applyPoolEvent(state, event, now)) {
        if (announcement.kind !== 'level') log.persist(announcementLine(announcement, state, { colors: paint, now }));
      }
    },
    notice: (text) => log.persist(announcementLine({ kind: 'notice', text }, state, { colors: paint, now: performance.now() })),
    stopping() {
      state.stopping = true;
      // The terminal has echoed ^C below the lines.
      log.clear();
      stream.write('\r\u001b[J');
      draw();
    },
    close() {
      clearInterval(timer);
      log.clear();
      log.done();
    },
  };
}

function plainDisplay(state: PoolState, stream: Output): PoolDisplay {
  const paint = colors(stream);
  let last = performance.now();
  const say = (line: string): void => {
    last = performance.now();
    stream.write(`${line}\n`);
  };
  const status = (now: number): string => `${clock((now - state.began) / 1000).padStart(7)}    ${plainStatus(state, now)}`;
  const timer = setInterval(() => {
    if (performance.now() - last > 1000 * quiet) say(status(performance.now()));
  }, 1000);
  timer.unref();
  return {
    event(event) {
      const now = performance.now();
      const announcements = applyPoolEvent(state, event, now);
      const run = state.runs.get(event.key);
      if (event.kind === 'started' && run !== undefined)
        say(
          `${clock((now - state.began) / 1000).padStart(7)}    ${run.label}  starts${run.share > 0 ? ` from its checkpoint (${Math.floor(100 * run.share)} %)` : ''}`,
        );
      for (const announcement of announcements) say(announcementLine(announcement, state, { colors: paint, now }));
      if (event.kind === 'done') say(status(now));
    },
    notice: (text) => say(announcementLine({ kind: 'notice', text }, state, { colors: paint, now: performance.now() })),
    stopping() {
      state.stopping = true;
      say('stopping: saving checkpoints (Ctrl-C again kills)');
    },
    close: () => clearInterval(timer),
  };
}

/** Shows what goes on during one long step: on a terminal in place, elsewhere a line when it has taken two seconds. */
export async function activity<T>(
  what: string,
  body: (update: (text: string) => void) => Promise<T>,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<T> {
  const began = performance.now();
  let text = what;
  let shown = false;
  const live = isLive(stream);
  const width = (): number => widthOf(stream);
  const timer = setInterval(
    () => {
      const seconds = Math.round((performance.now() - began) / 1000);
      if (live) stream.write(`\r\u001b[2K${cut(`  ${text}  ${seconds} s`, width())}`);
      else if (!shown && seconds >= 2) stream.write(`  ${text}\n`);
      shown ||= live || seconds >= 2;
    },
    live ? 250 : 1000,
  );
  try {
    return await body((next) => {
      text = next;
    });
  } finally {
    clearInterval(timer);
    if (live && shown) stream.write('\r\u001b[2K');
  }
}
