/** The curves of recursive grow-and-prune, one panel for each arm, one curve for each iteration. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { metricTitle } from './learningCurves.js';
import { curveScale } from './curveScale.js';
import { gridDomains } from './panels.js';
import { series } from './series.js';
import { type Summary, summarise } from './summarise.js';
import { axis, layout, ordinal } from './theme.js';

export interface JuvenileCurvesOptions {
  /** Default `accuracy`. */
  readonly metric?: 'accuracy' | 'loss';
  /** Panels side by side. Default 3. */
  readonly columns?: number;
  readonly title?: string;
}

/**
 * Validation (solid, with its range over replicates) and training (dotted) by training iteration within each iteration of grow and
 * prune: Figures 1 (accuracy) and 2 (loss) of Zhang 2021 (arXiv:2109.03862). Panels share their scales; values far below all
 * others (such as the start of a fresh network) are cut off, zoom out to see them.
 * @param evaluations from `toTable`, of juvenile runs
 */
export function juvenileCurves(evaluations: Table, { metric = 'accuracy', columns = 3, title }: JuvenileCurvesOptions = {}): Figure {
  checkColumns('juvenileCurves', evaluations, ['arm', 'level', 'step', 'split', 'phase', metric]);
  const rows = toRows(evaluations).filter((row) => row.phase === 'training' && (row.split === 'train' || row.split === 'validation'));
  const arms = sortArms(rows.map((row) => String(row.arm)));
  const levels = [...new Set(rows.map((row) => Number(row.level)))].sort((a, b) => a - b);
  const grid = gridDomains(arms.length, Math.max(1, Math.min(columns, arms.length)), { left: 0.05, top: 0.13 });
  const range = curveScale(rows, metric);
  const axes = arms.flatMap((arm, i): [string, JsonObject][] => {
    const n = i === 0 ? '' : String(i + 1);
    const cell = grid[i];
    if (cell === undefined) return [];
    return [
      [
        `xaxis${n}`,
        axis(cell.isBottom ? 'training iterations' : '', { domain: [...cell.x], anchor: `y${n}`, rangemode: 'tozero', nticks: 4 }),
      ],
      [
        `yaxis${n}`,
        axis(cell.isLeft ? escapeText(metric === 'accuracy' ? 'accuracy (share)' : 'loss (nats)') : '', {
          domain: [...cell.y],
          anchor: `x${n}`,
          range,
          showticklabels: cell.isLeft,
        }),
      ],
      [`heading${i}`, { text: escapeText(armLabel(arm)), x: cell.x[0], y: cell.y[1] }],
    ];
  });
  const isHeading = ([name]: [string, JsonObject]): boolean => name.startsWith('heading');
  const annotations = axes.filter(isHeading).map(
    ([, { text, x, y }]): JsonObject => ({
      ...{
        text: `<b>${text}</b>`,
        x: x as number,
        y: y as number,
        xref: 'paper',
        yref: 'paper',
        xanchor: 'left',
        yanchor: 'bottom',
        showarrow: false,
      },
    }),
  );
  const height = 130 + 230 * Math.ceil(arms.length / Math.max(1, Math.min(columns, arms.length)));
  return {
    data: arms.flatMap((arm, i) =>
      levels.flatMap((level, j) =>
        curves(
          rows.filter((row) => row.arm === arm && row.level === level),
          { metric, panel: i, level, place: j / Math.max(1, levels.length - 1) },
        ),
      ),
    ),
    layout: layout(
      title ?? `${metric === 'accuracy' ? 'Accuracy' : 'Loss'} by iteration of grow and prune: validation solid, training dotted`,
      {
        ...Object.fromEntries(axes.filter((entry) => !isHeading(entry))),
        ...{ annotations, width: 960, height, margin: { l: 64, r: 24, t: 70, b: 56 } },
      },
    ),
  };
}

interface CurveOptions {
  readonly metric: 'accuracy' | 'loss';
  readonly panel: number;
  readonly level: number;
  /** Of the level among all, in [0, 1]. */
  readonly place: number;
}

function curves(rows: readonly TableRow[], { metric, panel, level, place }: CurveOptions): JsonObject[] {
  const n = panel === 0 ? '' : String(panel + 1);
  return (['validation', 'train'] as const).flatMap((split) => {
    const points = groupRows(
      rows.filter((row) => row.split === split),
      ['step'],
    ).flatMap((same) => {
      const summary = summarise(same.map((row) => row[metric]));
      return summary === undefined ? [] : [{ x: Number(same[0]?.step), summary }];
    });
    const isMain = split === 'validation';
    return series(points.sort((a, b) => a.x - b.x) as { x: number; summary: Summary }[], {
      name: `iteration ${level}`,
      style: { color: ordinal(place), dash: isMain ? 'solid' : 'dot', symbol: 'circle' },
      band: isMain ? 'range' : 'none',
      hover: {
        x: (step) => `${metricTitle(metric, split).split(' (')[0]} after ${step} training iterations`,
        y: (value) => value.toFixed(4),
      },
      ...{ xaxis: `x${n}`, yaxis: `y${n}`, showlegend: panel === 0 && isMain, mode: 'lines', width: isMain ? 2 : 1.2 },
    });
  });
}
