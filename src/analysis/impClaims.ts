/** Which findings of the lottery ticket paper (Frankle & Carbin 2019, arXiv:1803.03635) on LeNet-300-100 hold in given runs. */
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { groupRows, type TableRow, toRows } from './table.js';
import { toLevels } from './toTable.js';

export interface ImpClaimsOptions {
  /** How far below the dense accuracy still matches. Default 0.002. */
  readonly tolerance?: number;
  /** Tickets are compared with controls below this density. Default 0.2. */
  readonly below?: number;
}

/**
 * The findings, each decided on differences paired by replicate (95 % t-interval). Accuracies are test accuracies at the early-stop
 * iteration. The paper's numbers stand in the sentences: they are for 50,000 iterations of Adam on MNIST.
 */
export function impClaims(records: readonly RunRecord[], { tolerance = 0.002, below = 0.2 }: ImpClaimsOptions = {}): Claim[] {
  const rows = toRows(toLevels(records.filter(({ spec }) => spec.experiment === 'imp')));
  const arms = new Set(rows.map(({ arm }) => arm));
  const controls = ['reinitialise', 'shuffle-mask', 'random-mask'].filter((arm) => arms.has(arm));
  return [
    ...(controls.length === 0 ? ['reinitialise'] : controls).map((arm) =>
      claim(
        `tickets-${arm}`,
        `Tickets beat the control '${armLabel(arm)}' below a density of ${below}`,
        [beats(rows, arm, below)],
        'The paper: by 0.5 points at density 0.21 (reinitialised).',
      ),
    ),
    claim(
      'faster',
      'Tickets near a density of 0.21 stop earlier than the dense network',
      [againstDense(rows, 0.211, 'earlyStop')],
      'The paper: 38 % fewer iterations at density 0.21.',
    ),
    claim(
      'better',
      'Tickets near a density of 0.135 are more accurate than the dense network',
      [againstDense(rows, 0.135, 'testAtEarlyStop')],
      'The paper: +0.3 points at density 0.135.',
    ),
    claim(
      'matching',
      `Tickets match the dense network down to a density of 0.036, within ${(100 * tolerance).toFixed(1)} points`,
      [againstDense(rows, 0.036, 'testAtEarlyStop', -tolerance)],
      'The paper: density 0.036 performs about as the dense network.',
    ),
  ];
}

/** Ticket - control over all common levels below a density, one number for each replicate. */
function beats(rows: readonly TableRow[], arm: string, below: number): Part {
  const statement = `ticket above '${armLabel(arm)}'`;
  const pairs = rows
    .filter((row) => row.arm === 'ticket' && Number(row.density) < below)
    .flatMap((row) => {
      const other = rows.find((r) => r.arm === arm && r.replicate === row.replicate && r.level === row.level);
      return other === undefined
        ? []
        : [{ replicate: row.replicate ?? null, ticket: Number(row.testAtEarlyStop), control: Number(other.testAtEarlyStop) }];
    });
  const byReplicate = groupRows(pairs, ['replicate']);
  const values = byReplicate.map((group) => mean(group.map((pair) => Number(pair.ticket) - Number(pair.control))));
  if (values.length === 0) {
    const both = ['ticket', arm].every((name) => rows.some((row) => row.arm === name && Number(row.level) > 0));
    return part({ statement, values, ...(both && { none: `no level below a density of ${below} in both` }) });
  }
  const detail = `${percent(mean(pairs.map((p) => p.ticket)))} and ${percent(mean(pairs.map((p) => p.control)))}, mean of ${pairs.length / byReplicate.length} levels`;
  return part({ statement, values, detail });
}

/** Ticket at the level nearest to a density against level 0 of the same replicate. */
function againstDense(rows: readonly TableRow[], density: number, value: 'earlyStop' | 'testAtEarlyStop', bound = 0): Part {
  const tickets = rows.filter((row) => row.arm === 'ticket');
  const pairs = groupRows(tickets, ['replicate']).flatMap((own) => {
    const dense = own.find((row) => row.level === 0);
    const near = own
      .filter((row) => Number(row.level) > 0 && Math.abs(Math.log(Number(row.density) / density)) < 0.15)
      .sort((a, b) => Math.abs(Math.log(Number(a.density) / density)) - Math.abs(Math.log(Number(b.density) / density)))[0];
    return dense === undefined || near === undefined ? [] : [[near, dense] as const];
  });
  const statement =
    value === 'earlyStop' ? `earlier early stop near density ${density}` : `test accuracy near density ${density} against dense`;
  if (pairs.length === 0)
    return part({ statement, values: [], ...(tickets.length > 0 && { none: 'no level within 15 % of that density' }) });
  const [ticket, dense] = [pairs.map(([row]) => Number(row[value])), pairs.map(([, row]) => Number(row[value]))];
  if (value === 'testAtEarlyStop') {
    const detail = `${percent(mean(ticket))} against ${percent(mean(dense))}`;
    return part({ statement, values: ticket.map((v, i) => v - (dense[i] as number)), bound, detail });
  }
  const detail = `iteration ${mean(ticket).toFixed(0)} against ${mean(dense).toFixed(0)}`;
  const values = ticket.map((v, i) => 1 - v / (dense[i] as number));
  return part({ statement, values, bound, detail, unit: { number: (share) => (100 * share).toFixed(0), name: '% fewer' } });
}
