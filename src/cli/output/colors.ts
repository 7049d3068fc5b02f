/** Colours for a stream: none where NO_COLOR is set, and none where nobody looks. */
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** A stream as far as its look matters. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * Colours of a stream. NO_COLOR (not empty) switches them off, FORCE_COLOR on; else a terminal has them, unless it is `dumb`.
 * @example colors({ isTTY: true }, { NO_COLOR: '1' }).red('x') // => 'x'
 */
export function colors(stream: Terminal, env: Readonly<Record<string, string | undefined>> = process.env): Colors {
  if (env['NO_COLOR']) return pc.createColors(false);
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '0' && forced !== 'false') return pc.createColors(true);
  return pc.createColors(stream.isTTY === true && env['TERM'] !== 'dumb' && forced === undefined);
}

/** Columns to write in; one is left free, as some terminals wrap at the last. Without a terminal there is no end to a line. */
export function widthOf(stream: Terminal): number {
  return stream.isTTY === true ? Math.max(20, (stream.columns ?? 80) - 1) : Number.POSITIVE_INFINITY;
}
