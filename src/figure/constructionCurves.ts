/** A network built by pruning a random one: its error, and the bound on it, by the number of random units for each weight. */
import { armLabel, sortArms } from '../analysis/arms.js';
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import type { Figure, JsonObject } from './figure.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';
import { escapeText } from './escapeText.js';

export interface ConstructionCurvesOptions {
  /** Over replicates. Default `range`. */
  readonly band?: Band;
  readonly title?: string;
}

/**
 * The median over targets of the greatest measured error (solid) and of the bound (dotted), on a logarithmic axis. Malach et al.
 * 2020, arXiv:2002.00585: with one unit for each weight both fall as 1/n; with sums (arXiv:2006.07990) exponentially.
 * @param points from `toPoints(records, 'construction')`
 */
export function constructionCurves(
  points: Table,
  { band = 'range', title = 'A target built by pruning a random network' }: ConstructionCurvesOptions = {},
): Figure {
  checkColumns(`the figure '${title}'`, points, ['arm', 'count', 'error', 'bound']);
  const rows = toRows(points);
  const format = (value: number): string => `error ${value.toExponential(1)}`;
  const data: JsonObject[] = sortArms(rows.map((row) => String(row.arm))).flatMap((arm, i) =>
    (['error', 'bound'] as const).flatMap((value) => {
      const own = groupRows(
        rows.filter((row) => String(row.arm) === arm),
        ['count'],
      ).flatMap((same) => {
        const summary = summarise(same.map((row) => row[value]));
        return summary === undefined ? [] : [{ x: Number(same[0]?.count), summary }];
      });
      own.sort((a, b) => a.x - b.x);
      const style = { ...styleOf(arm, i), dash: value === 'bound' ? ('dot' as const) : ('solid' as const) };
      return series(own, {
        ...{ name: `${armLabel(arm)}: ${value === 'bound' ? 'bound' : 'measured'}`, style, band },
        hover: { x: (x) => `${x} random units for each weight and sign`, y: format },
      });
    }),
  );
  return {
    data,
    layout: layout(escapeText(title), {
      xaxis: axis('random units for each weight and sign of its input'),
      yaxis: axis('error for inputs of length 1, median', { type: 'log', exponentformat: 'power', dtick: 1 }),
    }),
  };
}
