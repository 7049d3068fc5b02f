/** A plan under way as lines of text. */
import type { Colors } from '../output/colors.js';
import { about, clock, percent } from '../output/format.js';
import { cut } from '../output/textTable.js';
import type { Announcement, PoolState, RunState } from './poolState.js';
import { doneShare, timeLeft } from './timeLeft.js';

export interface FrameOptions {
  /** In milliseconds. */
  readonly now: number;
  /** No line is wider. */
  readonly width: number;
  /** No more lines than this. */
  readonly height: number;
  readonly colors: Colors;
}

/** One line for each worker under a line of titles, and one for the whole plan. */
export function poolFrame(state: PoolState, options: FrameOptions): string[] {
  const { width, colors } = options;
  const active = [...state.runs.values()].filter(({ status }) => status === 'starting' || status === 'running');
  const room = Math.max(0, options.height - 3);
  const shown = active.slice(0, room);
  const label = Math.min(Math.max(3, ...[...state.runs.values()].map((run) => run.label.length)), Math.max(8, width - 44));
  const head = `  ${'run'.padEnd(label)}   level  ${'step'.padStart(11)}  val. %   steps/s`;
  const lines = shown.map((run) => runLine(run, label, options));
  if (active.length > shown.length) lines.push(colors.dim(`  and ${active.length - shown.length} more`));
  return [...(lines.length === 0 ? [] : [colors.dim(cut(head, width)), ...lines]), overallLine(state, options)];
}

function runLine(run: RunState, labelWidth: number, { now, width, colors }: FrameOptions): string {
  const label = cut(run.label, labelWidth).padEnd(labelWidth);
  if (run.status === 'starting') {
    return `  ${colors.bold(label)}  ${colors.dim(cut(`${run.doing} ${clock((now - run.since) / 1000)}`, Math.max(0, width - labelWidth - 4)))}`;
  }
  const level = (run.levels > 0 ? `${run.level}/${run.levels}` : '-').padStart(6);
  const step = (run.steps > 0 ? `${run.step}/${run.steps}` : '-').padStart(11);
  const accuracy = percent(run.accuracy).padStart(6);
  const speed = (run.steps > 0 ? run.stepsPerSecond.toFixed(0) : '-').padStart(8);
  const numbers = `  ${level}  ${step}  ${accuracy}  ${speed}`;
  const room = width - labelWidth - 2 - numbers.length - 2;
  if (room < 0) return cut(`  ${label}${numbers}`, width);
  // Silence within a level is an evaluation or a checkpoint, after its last step pruning and scoring.
  const silent = (now - run.heard) / 1000;
  const tail =
    silent > 2 && run.steps > 0
      ? colors.dim(cut(`${run.step < run.steps ? 'measuring' : 'next level'} ${clock(silent)}`, room))
      : bar(run.share, Math.min(room, 40), colors);
  return `  ${colors.bold(label)}${numbers}  ${tail}`;
}

function overallLine(state: PoolState, { now, width, colors }: FrameOptions): string {
  const elapsed = clock((now - state.began) / 1000);
  if (state.stopping) return colors.yellow(cut(`  stopping: saving checkpoints (${elapsed}); Ctrl-C again kills`, width));
  const runs = [...state.runs.values()];
  const share = doneShare(state);
  const left = timeLeft(state, now);
  const start = `  ${doneCount(runs, ' runs')}  ${Math.floor(100 * share)} %`;
  const end = `${elapsed}, ${left === undefined ? 'measuring speed' : `about ${about(left)} left`}`;
  const room = width - start.length - end.length - 4;
  return room < 4 ? cut(`${start}  ${end}`, width) : `${start}  ${bar(share, Math.min(room, 40), colors)}  ${end}`;
}

/** A bar of `width` characters. */
function bar(share: number, width: number, colors: Colors): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width);
  return colors.cyan('━'.repeat(full)) + colors.dim('╌'.repeat(width - full));
}

/** The state of the plan in one line without colours, for logs. */
export function plainStatus(state: PoolState, now: number): string {
  const runs = [...state.runs.values()];
  const active = runs.filter(({ status }) => status === 'starting' || status === 'running').length;
  const open = active > 0 || runs.some(({ status }) => status === 'waiting');
  const left = open ? timeLeft(state, now) : undefined;
  const time = left === undefined ? '' : `, about ${about(left)} left`;
  return `${doneCount(runs, ' runs done')}, ${active} under way, ${Math.floor(100 * doneShare(state))} %${time}`;
}

/** How many are done, and how many will not be. */
function doneCount(runs: readonly RunState[], words: string): string {
  const count = (...of: RunState['status'][]): number => runs.filter(({ status }) => of.includes(status)).length;
  const lost = (['failed', 'blocked'] as const).flatMap((status) => (count(status) === 0 ? [] : [`, ${count(status)} ${status}`]));
  return `${count('done', 'before')}/${runs.length}${words}${lost.join('')}`;
}

/** An announcement as a line that stays. */
export function announcementLine(
  announcement: Announcement,
  state: PoolState,
  { colors, now }: Pick<FrameOptions, 'colors' | 'now'>,
): string {
  const time = clock((now - state.began) / 1000).padStart(7);
  if (announcement.kind === 'notice' || announcement.kind === 'backend') {
    return `${time}    ${(announcement.kind === 'notice' ? colors.yellow : colors.dim)(announcement.text)}`;
  }
  const { run } = announcement;
  const label = run.label.padEnd(Math.max(...[...state.runs.values()].map((one) => one.label.length)));
  if (announcement.kind === 'ended')
    return `${time}  ${colors.green('✓')} ${run.test === null ? run.label : `${label}  test ${percent(run.test)} %`}`;
  if (announcement.kind === 'trouble') return `${time}  ${colors.red(run.status === 'waiting' ? '!' : '✗')} ${label}  ${announcement.text}`;
  const { level, density, testAtEnd, validationAtEnd } = announcement.level as { readonly [name: string]: unknown };
  const share = (value: unknown): string => `${percent(typeof value === 'number' ? value : null).padStart(6)} %`;
  const kept = typeof density === 'number' ? density.toFixed(4) : '-';
  const speed = run.stepsPerSecond > 0 ? `  ${run.stepsPerSecond.toFixed(0)} steps/s` : '';
  return `${time}    ${label}  level ${String(level)}${run.levels > 0 ? `/${run.levels}` : ''}  density ${kept}  test ${share(testAtEnd)}  validation ${share(validationAtEnd)}${speed}`;
}
