/** What pruning does to average precision, variant by variant: changes against the dense detector. */
import { groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure } from './figure.js';
import { type Summary, summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface ApChangesOptions {
  /** What is detected. Default `box`. */
  readonly detected?: 'box' | 'mask' | 'keypoints';
  /** Only detectors pruned to this share of what is pruned. Default all. */
  readonly asked?: number;
  readonly title?: string;
}

/**
 * Bars of AP less the dense detector's AP of the same replicate, in points, with the range over replicates.
 * @param table from `recognitionTable`
 */
export function apChanges(table: Table, options: ApChangesOptions = {}): Figure {
  const { detected = 'box', asked } = options;
  const rows = toRows(table).filter((row) => row['detected'] === detected);
  const pruned = rows.filter((row) => row['arm'] !== 'dense' && (asked === undefined || row['asked'] === asked));
  const bars = groupRows(pruned, ['name', 'asked'])
    .flatMap((group) => bar(`${group[0]?.['name']}, ${Number(group[0]?.['asked'])}`, group.map(inPoints)))
    .sort((a, b) => a.summary.mean - b.summary.mean);
  return {
    data: [
      {
        ...{ type: 'bar', orientation: 'h', marker: { color: colors[0] as string }, hoverinfo: 'text' },
        y: bars.map(({ label }) => escapeText(label)),
        x: bars.map(({ summary }) => summary.mean),
        error_x: {
          ...{ type: 'data', symmetric: false, color: '#444444', thickness: 1.5, width: 4 },
          array: bars.map(({ summary }) => summary.max - summary.mean),
          arrayminus: bars.map(({ summary }) => summary.mean - summary.min),
        },
        hovertext: bars.map(({ label, summary }) => `${escapeText(label)}<br>${summary.mean.toFixed(3)}, ${summary.n} replicates`),
        showlegend: false,
      },
    ],
    layout: layout(escapeText(options.title ?? `Ways of pruning a detector: ${detected}`), {
      xaxis: axis('AP less dense AP, points', { zeroline: true, zerolinecolor: '#444444' }),
      yaxis: axis('way of pruning, kept share', { type: 'category' }),
      height: Math.max(260, 110 + 24 * bars.length),
    }),
  };
}

function bar(label: string, values: readonly (number | null)[]): { label: string; summary: Summary }[] {
  const summary = summarise(values);
  return summary === undefined ? [] : [{ label, summary }];
}

function inPoints(row: TableRow): number | null {
  return typeof row['ap'] === 'number' && typeof row['denseAp'] === 'number' ? 100 * (row['ap'] - row['denseAp']) : null;
}
