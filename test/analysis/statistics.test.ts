import assert from 'node:assert/strict';
import test from 'node:test';
import { bootstrapInterval, mean, quantile, standardDeviation, tInterval } from '../../src/analysis/confidence.js';
import { matching } from '../../src/analysis/matching.js';
import { allHeld, decide, differences, paired, signFlipTest } from '../../src/analysis/paired.js';
import { ranks, spearman, spearmanInterval } from '../../src/analysis/spearman.js';
import { studentTCumulative, studentTQuantile } from '../../src/analysis/studentT.js';
import { stream } from '../../src/random.js';

const near = (found: number, expected: number, tolerance = 1e-9): void =>
  assert.ok(Math.abs(found - expected) <= tolerance, `${found} is not within ${tolerance} of ${expected}`);

// Reference values: scipy 1.17.1, the call beside each.
test('t quantiles and probabilities are those of scipy', () => {
  near(studentTQuantile(0.975, 1), 12.706204736174694, 1e-8); // stats.t.ppf(.975, 1)
  near(studentTQuantile(0.975, 2), 4.302652729749462);
  near(studentTQuantile(0.975, 4), 2.7764451051977934);
  near(studentTQuantile(0.975, 29), 2.045229642132703);
  near(studentTQuantile(0.1, 3), -1.637744353696209); // -stats.t.ppf(.9, 3)
  near(studentTCumulative(1.5, 4), 0.896); // stats.t.cdf(1.5, 4)
  near(studentTCumulative(-2.2, 7), 0.03186550765131839);
  near(studentTCumulative(0.1, 1), 0.5317255174305535);
  assert.throws(() => studentTQuantile(1, 3), /invalid probability/);
});

test('t interval and standard deviation are those of scipy and numpy', () => {
  const values = Object.freeze([0.9765, 0.9743, 0.9731, 0.9758, 0.9749]) as number[];
  const { low, high } = tInterval(values); // stats.t.interval(.95, 4, mean, stats.sem(v))
  near(low, 0.9732811916640783);
  near(high, 0.9765588083359217);
  near(standardDeviation(values), 0.0013198484761517296); // np.std(v, ddof=1)
  const wide = tInterval([3, 5, 10], 0.9);
  near(wide.low, -0.07843470155373566);
  near(wide.high, 12.07843470155373);
  assert.ok(Number.isNaN(tInterval([0.97]).low), 'one replicate has no interval');
  assert.throws(() => mean([]), /invalid mean/);
  assert.throws(() => tInterval([1, 2], 1.5), /invalid confidence/);
});

test('quantiles interpolate as numpy does', () => {
  // np.quantile([1, 3, 7, 15, 31], [.1, .5, .9])
  const sorted = [1, 3, 7, 15, 31];
  for (const [p, expected] of [
    [0.1, 1.8],
    [0.5, 7],
    [0.9, 24.6],
    [0, 1],
    [1, 31],
  ] as const)
    near(quantile(sorted, p), expected);
});

test('bootstrap interval of the mean is near the one of scipy, and repeats with its seed', () => {
  const values = [2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 4.9, 3.1, 4.0];
  // stats.bootstrap((v,), np.mean, method='percentile', n_resamples=200000): [2.9, 4.3]; 20000 resamples scatter by about 0.01.
  const once = bootstrapInterval(values, { random: stream(1, 'bootstrap'), resamples: 20000 });
  near(once.low, 2.9, 0.03);
  near(once.high, 4.3, 0.03);
  assert.deepEqual(bootstrapInterval(values, { random: stream(1, 'bootstrap'), resamples: 20000 }), once);
});

test('rank correlation is that of scipy, ties and all', () => {
  // stats.spearmanr, stats.rankdata
  near(spearman([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 7, 8, 6, 5]), 0.7380952380952381);
  near(spearman([1, 2, 2, 3, 5, 5, 5, 9], [3, 1, 4, 1, 5, 9, 2, 6]), 0.5495502618648208);
  assert.deepEqual(ranks([1, 2, 2, 3, 5, 5, 5, 9]), [1, 2.5, 2.5, 4, 6, 6, 6, 8]);
  assert.ok(Number.isNaN(spearman([1, 1, 1], [1, 2, 3])), 'a constant has no rank correlation');
  // stats.bootstrap(paired=True, method='percentile', n_resamples=20000): [-0.111, 0.974]
  const interval = spearmanInterval([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 7, 8, 6, 5], { random: stream(2, 'b'), resamples: 5000 });
  near(interval.low, -0.111, 0.06);
  near(interval.high, 0.974, 0.02);
});

test('paired differences are those of scipy', () => {
  // stats.ttest_rel(a, b).confidence_interval(): [0.0123066, 0.0234934]
  const result = paired([0.9743, 0.9751, 0.9738], [0.9565, 0.9549, 0.9581]);
  near(result.mean, 0.0179);
  near(result.low, 0.012306551451325792);
  near(result.high, 0.023493448548674262);
  assert.throws(() => paired([1, 2], [1]), /mismatched pairs/);
});

test('sign-flip test is the exact permutation test of scipy', () => {
  // stats.permutation_test((d,), mean, permutation_type='samples', n_resamples=inf)
  assert.equal(signFlipTest([0.3, -0.1, 0.5, 0.2, 0.4]), 0.125);
  assert.equal(signFlipTest([1, 2, 3]), 0.25);
  const many = Array.from({ length: 20 }, (_, i) => 1 + 0.01 * i);
  assert.ok(signFlipTest(many, stream(3, 'flip'), 2000) <= 3 / 2001, 'twenty equal signs are rare');
  assert.throws(() => signFlipTest(many), /random stream/);
});

test('verdicts: true only if the whole interval agrees, undecided with one replicate', () => {
  assert.equal(decide(differences([0.018, 0.02, 0.019]), 0), true);
  assert.equal(decide(differences([-0.018, -0.02, -0.019]), 0), false);
  assert.equal(decide(differences([0.02, -0.01, 0.005]), 0), 'undecided');
  assert.equal(decide(differences([0.5]), 0), 'undecided');
  assert.equal(allHeld([true, true]), true);
  assert.equal(allHeld([true, 'undecided', false]), false);
  assert.equal(allHeld([]), 'undecided');
});

test('matching states its tolerance and separates the verdict on the mean from the certain one', () => {
  const dense = [0.981, 0.982, 0.98];
  const close = matching([0.98, 0.9815, 0.979], dense);
  assert.equal(close.matching, true); // mean difference -0.00083 >= -0.002
  assert.equal(close.tolerance, 0.002);
  near(close.difference.mean, -0.0025 / 3, 1e-12);
  assert.equal(matching([0.97, 0.971, 0.969], dense).matching, false);
  assert.equal(matching([0.97, 0.971, 0.969], dense).certain, false);
  assert.equal(matching([0.99, 0.97, 0.98], dense).certain, 'undecided');
  assert.equal(matching([0.97, 0.971, 0.969], dense, { tolerance: 0.02 }).matching, true);
  assert.throws(() => matching([1], [1], { tolerance: 2 }), /invalid tolerance/);
});
