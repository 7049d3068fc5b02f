/** Rows as text and as an HTML table, for outputs of notebooks. */
import escapeHtml from 'escape-html';

/** Columns of a table by their titles, and its rows. */
export interface Rows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

/** Aligned columns, one line a row. */
export function tableText({ columns, rows }: Rows): string {
  const cells = [columns, ...rows.map((row) => row.map(formatCell))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** An HTML table, all text escaped; numbers stand to the right. */
export function tableHtml({ columns, rows }: Rows): string {
  const heading = (name: string, column: number): string =>
    `<th style="text-align: ${isNumeric(rows, column) ? 'right' : 'left'}">${escapeHtml(name)}</th>`;
  const head = columns.every((name) => name === '') ? '' : `<thead><tr>${columns.map(heading).join('')}</tr></thead>\n`;
  const body = rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('\n');
  return `<table>\n${head}<tbody>\n${body}\n</tbody>\n</table>`;
}

/** A heading stands where its cells do; Jupyter would put all to the right. */
function isNumeric(rows: Rows['rows'], column: number): boolean {
  const cells = rows.map((row) => row[column]).filter((cell) => cell !== null && cell !== undefined);
  return cells.length > 0 && cells.every((cell) => typeof cell === 'number');
}

function cellHtml(value: unknown): string {
  return `<td style="text-align: ${typeof value === 'number' ? 'right' : 'left'}">${escapeHtml(formatCell(value))}</td>`;
}

/**
 * Numbers to five figures, long text cut, nothing for a missing value.
 *
 * @example formatCell(1 / 3) // => '0.33333'
 */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
  const text = typeof value === 'object' ? (value instanceof Date ? value.toISOString() : (JSON.stringify(value) ?? '')) : String(value);
  return text.length > 400 ? `${text.slice(0, 399)}…` : text;
}
