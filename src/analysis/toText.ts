/** Tables as text: CSV, Markdown, LaTeX, and as Arrow bytes. */
import { toArrowIPC } from 'arquero';
import { type Cell, type Table, toRows } from './table.js';

export interface TextOptions {
  /** Significant digits of numbers that are not whole; default 4, in CSV all. */
  readonly digits?: number;
  /** Columns to write, in order. Default: all. */
  readonly columns?: readonly string[];
}

/** Comma-separated values with a header line (RFC 4180): quoted where needed, null empty, all digits of a number unless asked otherwise. */
export function toCsv(table: Table, { digits, columns = table.columnNames() }: TextOptions = {}): string {
  const quote = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const lines = toRows(table).map((row) => columns.map((name) => quote(cellText(row[name] ?? null, digits))).join(','));
  return `${[columns.map(quote).join(','), ...lines].join('\n')}\n`;
}

/** A Markdown table (GitHub's); numbers to the right, `|`, backslash, `<` and line ends in text escaped. */
export function toMarkdown(table: Table, { digits = 4, columns = table.columnNames() }: TextOptions = {}): string {
  const escapeMarkdown = (text: string): string =>
    text
      .replace(/[\\|*_`[\]]/g, '\\$&')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/\r?\n|\r/g, ' ');
  const rows = toRows(table);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((name) => (isNumeric(rows.map((row) => row[name] ?? null)) ? '-:' : '-'));
  const body = rows.map((row) => line(columns.map((name) => escapeMarkdown(cellText(row[name] ?? null, digits)))));
  return `${[line(columns.map(escapeMarkdown)), line(rule), ...body].join('\n')}\n`;
}

/** A LaTeX `tabular` with booktabs rules; characters that LaTeX reads as commands are escaped. */
export function toLatex(table: Table, { digits = 4, columns = table.columnNames() }: TextOptions = {}): string {
  const rows = toRows(table);
  const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;
  const places = columns.map((name) => (isNumeric(rows.map((row) => row[name] ?? null)) ? 'r' : 'l')).join('');
  const body = rows.map((row) => line(columns.map((name) => escapeLatex(cellText(row[name] ?? null, digits)))));
  const parts = [`\\begin{tabular}{${places}}`, '\\toprule', line(columns.map(escapeLatex)), '\\midrule', ...body, '\\bottomrule'];
  return `${[...parts, '\\end{tabular}'].join('\n')}\n`;
}

/** Arrow's double-precision numbers, as arquero names types. */
const double = { typeId: 3, precision: 2, values: Float64Array } as const;

/**
 * The table as an Arrow stream, which pandas, Polars, DuckDB and R read with names and types. A column that holds nothing has the type of
 * numbers: arquero's encoder writes Arrow's type for nothing in a form that no reader accepts.
 */
export function toArrow(table: Table): Uint8Array {
  const rows = toRows(table);
  const empty = table.columnNames().filter((name) => rows.every((row) => (row[name] ?? null) === null));
  return toArrowIPC(table, { format: 'stream', types: Object.fromEntries(empty.map((name) => [name, double])) }) as Uint8Array;
}

/**
 * Text in which LaTeX sees no command.
 * @example escapeLatex('95 % of a_b') // => '95 \\% of a\\_b'
 */
export function escapeLatex(text: string): string {
  const words: Record<string, string> = { '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' };
  const clean = text.replace(/[\\~^&%$#_{}<>|"]/g, (c) => words[c] ?? (/[<>|"]/.test(c) ? `{\\char\`\\${c}}` : `\\${c}`));
  return clean.replace(/\r?\n|\r/g, ' ');
}

/**
 * A cell as text: null empty, whole numbers whole, others with the given significant digits.
 * @example cellText(0.123456, 3) // => '0.123'
 * @example cellText(12000, 3) // => '12000'
 */
export function cellText(cell: Cell, digits?: number): string {
  if (cell === null) return '';
  if (typeof cell !== 'number' || digits === undefined || Number.isInteger(cell) || !Number.isFinite(cell)) return String(cell);
  return String(Number(cell.toPrecision(digits)));
}

/** Whether a column holds numbers only, null aside. */
export function isNumeric(cells: readonly Cell[]): boolean {
  return cells.some((cell) => typeof cell === 'number') && cells.every((cell) => cell === null || typeof cell === 'number');
}
