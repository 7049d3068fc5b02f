/** Tables for terminals. */
import type { Colors } from './colors.js';
import { wrap } from './wrap.js';

export interface Column {
  readonly title: string;
  /** Numbers go to the right. Default: left. */
  readonly right?: boolean;
  /** Takes what width is left; where that is too little, its text is cut, or goes on in the next line (or stands below the row). At most one column. */
  readonly stretch?: 'cut' | 'wrap';
}

/**
 * Rows in aligned columns under bold titles, two spaces apart, no line wider than `width`: the column that stretches is cut first,
 * then every line at the end. Widths count characters, so cells hold no escapes: `paint` colours a cell that has its place.
 * @param paint colour of a cell by row and column number
 */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: { width?: number; colors: Colors; paint?: (text: string, row: number, column: number) => string },
): string {
  const { width = 100, colors, paint } = options;
  const clean = rows.map((row) => columns.map((_, c) => (row[c] ?? '').replace(/\p{Cc}+/gu, ' ')));
  const wanted = columns.map(({ title }, c) => Math.max(title.length, ...clean.map((row) => (row[c] as string).length)));
  const others = wanted.reduce((sum, w, c) => sum + (columns[c]?.stretch ? 0 : w), 2 * (columns.length - 1));
  const below = columns.findIndex(({ stretch }, c) => stretch === 'wrap' && width - others < Math.min(narrow, wanted[c] as number));
  if (below > 0) return withTextBelow(columns, clean, below, options);
  const widths = wanted.map((w, c) => (columns[c]?.stretch ? Math.max(Math.min(w, 8), Math.min(w, width - others)) : w));
  const line = (cells: readonly string[], style: (text: string, column: number) => string): string => {
    let used = 0;
    const parts = cells.map((text, c) => {
      const own = widths[c] as number;
      const gap = c === 0 ? 0 : 2;
      const room = Math.min(own, width - used - gap);
      if (room <= 0) return '';
      const short = cut(text, room);
      const padded = columns[c]?.right ? short.padStart(room) : c === cells.length - 1 ? short : short.padEnd(room);
      used += gap + room;
      return ' '.repeat(gap) + style(padded, c);
    });
    return parts.join('').trimEnd();
  };
  const wrapped = (row: readonly string[]): readonly (readonly string[])[] => {
    const at = columns.findIndex(({ stretch }) => stretch === 'wrap');
    const lines = at < 0 ? [] : wrap(row[at] as string, widths[at] as number).split('\n');
    return lines.length < 2 ? [row] : lines.map((text, i) => row.map((cell, c) => (c === at ? text : i === 0 ? cell : '')));
  };
  const head = line(
    columns.map(({ title }) => title),
    (text) => colors.bold(text),
  );
  const body = clean.flatMap((row, r) => wrapped(row).map((part) => line(part, (text, c) => paint?.(text, r, c) ?? text)));
  return [head, ...body].join('\n');
}

/** A text that goes on and on in a column narrower than this, in characters, is read better below its row. */
const narrow = 30;

function withTextBelow(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  below: number,
  options: Parameters<typeof textTable>[2],
): string {
  const { width = 100, colors, paint } = options;
  const rest = <T>(list: readonly T[]): T[] => list.filter((_, c) => c !== below);
  const painted = paint && ((text: string, r: number, c: number): string => paint(text, r, c < below ? c : c + 1));
  const [head = '', ...lines] = textTable(rest(columns), rows.map(rest), { width, colors, ...(painted && { paint: painted }) }).split('\n');
  const text = (r: number): string[] =>
    wrap(rows[r]?.[below] ?? '', width - 4)
      .split('\n')
      .filter((line) => line !== '');
  return [head, ...lines.flatMap((line, r) => [line, ...text(r).map((part) => `    ${colors.dim(cut(part, width - 4))}`)])].join('\n');
}

/**
 * A text of at most so many characters, its end replaced by `…`.
 * @example cut('grow-identity', 6) // => 'grow-…'
 */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}
