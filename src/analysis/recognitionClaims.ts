/** What is said of tickets for object recognition, decided on runs. Girish et al. 2021, arXiv:2012.04643. */
import type { RunRecord } from '../run/record.js';
import { type Claim, claim, type Part, part, percent } from './claim.js';
import { mean } from './confidence.js';
import { recognitionTable } from './recognitionTable.js';
import { type TableRow, toRows } from './table.js';

export interface RecognitionClaimsOptions {
  /** How many points of AP below the dense detector still hold, as a share. Default 0.02. */
  readonly tolerance?: number;
}

type Pick = { readonly arm: string; readonly variant?: string; readonly asked?: number };

/**
 * Claims on runs of the experiment `recognition`, on AP (mean over IoU 0.5 to 0.95) paired by replicate (95 % t-interval). The tolerance of
 * 2 points was chosen before the runs: the paper's losses at 80 % sparsity are of that order.
 */
export function recognitionClaims(records: readonly RunRecord[], { tolerance = 0.02 }: RecognitionClaimsOptions = {}): Claim[] {
  const rows = toRows(recognitionTable(records));
  const kinds = ['box', 'mask', 'keypoints'].filter((kind) => rows.some(({ detected }) => detected === kind));
  const each = (parts: (kind: string) => Part): Part[] => (kinds.length > 0 ? kinds : ['box']).map(parts);
  const points = (100 * tolerance).toFixed(0);
  const box = (own: Pick, other: Pick, statement: string, bound = 0): Part => difference(rows, 'box', own, other, statement, bound);
  return [
    claim(
      'direct',
      `Pruned directly to 20 % of its weights, the detector stays within ${points} points of the dense one`,
      each((kind) =>
        difference(
          rows,
          kind,
          { arm: 'direct', asked: 0.2 },
          { arm: 'dense' },
          `${kind} AP of direct pruning to 20 % against dense`,
          -tolerance,
        ),
      ),
      'The paper: direct pruning holds to 80 % sparsity.',
    ),
    claim(
      'transfer',
      'A transferred backbone ticket at 10 % of the backbone loses more than direct pruning of the whole network to 20 %',
      each((kind) =>
        difference(
          rows,
          kind,
          { arm: 'direct', asked: 0.2 },
          { arm: 'transfer', asked: 0.1 },
          `${kind} AP of direct pruning above transfer`,
        ),
      ),
      'The paper: transferred tickets fall first.',
    ),
    claim(
      'mask-transfer',
      'The mask of the largest pretrained weights, with their values, is better than the ticket that was retrained on classes',
      [
        box(
          { arm: 'mask-transfer', asked: 0.2 },
          { arm: 'transfer', asked: 0.2 },
          'box AP of mask transfer above transfer, 20 % of the backbone',
        ),
      ],
    ),
    claim('shuffled', 'At 10 % direct pruning beats its own masks shuffled inside each layer', [
      box({ arm: 'direct', asked: 0.1 }, { arm: 'shuffle-mask', asked: 0.1 }, 'box AP above shuffled masks'),
    ]),
    claim('fresh', 'At 10 % direct pruning beats its own masks with fresh weights, nothing pretrained', [
      box({ arm: 'direct', asked: 0.1 }, { arm: 'reinitialise', asked: 0.1 }, 'box AP above fresh weights'),
    ]),
    claim('one-shot', 'One shot is at least as good as three rounds, at 20 %', [
      box({ arm: 'direct', asked: 0.2 }, { arm: 'direct', variant: '3 rounds', asked: 0.2 }, 'box AP of one shot against three rounds'),
    ]),
    claim('layerwise', 'Ranking all layers together is at least as good as each by itself, at 10 %', [
      box({ arm: 'direct', asked: 0.1 }, { arm: 'direct', variant: 'layerwise', asked: 0.1 }, 'box AP of global against layerwise'),
    ]),
    claim('reset', `Going back to the very start costs no more than ${points} points: the backbone is pretrained`, [
      box(
        { arm: 'direct', variant: 'back to 0it', asked: 0.1 },
        { arm: 'direct', asked: 0.1 },
        'box AP of going back to the start against one epoch',
        -tolerance,
      ),
    ]),
    claim('modules', `Of the modules, the heads can be pruned to 20 % within ${points} points`, [
      box({ arm: 'direct', variant: 'heads', asked: 0.2 }, { arm: 'dense' }, 'box AP with pruned heads against dense', -tolerance),
    ]),
    claim('tasks', `A mask found for one task serves another within ${points} points`, [
      difference(
        rows,
        'keypoints',
        { arm: 'direct', variant: 'learns keypoints, mask from segmentation', asked: 0.2 },
        { arm: 'direct', variant: 'learns keypoints', asked: 0.2 },
        'keypoint AP with the mask of a detector of masks, against its own',
        -tolerance,
      ),
      difference(
        rows,
        'mask',
        { arm: 'direct', variant: 'learns segmentation, mask from keypoints', asked: 0.2 },
        { arm: 'direct', variant: 'learns segmentation', asked: 0.2 },
        'mask AP with the mask of a detector of keypoints, against its own',
        -tolerance,
      ),
    ]),
    claim(
      'early-bird',
      'Half way through the dense training the mask for 20 % overlaps the last one by at least 0.9',
      [earlyBird(records)],
      'The paper: about 0.96.',
    ),
    claim('small', 'At 10 % small objects lose a larger share of their AP than large ones', [bySize(rows)]),
  ];
}

function select(rows: readonly TableRow[], detected: string, { arm, variant = '', asked }: Pick): readonly TableRow[] {
  return rows.filter(
    (row) =>
      row['detected'] === detected && row['arm'] === arm && row['variant'] === variant && (asked === undefined || row['asked'] === asked),
  );
}

function difference(rows: readonly TableRow[], detected: string, own: Pick, other: Pick, statement: string, bound = 0): Part {
  const others = select(rows, detected, other);
  const pairs = select(rows, detected, own).flatMap((row) => {
    const partner = others.find(({ replicate }) => replicate === row['replicate']);
    return partner === undefined ? [] : [[Number(row['ap']), Number(partner['ap'])] as const];
  });
  if (pairs.length === 0) return part({ statement, values: [], bound });
  const detail = `${percent(mean(pairs.map(([a]) => a)))} and ${percent(mean(pairs.map(([, b]) => b)))}`;
  return part({ statement, values: pairs.map(([a, b]) => a - b), bound, detail });
}

/** The overlap at the kept step nearest to half of the training, less 0.9. */
function earlyBird(records: readonly RunRecord[]): Part {
  const values: number[] = [];
  for (const { spec, rows } of records) {
    if (spec['experiment'] !== 'recognition' || spec['arm'] !== 'dense' || (spec['parts'] as readonly string[]).length < 2) continue;
    const end = rows.flatMap((row) => (row.kind === 'level' ? [row.steps] : []))[0] ?? 0;
    const points = rows.flatMap((row) =>
      row.kind === 'point' && row.name === 'overlap' && row.values['density'] === 0.2 ? [row.values] : [],
    );
    const [nearest] = points.sort((a, b) => Math.abs(Number(a['step']) - end / 2) - Math.abs(Number(b['step']) - end / 2));
    if (nearest !== undefined) values.push(Number(nearest['overlap']));
  }
  const detail = values.length === 0 ? undefined : `overlap ${mean(values).toFixed(2)}`;
  return part({ statement: 'overlap above 0.9', values: values.map((value) => value - 0.9), ...(detail && { detail }) });
}

/** Share of its dense AP that a size loses: small less large. */
function bySize(rows: readonly TableRow[]): Part {
  const statement = 'relative loss of small above that of large boxes';
  const dense = select(rows, 'box', { arm: 'dense' });
  const values = select(rows, 'box', { arm: 'direct', asked: 0.1 }).flatMap((row) => {
    const before = dense.find(({ replicate }) => replicate === row['replicate']);
    if (before === undefined || Number(before['small']) <= 0 || Number(before['large']) <= 0) return [];
    const loss = (size: string): number => 1 - Number(row[size]) / Number(before[size]);
    return [loss('small') - loss('large')];
  });
  return part({ statement, values });
}
