/** Classes in three groups by something that they have more or less of: frequency, or how easy the dense network finds them. */
import { invalid } from '../../check.js';
import { checkColumns, fromRows, groupRows, type Table, type TableRow, toRows } from '../table.js';

export interface RankOptions {
  /** The numeric column that ranks, the same in all rows of a class within a group. */
  readonly value: string;
  /** Within what classes are ranked, such as `['replicate', 'detected']`. */
  readonly within: readonly string[];
  /** The column of the class. Default `category`. */
  readonly of?: string;
  /** Names of the groups from the least to the greatest; classes are shared out evenly, the first groups take what is over. */
  readonly names: readonly string[];
}

/**
 * The rows of the table with two more columns: `rank`, of the row's class from 1 (least) within its group of rows, and `group`, its
 * name. Classes of equal value are ranked by name, those without a value get null.
 * @throws UserError if a column is absent, or a class has two values within a group
 */
export function rankGroups(table: Table, { value, within, of = 'category', names }: RankOptions): Table {
  checkColumns('rankGroups', table, [...within, of, value]);
  const ranked = new Map<TableRow, { rank: number | null; group: string | null }>();
  const rows = toRows(table);
  for (const together of groupRows(rows, within)) {
    const values = new Map<string, number>();
    for (const row of together) {
      const [name, found] = [String(row[of]), row[value]];
      if (typeof found !== 'number') continue;
      const known = values.get(name);
      if (known !== undefined && known !== found)
        throw invalid(`'${value}' of ${of} '${name}'`, `one value (${known}) within a group`, found);
      values.set(name, found);
    }
    const order = [...values].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name);
    for (const row of together) {
      const place = order.indexOf(String(row[of]));
      const group = place < 0 ? null : (names[Math.floor((place * names.length) / order.length)] ?? null);
      ranked.set(row, { rank: place < 0 ? null : place + 1, group });
    }
  }
  return fromRows(
    rows.map((row) => ({ ...row, ...ranked.get(row) })),
    [...table.columnNames(), 'rank', 'group'],
  );
}

/**
 * Classes by how often training saw them: `group` is rare, common or frequent.
 * @param table with the columns replicate, detected, category and `trained` (objects in the training part)
 */
export function byFrequency(table: Table): Table {
  return rankGroups(table, { value: 'trained', within: ['replicate', 'detected'], names: ['rare', 'common', 'frequent'] });
}

/**
 * Classes by the dense network's average precision: `group` is hard, medium or easy.
 * @param table from `relativeToDense`, by replicate, detected and category
 */
export function byDifficulty(table: Table): Table {
  return rankGroups(table, { value: 'dense', within: ['replicate', 'detected'], names: ['hard', 'medium', 'easy'] });
}
