/** What is claimed of elastic tickets, decided on runs. Chen et al. 2021, The elastic lottery ticket hypothesis, arXiv:2103.16547. */
import { UserError } from '../check.js';
import { architecture } from '../model/families/families.js';
import { depth } from '../model/shapes.js';
import type { RunRecord } from '../run/record.js';
import { armLabel } from './arms.js';
import { barrier } from '../ticket/interpolate.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { elasticLine } from './elasticLine.js';
import { elasticTable } from './elasticTable.js';
import { groupRows, type TableRow, toRows } from './table.js';

export interface ElasticClaimsOptions {
  /** How far below iterative pruning still counts as near, and how far apart two orders as comparable. Default 0.01. */
  readonly tolerance?: number;
}

/**
 * The claims, each decided on differences of test accuracy at the end of training, paired by replicate and averaged over pairs of
 * networks and levels that both arms have. Claims that no run speaks to are left out, unless none is left.
 */
export function elasticClaims(records: readonly RunRecord[], { tolerance = 0.01 }: ElasticClaimsOptions = {}): Claim[] {
  const all = toRows(elasticTable(records));
  // A ticket in its own network is no transfer.
  const rows = all.filter(
    (row) => row['variant'] === 'rule' && !(String(row['arm']).startsWith('elastic') && row['source'] === row['model']),
  );
  const methods = ['elastic-append', 'elastic-interpolate'].filter((arm) => rows.some((row) => row['arm'] === arm));
  const shown = methods.length === 0 ? ['elastic-append'] : methods;
  const against = (others: readonly string[], own = shown.slice(0, 1), bound = 0): Part[] => {
    const there = others.filter((arm) => rows.some((row) => row['arm'] === arm));
    return own.flatMap((arm) => (there.length === 0 ? others.slice(0, 1) : there).map((other) => lead(rows, arm, other, bound)));
  };
  const near = `${(100 * tolerance).toFixed(1)} points`;
  const claims = [
    claim(
      'own',
      `Elastic tickets come within ${near} of tickets that the target finds itself`,
      against(['imp'], shown, -tolerance),
      imageNet,
    ),
    claim(
      'controls',
      'Elastic tickets beat fresh weights and random masks at the sparsity of iterative pruning',
      against(['reinitialise', 'shuffle-mask']),
    ),
    claim(
      'at-once',
      'Elastic tickets beat pruning at the rewinding step: magnitude in one shot, SNIP and GraSP',
      against(['one-shot', 'snip', 'grasp', 'synflow']),
      'SynFlow is in the code of the paper and not in its tables.',
    ),
    claim('orders', `Appending and interpolating are comparable: within ${near} of each other`, [
      lead(rows, 'elastic-append', 'elastic-interpolate', -tolerance),
      lead(rows, 'elastic-interpolate', 'elastic-append', -tolerance),
    ]),
    claim('replicas', 'It matters which weights the replicas keep: elastic tickets beat those whose replicas have permuted masks', [
      lead(rows, 'elastic-append', 'permute-copies', 0),
    ]),
    claim('early', 'Dropping early blocks is worse than dropping late ones', [dropping(all)]),
    claim(
      'closer',
      'The closer the depths, the lower the barrier between an elastic ticket and that of iterative pruning',
      [closer(toRows(elasticLine(records)))],
      'The paper, ResNet-32: accuracy drops by 8.72 points on the line for the ticket of ResNet-20, by 69.72 for that of ResNet-14.',
    ),
  ];
  const decided = claims.filter(({ parts }) => parts.some(({ difference }) => difference !== undefined));
  return decided.length === 0 ? claims.slice(0, 1) : decided;
}

const imageNet =
  'The paper, ImageNet at 73.79 %: ResNet-26 72.94 by itself and 71.29 from ResNet-18, ResNet-34 74.20 and 73.37 from ResNet-26.';

/** One arm less another in the same target, trained alike; one number for each replicate. */
function lead(rows: readonly TableRow[], arm: string, other: string, bound: number): Part {
  const statement = `'${armLabel(arm)}' against '${armLabel(other)}'`;
  const pairs = rows
    .filter((row) => row['arm'] === arm)
    .flatMap((row) => {
      const same = rows.filter(
        (r) => r['arm'] === other && ['model', 'setting', 'replicate', 'level'].every((name) => r[name] === row[name]),
      );
      // A baseline of the target is the same whatever source it was made beside; another transfer must come from the same.
      const twin = same.find((r) => r['source'] === row['source']) ?? (isTransfer(other) ? undefined : same[0]);
      return twin === undefined
        ? []
        : [{ replicate: row['replicate'] ?? null, own: Number(row['testAtEnd']), other: Number(twin['testAtEnd']) }];
    });
  return byReplicate(statement, pairs, bound);
}

function isTransfer(arm: string): boolean {
  return arm.startsWith('elastic') || arm === 'permute-copies';
}

/** By the rule less the same with early blocks dropped. */
function dropping(rows: readonly TableRow[]): Part {
  const pairs = rows
    .filter((row) => /^dropped 1(,|$)/.test(String(row['variant'])))
    .flatMap((row) => {
      const alike = ['arm', 'source', 'model', 'setting', 'replicate', 'level'];
      const twin = rows.find((r) => r['variant'] === 'rule' && alike.every((name) => r[name] === row[name]));
      return twin === undefined
        ? []
        : [{ replicate: row['replicate'] ?? null, own: Number(twin['testAtEnd']), other: Number(row['testAtEnd']) }];
    });
  return byReplicate('late blocks dropped against early ones', pairs, 0);
}

function byReplicate(
  statement: string,
  pairs: readonly { replicate: TableRow[string]; own: number; other: number }[],
  bound: number,
): Part {
  const values = groupRows(pairs as unknown as TableRow[], ['replicate']).map((group) =>
    mean(group.map((pair) => Number(pair['own']) - Number(pair['other']))),
  );
  if (values.length === 0) return part({ statement, values });
  const detail = `${percent(mean(pairs.map((p) => p.own)))} against ${percent(mean(pairs.map((p) => p.other)))}, ${pairs.length} comparisons`;
  return part({ statement, values, bound, detail });
}

/** For targets with sources of several distances: the barrier from the farthest less that from the nearest. */
function closer(line: readonly TableRow[]): Part {
  const own = line.filter((row) => row['arm'] === 'elastic-append' && row['variant'] === 'rule' && row['source'] !== row['model']);
  const lines = groupRows(own, ['key']).map((points) => {
    const sorted = [...points].sort((a, b) => Number(a['alpha']) - Number(b['alpha']));
    const [first] = sorted as [TableRow];
    const distance = Math.abs(depthOf(String(first['source'])) - depthOf(String(first['model'])));
    return {
      replicate: first['replicate'] ?? null,
      model: first['model'] ?? null,
      distance,
      barrier: barrier(sorted.map((row) => Number(row['error']))),
    };
  });
  const pairs = groupRows(lines, ['model', 'replicate']).flatMap((same) => {
    const sorted = [...same].sort((a, b) => Number(a['distance']) - Number(b['distance']));
    const [near, far] = [sorted[0] as TableRow, sorted.at(-1) as TableRow];
    return !(Number(near['distance']) < Number(far['distance']))
      ? []
      : [{ replicate: near['replicate'] ?? null, own: Number(far['barrier']), other: Number(near['barrier']) }];
  });
  const statement = 'barrier of the farther source less that of the nearer';
  const values = groupRows(pairs as unknown as TableRow[], ['replicate']).map((group) =>
    mean(group.map((pair) => Number(pair['own']) - Number(pair['other']))),
  );
  if (values.length === 0) return part({ statement, values });
  return part({
    statement,
    values,
    detail: `${percent(mean(pairs.map((p) => p.own)))} and ${percent(mean(pairs.map((p) => p.other)))} of test images`,
  });
}

/** Layers of a network by its name; inputs and classes do not change their number. */
function depthOf(model: string): number {
  try {
    return depth(architecture(model, [32, 32, 3], 10));
  } catch (error) {
    // A record may come from a project with other families.
    if (error instanceof UserError) return Number.NaN;
    throw error;
  }
}
