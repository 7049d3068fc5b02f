/** Runs on detectors as one table: what each detects, beside how it was pruned. */
import { armLabel } from './arms.js';
import type { RunRecord } from '../run/record.js';
import { fromRows, type Table, type TableRow, toRows } from './table.js';
import { toLevels, toPoints } from './toTable.js';

/**
 * One row for each kind of detection of each trained detector: `key, replicate, arm, variant, name, level, density` (of the whole network),
 * `sparsity, asked` (the kept share asked of the pruned modules), `detected` (box, mask, keypoints), `ap, ap50, ap75, small, medium, large`
 * in [0, 1], and `denseAp`: of the dense detector of the same replicate that learned the same, null where there is none.
 *
 * `variant` says what differs from pruning everything globally in one shot back to the first epoch, such as `layerwise`, `3 rounds`,
 * `backbone`, `back to 0it`, `learns keypoints, mask from segmentation`, `boxes only`; it is empty for the usual way. `name` is arm and variant for people.
 */
export function recognitionTable(records: readonly RunRecord[]): Table {
  const own = records.filter(({ spec }) => spec.experiment === 'recognition' && spec['arm'] !== 'pretrain');
  const specs = new Map(own.map(({ key, spec }) => [key, spec]));
  const levels = new Map(toRows(toLevels(own)).map((row) => [`${row.key} ${row.level}`, row]));
  const rows = toRows(toPoints(own, 'detection')).flatMap((row): TableRow[] => {
    const level = levels.get(`${row.key} ${row.level}`);
    const spec = specs.get(String(row.key));
    if (level === undefined || spec === undefined) return [];
    const variant = variantOf(spec);
    const asked = (spec[/transfer/.test(String(row.arm)) ? 'backboneDensities' : 'densities'] as readonly number[])[Number(row.level) - 1];
    const { detected = null, ap = null, ap50 = null, ap75 = null, small = null, medium = null, large = null } = row;
    return [
      {
        ...{
          key: row.key ?? null,
          replicate: row.replicate ?? null,
          arm: row.arm ?? null,
          variant,
          name: nameOf(String(row.arm), variant),
        },
        ...{ learned: learnedOf(spec), level: row.level ?? null, density: level.density ?? null, sparsity: level.sparsity ?? null },
        ...{ asked: row.arm === 'dense' ? 1 : (asked ?? null), detected, ap, ap50, ap75, small, medium, large },
      },
    ];
  });
  const dense = new Map(
    rows.filter(({ arm }) => arm === 'dense').map((row) => [`${row['replicate']} ${row['learned']} ${row['detected']}`, row['ap']]),
  );
  const columns = ['key', 'replicate', 'arm', 'variant', 'name', 'learned', 'level', 'density', 'sparsity', 'asked', 'detected', 'ap'];
  return fromRows(
    rows.map((row) => ({ ...row, denseAp: dense.get(`${row['replicate']} ${row['learned']} ${row['detected']}`) ?? null })),
    columns,
  );
}

type SpecOptions = Readonly<Record<string, unknown>>;

function learnedOf({ parts }: SpecOptions): string {
  return ['boxes', ...(parts as readonly string[])].join(', ');
}

function variantOf(spec: SpecOptions): string {
  const { scope, rounds, modules, reset, ticketParts } = spec;
  const learned = learnedOf(spec);
  const list = modules as readonly string[];
  const words = (of: unknown): string =>
    (of as readonly string[]).map((part) => (part === 'masks' ? 'segmentation' : part)).join(' and ') || 'boxes';
  return [
    ...(scope === 'layerwise' ? ['layerwise'] : []),
    ...(Number(rounds) > 1 ? [`${rounds} rounds`] : []),
    ...(list.length < 3 ? [list.join(' and ')] : []),
    ...(reset === '1ep' || spec['arm'] === 'dense' || /transfer/.test(String(spec['arm'])) || spec['arm'] === 'reinitialise'
      ? []
      : [`back to ${reset}`]),
    ...(learned === 'boxes, masks, keypoints' ? [] : [learned === 'boxes' ? 'boxes only' : `learns ${words(spec['parts'])}`]),
    ...(ticketParts === null || ticketParts === undefined ? [] : [`mask from ${words(ticketParts)}`]),
  ].join(', ');
}

function nameOf(arm: string, variant: string): string {
  return variant === '' ? armLabel(arm) : `${armLabel(arm)}, ${variant}`;
}
