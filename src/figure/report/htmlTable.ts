/** A table as HTML. */
import escapeHtml from 'escape-html';
import { type Cell, type Table, toRows } from '../../analysis/table.js';
import { cellText, isNumeric } from '../../analysis/toText.js';

export interface HtmlColumn {
  /** Name in the table. */
  readonly name: string;
  /** Heading; default the name. */
  readonly title?: string;
  /** The cell as plain text; default four significant digits. */
  readonly format?: (cell: Cell) => string;
}

/** The columns (default all) as an HTML table, numbers to the right; everything is escaped. */
export function htmlTable(table: Table, columns: readonly HtmlColumn[] = table.columnNames().map((name) => ({ name }))): string {
  const rows = toRows(table);
  const sides = columns.map(({ name }) => (isNumeric(rows.map((row) => row[name] ?? null)) ? ' class="number"' : ''));
  const head = columns.map(({ name, title }, i) => `<th scope="col"${sides[i]}>${escapeHtml(title ?? name)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = columns.map(({ name, format }, i) => {
      const cell = row[name] ?? null;
      return `<td${sides[i]}>${escapeHtml(format ? format(cell) : cellText(cell, 4))}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table></div>`;
}

/** A share as per cent with two digits, nothing for null. @example percentCell(0.97431) // => '97.43' */
export function percentCell(cell: Cell): string {
  return typeof cell === 'number' ? (100 * cell).toFixed(2) : '';
}
