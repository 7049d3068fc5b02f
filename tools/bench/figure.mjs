/** The benchmark as figures: plain Plotly JSON. */
import { axis, colors, layout } from '../../dist/src/figure/theme.js';

/**
 * Steps per second as a share of the machine's limit: one group of bars a case, one bar a contestant, with the range over rounds.
 * A share, since steps of a small and of a large network cannot stand on one axis.
 */
export function benchFigure({ machine, cases }) {
  const limited = cases.filter(({ limit }) => limit !== null);
  const names = [...new Map(limited.flatMap((one) => one.contestants.map(({ name, title }) => [name, title])))];
  const data = names.map(([name, title], i) => {
    const found = limited.flatMap((one) =>
      one.contestants.filter((each) => each.name === name && each.stepsPerSecond).map((each) => ({ one, each })),
    );
    const share = (pick) => found.map(({ one, each }) => pick(each.stepsPerSecond) / one.limit);
    const [middle, low, high] = [share((s) => s.median), share((s) => s.min), share((s) => s.max)];
    return {
      ...{ type: 'bar', name: title, marker: { color: colors[i % colors.length] }, x: found.map(({ one }) => one.name), y: middle },
      error_y: {
        type: 'data',
        symmetric: false,
        array: high.map((v, k) => v - middle[k]),
        arrayminus: low.map((v, k) => middle[k] - v),
        thickness: 1,
        width: 3,
      },
      hovertext: found.map(({ each }) => `${title}: ${each.stepsPerSecond.median.toPrecision(3)} steps/s`),
      hoverinfo: 'text',
    };
  });
  return {
    data,
    layout: layout(`Training speed, ${machine.threads} ${machine.threads === 1 ? 'thread' : 'threads'}`, {
      ...{ barmode: 'group', width: 1000, height: 480 },
      xaxis: axis('', { type: 'category' }),
      yaxis: axis('steps per second, share of the limit of the machine', { rangemode: 'tozero', tickformat: '.0%' }),
    }),
  };
}

/** Speed of compacted over masked tickets by density: one line a case for training (solid) and one for evaluation (dashed). */
export function compactFigure({ machine, cases }) {
  const data = cases.flatMap(({ title, points }, i) =>
    ['training', 'evaluation'].map((what) => {
      const speedups = points.map((point) => point[what].speedup);
      return {
        ...{
          type: 'scatter',
          mode: 'lines+markers',
          name: `${title}, ${what}`,
          x: points.map(({ density }) => density),
          y: speedups.map(({ median }) => median),
        },
        ...{
          line: { color: colors[i % colors.length], dash: what === 'training' ? 'solid' : 'dash' },
          marker: { symbol: what === 'training' ? 'circle' : 'square' },
        },
        error_y: {
          ...{ type: 'data', symmetric: false, thickness: 1, width: 3 },
          ...{ array: speedups.map(({ median, max }) => max - median), arrayminus: speedups.map(({ median, min }) => median - min) },
        },
      };
    }),
  );
  return {
    data,
    layout: layout(`Compacted tickets, ${machine.threads} ${machine.threads === 1 ? 'thread' : 'threads'}`, {
      ...{ width: 900, height: 520 },
      xaxis: axis('density (kept share of the prunable weights)', { type: 'log', autorange: 'reversed' }),
      yaxis: axis('steps per second, compacted / masked', { type: 'log' }),
    }),
  };
}
