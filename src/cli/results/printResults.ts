/** Results on standard output. */
import type { RunRecord } from '../../run/record.js';
import { look, print } from '../output/print.js';
import { textTable } from '../output/textTable.js';
import { wrap } from '../output/wrap.js';
import { type ResultClaim, type ResultTable, resultsOf } from './results.js';

/** Prints the claims of an experiment on its records, and then its table, which so stays in sight. */
export async function printResults(experiment: string, records: readonly RunRecord[]): Promise<void> {
  const { colors } = look();
  const results = await resultsOf(experiment);
  const claims = results.claims(records);
  if (claims.length > 0) print(`\n${colors.bold('What the paper says, and what these runs say')}\n`);
  for (const claim of claims) printClaim(claim);
  printTable(results.table(records));
}

/** Prints a table with its title and its note. */
export function printTable({ title, columns, rows, note }: ResultTable): void {
  const { colors, width, prose } = look();
  print(`${colors.bold(title)}\n`);
  print(textTable(columns, rows, { width, colors }));
  if (note !== undefined) print(`\n${colors.dim(wrap(note, prose))}`);
  print('');
}

function printClaim({ claim, held, sentence }: ResultClaim): void {
  const { colors, prose } = look();
  const verdict = held === 'undecided' ? colors.yellow('? undecided') : held ? colors.green('✓ held') : colors.red('✗ did not hold');
  print(wrap(claim, prose));
  print(`  ${verdict}`);
  print(`  ${colors.dim(wrap(sentence, prose - 2, '  '))}`);
  print('');
}
