/** Accuracy against what training took: what is the best way to spend a second? */
import { armLabel, sortArms } from '../analysis/arms.js';
import { mean } from '../analysis/confidence.js';
import { checkColumns, groupRows, type Table, type TableRow, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { gridDomains, type Panel } from './panels.js';
import { series } from './series.js';
import { type Band, summarise } from './summarise.js';
import { axis, layout, styleOf } from './theme.js';

export interface AccuracyByTimeOptions {
  /** `processor`: seconds of all threads, which other work on the machine does not lengthen; `seconds`: by the clock; `steps`: updates. Default `processor`. */
  readonly cost?: keyof typeof costs;
  readonly band?: Band;
  readonly title?: string;
}

const costs = {
  processor: { title: 'processor seconds of training', unit: 's' },
  seconds: { title: 'seconds of training', unit: 's' },
  steps: { title: 'updates', unit: 'updates' },
} as const;

/**
 * Test accuracy at the end against the cost of the whole training, on a log axis: a panel for each density, a line for each arm through
 * the lengths that it was trained for, the dense network in every panel. A line further left and up is better. As the comparisons at
 * equal cost of Evci et al. (arXiv:1911.11134), which count operations.
 * @param table from `dynamicSparseTable`; for seconds with timings
 */
export function accuracyByTime(table: Table, options: AccuracyByTimeOptions = {}): Figure {
  const { cost = 'processor', band = 'range', title = `Accuracy by ${costs[cost].title}` } = options;
  checkColumns('accuracyByTime', table, ['arm', 'asked', 'multiple', 'testAtEnd', cost]);
  const rows = toRows(table).filter((row) => typeof row[cost] === 'number' && typeof row.testAtEnd === 'number');
  const densities = [...new Set(rows.filter(({ arm }) => arm !== 'dense').map(({ asked }) => Number(asked)))].sort((a, b) => b - a);
  const arms = sortArms(rows.map(({ arm }) => String(arm)));
  const columns = Math.min(3, Math.max(1, densities.length));
  const panels = gridDomains(Math.max(1, densities.length), columns, { left: 0.1, top: 0.3 });
  const figure = panels.map((panel, i) => panelOf(rows, arms, { panel, i, density: densities[i], cost, band }));
  return {
    data: figure.flatMap(({ data }) => data),
    layout: layout(escapeText(title), {
      ...Object.assign({}, ...figure.map(({ axes }) => axes)),
      annotations: figure.flatMap(({ heading }) => heading),
      width: columns === 1 ? 700 : 1000,
      margin: { l: 64, r: 24, t: 72, b: 56 },
      height: 124 + 330 * Math.ceil(panels.length / columns),
    }),
  };
}

interface PanelDrawing {
  readonly panel: Panel;
  readonly i: number;
  readonly density: number | undefined;
  readonly cost: keyof typeof costs;
  readonly band: Band;
}

function panelOf(rows: readonly TableRow[], arms: readonly string[], { panel, i, density, cost, band }: PanelDrawing) {
  const [x, y] = [i === 0 ? 'x' : `x${i + 1}`, i === 0 ? 'y' : `y${i + 1}`];
  const hover = {
    x: (value: number): string => `${Number(value.toPrecision(3))} ${costs[cost].unit}`,
    y: (value: number): string => `accuracy ${value.toFixed(4)}`,
  };
  const own = rows.filter((row) => row.arm === 'dense' || row.asked === density);
  const data = arms.flatMap((arm, k) => {
    const points = groupRows(
      own.filter((row) => row.arm === arm),
      ['multiple'],
    ).flatMap((same) => {
      const summary = summarise(same.map((row) => row.testAtEnd));
      return summary === undefined ? [] : [{ x: mean(same.map((row) => Number(row[cost]))), summary }];
    });
    points.sort((a, b) => a.x - b.x);
    return series(points, { name: armLabel(arm), style: styleOf(arm, k), band, hover, xaxis: x, yaxis: y, showlegend: i === 0 });
  });
  const values = own.map((row) => Number(row[cost])).filter((value) => value > 0);
  const heading: JsonObject[] =
    density === undefined
      ? []
      : [
          {
            ...{ text: escapeText(`density ${density}`), showarrow: false, xref: 'paper', yref: 'paper', font: { size: 13 } },
            ...{ x: panel.x[0], y: panel.y[1], xanchor: 'left', yanchor: 'bottom' },
          },
        ];
  const axes = {
    [x.replace('x', 'xaxis')]: axis(escapeText(costs[cost].title), {
      ...{ domain: [...panel.x], anchor: y, type: 'log' },
      ...ticks(values),
    }),
    [y.replace('y', 'yaxis')]: axis('test accuracy at the end (share)', { domain: [...panel.y], anchor: x }),
  };
  return { data, heading, axes };
}

/** Plain numbers at 1, 2, 5, 10, ... */
function ticks(values: readonly number[]): JsonObject {
  if (values.length === 0) return {};
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const places: number[] = [];
  for (let power = Math.floor(Math.log10(low)); 10 ** power <= high; power++)
    for (const digit of [1, 2, 5]) places.push(Number((digit * 10 ** power).toPrecision(1)));
  const text = (value: number): string => (value < 1000 ? String(value) : `${value / 1000}k`);
  return { tickvals: places, ticktext: places.map(text), range: [Math.log10(low / 1.25), Math.log10(high * 1.25)] };
}
