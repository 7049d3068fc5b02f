/** What pruning does to average precision, variant by variant or size by size: changes against the dense detector. */
import { groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { type Summary, summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface ApChangesOptions {
  /** What is detected. Default `box`. */
  readonly detected?: 'box' | 'mask' | 'keypoints';
  /** `name`: a bar for each way of pruning, AP of all sizes. `size`: small, medium and large objects apart, of one way. Default `name`. */
  readonly by?: 'name' | 'size';
  /** Only detectors pruned to this share of what is pruned. Default all. */
  readonly asked?: number;
  /** With `size`, whose sizes. Default `direct`. */
  readonly arm?: string;
  readonly title?: string;
}

/**
 * Bars of AP less the dense detector's AP of the same replicate, in points, with the range over replicates; by size as a share of the dense
 * AP (figure 4 of arXiv:2012.04643).
 * @param table from `recognitionTable`
 */
export function apChanges(table: Table, options: ApChangesOptions = {}): Figure {
  const { detected = 'box', by = 'name', asked, arm = 'direct' } = options;
  const rows = toRows(table).filter((row) => row['detected'] === detected);
  const pruned = rows.filter((row) => row['arm'] !== 'dense' && (asked === undefined || row['asked'] === asked));
  const bars =
    by === 'name'
      ? groupRows(pruned, ['name', 'asked']).flatMap((group) =>
          bar(`${group[0]?.['name']}, ${Number(group[0]?.['asked'])}`, group.map(inPoints)),
        )
      : groupRows(
          pruned.filter((row) => row['arm'] === arm && row['variant'] === ''),
          ['asked'],
        ).flatMap((group) =>
          ['small', 'medium', 'large'].flatMap((size) =>
            bar(
              `${size}, ${Number(group[0]?.['asked'])}`,
              group.map((row) => ofDense(row, rows, size)),
            ),
          ),
        );
  const sorted = by === 'name' ? bars.sort((a, b) => a.summary.mean - b.summary.mean) : bars.reverse();
  const unit = by === 'name' ? 'AP less dense AP, points' : 'change of AP, share of the dense AP';
  return {
    data: [
      {
        ...{ type: 'bar', orientation: 'h', marker: { color: colors[0] as string }, hoverinfo: 'text' },
        y: sorted.map(({ label }) => escapeText(label)),
        x: sorted.map(({ summary }) => summary.mean),
        error_x: {
          ...{ type: 'data', symmetric: false, color: '#444444', thickness: 1.5, width: 4 },
          array: sorted.map(({ summary }) => summary.max - summary.mean),
          arrayminus: sorted.map(({ summary }) => summary.mean - summary.min),
        },
        hovertext: sorted.map(({ label, summary }) => `${escapeText(label)}<br>${summary.mean.toFixed(3)}, ${summary.n} replicates`),
        showlegend: false,
      },
    ],
    layout: layout(
      escapeText(options.title ?? (by === 'name' ? `Ways of pruning a detector: ${detected}` : `Objects by size: ${detected}`)),
      {
        xaxis: axis(unit, { zeroline: true, zerolinecolor: '#444444' }),
        yaxis: axis(by === 'name' ? 'way of pruning, kept share' : 'size, kept share', { type: 'category' }),
        height: Math.max(260, 110 + 24 * sorted.length),
      },
    ),
  };
}

function bar(label: string, values: readonly (number | null)[]): { label: string; summary: Summary }[] {
  const summary = summarise(values);
  return summary === undefined ? [] : [{ label, summary }];
}

function inPoints(row: TableRow): number | null {
  return typeof row['ap'] === 'number' && typeof row['denseAp'] === 'number' ? 100 * (row['ap'] - row['denseAp']) : null;
}

function ofDense(row: TableRow, rows: readonly TableRow[], size: string): number | null {
  const dense = rows.find(
    (other) => other['arm'] === 'dense' && other['replicate'] === row['replicate'] && other['learned'] === row['learned'],
  );
  const before = dense?.[size];
  return typeof before === 'number' && before > 0 && typeof row[size] === 'number' ? row[size] / before - 1 : null;
}
