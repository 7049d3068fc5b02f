/** Results on standard output. */
import type { RunRecord } from '../../run/record.js';
import { look, print } from '../output/print.js';
import { textTable } from '../output/textTable.js';
import { wrap } from '../output/wrap.js';
import { type ResultClaim, resultsOf } from './results.js';

/** Prints the table and the claims of an experiment. */
export async function printResults(experiment: string, records: readonly RunRecord[]): Promise<void> {
  const { colors, width } = look();
  const results = await resultsOf(experiment);
  const { title, columns, rows, note } = results.table(records);
  print(`\n${colors.bold(title)}\n`);
  print(textTable(columns, rows, { width, colors }));
  if (note !== undefined) print(`\n${colors.dim(wrap(note, width))}`);
  const claims = results.claims(records);
  if (claims.length === 0) return;
  print(`\n${colors.bold('What the paper says, and what these runs say')}\n`);
  for (const claim of claims) printClaim(claim);
}

function printClaim({ claim, held, sentence }: ResultClaim): void {
  const { colors, width } = look();
  const verdict = held === 'undecided' ? colors.yellow('? undecided') : held ? colors.green('✓ held') : colors.red('✗ did not hold');
  print(wrap(`${claim}`, width));
  print(`  ${verdict}`);
  print(`  ${colors.dim(wrap(sentence, width - 2, '  '))}`);
  print('');
}
