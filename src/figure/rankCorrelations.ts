/** Which measures go with an outcome: rank correlations with their intervals. */
import { checkColumns, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { axis, colors, layout } from './theme.js';

export interface RankCorrelationsOptions {
  /** What the measures are correlated with. Default `gain`. */
  readonly outcome?: string;
  readonly title?: string;
}

/**
 * One line for each measure: the correlation with its interval; filled where the data support the predicted sign, open otherwise, and a
 * triangle that points to the predicted side.
 * @param table from `profileCorrelations`
 */
export function rankCorrelations(
  table: Table,
  { outcome = 'gain', title = 'What goes with the gain: triangles point to the predicted side' }: RankCorrelationsOptions = {},
): Figure {
  checkColumns('rankCorrelations', table, ['label', 'predicted', 'correlation', 'low', 'high', 'verdict']);
  const rows = toRows(table).filter(({ correlation }) => typeof correlation === 'number');
  const styles = { supported: colors[0], contradicted: colors[1], undecided: '#777777' } as const;
  const data = (['supported', 'contradicted', 'undecided'] as const).flatMap((verdict): JsonObject[] => {
    const own = rows.filter((row) => row.verdict === verdict);
    if (own.length === 0) return [];
    const color = styles[verdict] as string;
    const end = (name: 'low' | 'high', correlation: unknown, value: unknown): number =>
      typeof value !== 'number' ? 0 : name === 'low' ? Number(correlation) - value : value - Number(correlation);
    return [
      {
        ...{ type: 'scatter', mode: 'markers', name: verdict, x: own.map((row) => Number(row.correlation)) },
        y: own.map((row) => rows.indexOf(row)),
        marker: { color, size: 11, symbol: own.map(({ predicted }) => (Number(predicted) > 0 ? 'triangle-right' : 'triangle-left')) },
        error_x: {
          ...{ type: 'data', symmetric: false, thickness: 1.6, width: 4, color },
          array: own.map((row) => end('high', row.correlation, row.high)),
          arrayminus: own.map((row) => end('low', row.correlation, row.low)),
        },
        hoverinfo: 'text',
        hovertext: own.map(
          (row) =>
            `${escapeText(String(row.label))}<br>correlation ${Number(row.correlation).toFixed(2)}, 95 % from ${Number(row.low).toFixed(2)} to ${Number(row.high).toFixed(2)}<br>predicted ${Number(row.predicted) > 0 ? 'positive' : 'negative'}: ${verdict}`,
        ),
      },
    ];
  });
  return {
    data,
    layout: layout(escapeText(title), {
      height: 150 + 30 * Math.max(3, rows.length),
      xaxis: axis(`rank correlation with the ${escapeText(outcome)}, 95 % interval`, {
        range: [-1.05, 1.05],
        zeroline: true,
        zerolinecolor: '#444444',
      }),
      yaxis: axis('', {
        ...{
          tickvals: rows.map((_, i) => i),
          ticktext: rows.map((row) => escapeText(String(row.label))),
          range: [rows.length - 0.4, -0.6],
        },
      }),
    }),
  };
}
