/** What an experiment of many levels comes to by the speeds that were measured at some densities. */
import { spread } from './summary.mjs';

/**
 * Seconds of so many levels, each with four fifths of the weights of the one before; between the densities speeds go straight on a log scale.
 * @param points by falling density: `{ density, training: { sparse, compiled } }` in steps per second by round
 * @param engine `auto` stands for the faster at each density
 */
export function computedSeconds(points, engine, levels, steps) {
  const rate = (training) =>
    Math.max(...(engine === 'auto' ? ['sparse', 'compiled'] : [engine]).map((name) => spread(training[name]).median));
  const known = points.map(({ density, training }) => ({ x: Math.log(density), y: Math.log(rate(training)) }));
  let total = 0;
  for (let level = 0; level < levels; level++) {
    const x = level * Math.log(1 - 0.2);
    const after = Math.max(
      1,
      known.findIndex((point) => point.x <= x + 1e-9),
    );
    const [a, b] = [known[after - 1], known[after]];
    total += steps / Math.exp(a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x));
  }
  return total;
}
