/** A progress bar that stays in its place. */
import escapeHtml from 'escape-html';
import { checkCount } from '../check.js';
import { type LiveDisplay, liveDisplay } from './liveDisplay.js';

export interface ProgressBar {
  /** So many of the items are done. Drawn at most five times a second. */
  at(done: number, note?: string): void;
  /** Draws the final state: all done, or stopped where it was. */
  finish(note?: string): void;
}

export interface ProgressOptions {
  /** Items done before this work began (a resumed run): they count as done, not into the rate. Default 0. */
  readonly from?: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
  /** Where to draw; default: under the running cell. */
  readonly place?: LiveDisplay | undefined;
  /** Outside a notebook: what to do with the final line. Default: standard error. */
  readonly print?: (line: string) => void;
}

/** Milliseconds between two drawings. */
const interval = 200;

/**
 * A bar for `total` items, with their rate and the time left. Outside a notebook only the final line is printed.
 *
 * @throws UserError if `total` is not a whole number
 */
export function progress(label: string, total: number, options: ProgressOptions = {}): ProgressBar {
  checkCount(`total of progress '${label}'`, total);
  const { from = 0, now = () => performance.now(), print = (line) => process.stderr.write(`${line}\n`) } = options;
  const place = 'place' in options ? options.place : liveDisplay();
  const began = now();
  let drawn = began;
  let state = { done: from, note: '' };
  const draw = (ended: boolean): void => {
    const line = progressLine(label, total, { ...state, from, seconds: (now() - began) / 1000, ended });
    if (place !== undefined) place.set({ 'text/html': progressHtml(line, state.done, total), 'text/plain': line });
    else if (ended) print(line);
  };
  draw(false);
  return {
    at: (done, note = state.note) => {
      state = { done, note };
      if (now() - drawn < interval) return;
      drawn = now();
      draw(false);
    },
    finish: (note = state.note) => {
      state = { ...state, note };
      draw(true);
    },
  };
}

interface ProgressState {
  readonly done: number;
  readonly from: number;
  readonly seconds: number;
  readonly note: string;
  readonly ended: boolean;
}

/**
 * The bar's line of text.
 *
 * @example progressLine('level 2', 40, { done: 10, from: 0, seconds: 5, note: 'loss 0.3', ended: false }) // => 'level 2: 10/40 (25%), 2/s, 15 s left, loss 0.3'
 */
export function progressLine(label: string, total: number, { done, from, seconds, note, ended }: ProgressState): string {
  const share = total === 0 ? 100 : Math.floor((100 * done) / total);
  const rate = seconds > 0 ? (done - from) / seconds : 0;
  const parts = [`${label}: ${done}/${total} (${share}%)`];
  if (rate > 0) parts.push(rate >= 1 ? `${Number(rate.toPrecision(3))}/s` : `${Number((1 / rate).toPrecision(3))} s each`);
  if (ended) parts.push(`${done < total ? 'stopped after' : 'took'} ${duration(seconds)}`);
  else if (rate > 0) parts.push(`${duration((total - done) / rate)} left`);
  if (note !== '') parts.push(note);
  return parts.join(', ');
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function progressHtml(line: string, done: number, total: number): string {
  return `<div><progress max="${Math.max(1, total)}" value="${total === 0 ? 1 : Math.min(done, total)}" style="width: 16em"></progress> ${escapeHtml(line)}</div>`;
}
