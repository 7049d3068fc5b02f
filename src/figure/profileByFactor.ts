/** Juvenility profiles by the factor that was varied: a panel for each measure. */
import { measures } from '../analysis/profileTable.js';
import { checkColumns, groupRows, type Table, toRows } from '../analysis/table.js';
import { escapeText } from './escapeText.js';
import type { Figure, JsonObject } from './figure.js';
import { gridDomains } from './panels.js';
import { summarise } from './summarise.js';
import { axis, colors, layout } from './theme.js';

export interface ProfileByFactorOptions {
  /** Columns of the table, a panel each. Default `gain`, `firstEpoch`, `barrier`, `sharpness`. */
  readonly values?: readonly string[];
  /** The factor that the others are compared with: its mean is a line through all. Default `base`. */
  readonly base?: string;
  readonly title?: string;
}

/**
 * One line for each factor, by its mean of the first measure: the mean over all its tickets (networks that were pruned at least once)
 * and the range over replicates, whose tickets are averaged first.
 * @param table from `profileTable`
 */
export function profileByFactor(table: Table, options: ProfileByFactorOptions = {}): Figure {
  const { values = ['gain', 'firstEpoch', 'barrier', 'sharpness'], base = 'base' } = options;
  const { title = 'Profiles by factor: mean of the tickets, range over replicates; the line is the base' } = options;
  checkColumns('profileByFactor', table, ['arm', 'replicate', 'level', ...values]);
  const tickets = toRows(table).filter(({ level }) => Number(level) > 0);
  const factors = [...new Set(tickets.map(({ arm }) => String(arm)))];
  const summaryOf = (factor: string, value: string) => {
    const runs = groupRows(
      tickets.filter(({ arm }) => arm === factor),
      ['replicate'],
    );
    return summarise(runs.map((rows) => summarise(rows.map((row) => row[value]))?.mean));
  };
  const place = (factor: string): number => summaryOf(factor, values[0] as string)?.mean ?? Number.NEGATIVE_INFINITY;
  const order = factors.sort((a, b) => place(b) - place(a));
  const grid = gridDomains(values.length, values.length, { left: 0.035, top: 0.1 });
  const panels = values.map((value, i) => {
    const points = order.flatMap((factor, y) => {
      const summary = summaryOf(factor, value);
      return summary === undefined ? [] : [{ factor, y, summary }];
    });
    const n = i === 0 ? '' : String(i + 1);
    const trace: JsonObject = {
      ...{ type: 'scatter', mode: 'markers', showlegend: false, hoverinfo: 'text', xaxis: `x${n}`, yaxis: 'y' },
      x: points.map(({ summary }) => summary.mean),
      y: points.map(({ y }) => y),
      marker: { size: 8, color: points.map(({ factor }) => (factor === base ? '#000000' : (colors[0] as string))) },
      error_x: {
        ...{ type: 'data', symmetric: false, color: '#666666', thickness: 1.5, width: 3 },
        array: points.map(({ summary }) => summary.max - summary.mean),
        arrayminus: points.map(({ summary }) => summary.mean - summary.min),
      },
      hovertext: points.map(
        ({ factor, summary }) =>
          `${escapeText(factor)}<br>${escapeText(nameOf(value))}: ${summary.mean.toPrecision(3)}, ${summary.n} replicates from ${summary.min.toPrecision(3)} to ${summary.max.toPrecision(3)}`,
      ),
    };
    const middle = points.find(({ factor }) => factor === base)?.summary.mean;
    const line: JsonObject[] =
      middle === undefined
        ? []
        : [
            {
              ...{ type: 'line', xref: `x${n}`, yref: 'paper', y0: 0, y1: 1, x0: middle, x1: middle },
              ...{ layer: 'below', line: { color: '#888888', width: 1, dash: 'dot' } },
            },
          ];
    return { n, trace, line, domain: grid[i]?.x as readonly [number, number], title: broken(nameOf(value)) };
  });
  const axes = Object.fromEntries(
    panels.map(({ n, domain, title: name }) => [`xaxis${n}`, axis(name, { domain: [...domain], anchor: 'y', nticks: 3 })]),
  );
  return {
    data: panels.map(({ trace }) => trace),
    layout: layout(escapeText(title), {
      ...{ width: 900, height: 190 + 22 * Math.max(3, order.length), ...axes, shapes: panels.flatMap(({ line }) => line) },
      yaxis: axis('', {
        ...{ tickvals: order.map((_, i) => i), ticktext: order.map((factor) => escapeText(factor)) },
        range: [order.length - 0.4, -0.6],
      }),
    }),
  };
}

function nameOf(value: string): string {
  if (value === 'gain') return 'gain over fresh weights';
  return measures.find(({ name }) => name === value)?.label ?? value;
}

/** In lines that fit under a panel. */
function broken(text: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    if (last !== '' && last.length + word.length > 19) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.map(escapeText).join('<br>');
}
