// ---
// jupyter:
//   jupytext:
//     formats: ipynb,text//ts:percent
//   kernelspec:
//     display_name: TypeScript (neoteny)
//     language: typescript
//     name: tslab
// ---

// %% [markdown]
// # Staying young: depth against density, and what goes with a ticket's gain
//
// > The surface of accuracy over depth and density, by growing and by pruning, and a profile of every ticket under one factor at a time.
//
// **Question.** Where on the surface over depth and density do growing and pruning differ? Zhang (2021) names what may keep a network juvenile, without measuring any of it: which measures of youth go with a ticket's gain?
//
// **Prediction.** *Surface*: at low density growing wins, since knowledge is carried. *Youth*: a ticket gains more where it learns fast, has large and evenly spread gradients, lies flat and stable, has no dead units, travels little, and carries over to other data. The paper states none of the last ones as numbers: the signs are our reading.

// %%
import { armLabel, depthDensityHeatmap, depthSlices, experiments, fromRows } from "neoteny";
import { lossBarrier, profileByFactor, profileCorrelations, profileTable } from "neoteny";
import { rankCorrelations, stream, surfaceCells, toPoints, toRows, type RunRecord } from "neoteny";
import { currentScale, markdown, notebookParameters, runOrLoad, scale, show, stamp } from "neoteny";
import assert from "node:assert/strict";

// %% tags=["parameters"]
let replicates: number = scale({ smoke: 1, preset: 3, paper: 5 });
let surfaced: string[] = ["default", "cifar-10"]; // presets of surface
let factors: string[] = [
  ...["base", "init-glorot", "init-uniform", "wide", "narrow", "grow-random", "reset", "keep"],
  ...["sgd", "rate-low", "rate-high", "batch-small", "batch-large", "order"],
]; // arms of profile
let threshold: number = 0.9; // validation accuracy that a profile counts the iterations to
let seed: number = 0; // root of all random numbers

// %%
const smoke = currentScale() === "smoke";
await show(notebookParameters({
  replicates: replicates,
  surfaced: surfaced,
  factors: factors,
  threshold: threshold,
  seed: seed,
}));

// %% [markdown]
// ## Depth against density
//
// Two ways to the same cell of depth and density. *Growth*: for each density one network is trained, pruned to it, trained on, and extended by an identity layer, and so on down. *Iterative pruning*: for each depth one network is pruned from density to density, and rewound to its start each time. Every training is as long; by the last row growth has trained more often than by the first, pruning more often by the last column than by the first.

// %%
const mini = { depths: 2, densities: [0.5, 0.1], length: "10it", trainLimit: 300, dataset: "mnist" };
const surfaces: { on: string; runs: RunRecord[]; cells: ReturnType<typeof toRows> }[] = [];
for (const preset of surfaced) {
  const small = { ...mini, model: preset === "default" ? "mlp-16x{depth}" : "blocks-4x{depth}" };
  const runs = await runOrLoad({
    experiment: "surface",
    options: { ...experiments.surface!.presets[preset]!.options, seed: seed, ...(smoke && small) },
    replicates: replicates,
  });
  const { dataset, model } = runs[0]!.spec;
  const on = `${dataset}, ${String(model).replace("{depth}", "d")}`;
  surfaces.push({ on: on, runs: runs, cells: toRows(surfaceCells(runs)) });
}

// %%
for (const { on, cells } of surfaces) {
  const accuracies = cells.map((row) => Number(row.testAtEnd));
  const range = [Math.min(...accuracies), Math.max(...accuracies)] as const;
  for (const arm of ["growth", "imp"]) {
    const own = fromRows(cells.filter((row) => row.arm === arm));
    const title = `${on}, ${armLabel(arm)}: test accuracy by depth and density`;
    await show(depthDensityHeatmap(own, { value: "testAtEnd", title: title, range: range }));
    await show(depthSlices(own, { title: `${on}, ${armLabel(arm)}: slices` }));
  }
}

// %%
const gap = { value: "gap", valueTitle: "training - test accuracy (share)" };
for (const { on, cells } of surfaces) {
  for (const arm of ["growth", "imp"]) {
    const own = fromRows(cells.filter((row) => row.arm === arm));
    await show(depthSlices(own, { ...gap, title: `${on}, ${armLabel(arm)}: generalisation gap` }));
  }
}

// %% [markdown]
// ## What keeps a network young
//
// Every ticket of a recursive growth is profiled: before it trains (gradient norm, how evenly it spreads over the layers, sharpness as the largest eigenvalue of the Hessian of kept weights, effective rank, dead units), while it trains (accuracy after an epoch, iterations to a threshold), and after (distance travelled, sharpness again, the error barrier on the line to a twin that saw the data in another order, and the gain when carried to Fashion-MNIST). Its *gain* is its test accuracy less that of its own mask with fresh weights, trained alike. One factor differs from the base at a time: initialisation (`init-glorot`, `init-uniform`), structure (`wide`, `narrow`, layers that start at random with `grow-random`, and without growth `reset` and `keep`), optimizer (`sgd`), learning rate (`rate-low`, `rate-high`), batch size (`batch-small`, `batch-large`), data order (`order`).

// %%
const profiles = await runOrLoad({
  experiment: "profile",
  options: smoke
    ? {
        ...{ iterations: 2, trainLimit: 500, length: "20it", validateEvery: "10it", width: 16 },
        ...{ examples: 64, powerIterations: 3, transferTo: "mnist", seed: seed },
      }
    : { seed: seed },
  replicates: replicates,
  arms: smoke ? ["base", "reset"] : factors,
});
const profile = profileTable(profiles, { threshold: threshold });
const tickets = toRows(profile).filter((row) => Number(row.level) > 0);

// %%
const average = (rows: typeof tickets, name: string): number =>
  rows.reduce((sum, row) => sum + Number(row[name]), 0) / rows.length;
const varied = [...new Set(tickets.map((row) => String(row.arm)))];
await show(fromRows(varied.map((arm) => {
  const rows = tickets.filter((row) => row.arm === arm);
  return {
    factor: arm,
    "gain, points": (100 * average(rows, "gain")).toFixed(2),
    "test, %": (100 * average(rows, "test")).toFixed(2),
    "first epoch, %": (100 * average(rows, "firstEpoch")).toFixed(2),
    "barrier, points": (100 * average(rows, "barrier")).toFixed(2),
    sharpness: average(rows, "sharpness").toFixed(2),
    "effective rank": average(rows, "effectiveRank").toFixed(1),
    "dead units": average(rows, "deadUnits").toFixed(3),
    distance: average(rows, "distance").toFixed(2),
  };
})));

// %%
await show(profileByFactor(profile));

// %%
const line = toRows(toPoints(profiles, "barrier")).filter((row) => Number(row.level) > 0);
const pairs = ["base", "reset"];
await show(lossBarrier(
  fromRows(line.filter((row) => pairs.includes(String(row.arm)))),
  { group: "arm", title: "Between twins that saw the data in two orders" },
));

// %%
const correlations = profileCorrelations(profile, { random: stream(seed, "bootstrap") });
await show(rankCorrelations(correlations));

// %% [markdown]
// Intervals are by bootstrap over whole runs, since tickets of one run depend on each other. Blue supports the predicted sign, orange contradicts it.
//
// ## Reading

// %%
const percent = (value: number): string => (100 * value).toFixed(2);
const verdicts = toRows(correlations);
const list = (verdict: string): string =>
  verdicts.filter((row) => row.verdict === verdict).map((row) => String(row.label)).join("; ");
type Surface = (typeof surfaces)[number];
const corner = ({ cells }: Surface, arm: string, at: "deep" | "shallow" = "deep"): number[] => {
  const depths = cells.map((row) => Number(row.depth));
  const depth = at === "deep" ? Math.max(...depths) : Math.min(...depths);
  const sparsest = Math.min(...cells.map((row) => Number(row.density)));
  return cells
    .filter((row) => row.arm === arm && row.depth === depth)
    .filter((row) => Number(row.density) < 1.05 * sparsest)
    .map((row) => Number(row.testAtEnd));
};
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const compared = (surface: Surface, at: "deep" | "shallow"): string =>
  `growth has ${percent(mean(corner(surface, "growth", at)))} %`
  + ` and iterative pruning ${percent(mean(corner(surface, "imp", at)))} %`;
await show(markdown(
  ...surfaces.map((surface) =>
    `**Surface on ${surface.runs[0]!.spec.dataset}, lowest density.** At the greatest depth`
    + ` ${compared(surface, "deep")}, at the least ${compared(surface, "shallow")}.\n\n`),
  `**Youth.** Supported: ${list("supported") || "nothing"}.`,
  `Contradicted: ${list("contradicted") || "nothing"}. Undecided: ${list("undecided") || "nothing"}.`,
));

// %% [markdown]
// Growth leads where there is depth to carry what was learnt, on both data sets. On photographs a rewound network starts again at each level, and one training of this length teaches it little at any depth and density; a grown one goes on from what it knows, and has trained longer the deeper it is. In the first row on digits nothing has grown yet: growth cuts a trained network to its density at once and trains on, iterative pruning cuts it step by step and rewinds it each time, and the slow cut is the better one. So the prediction for low density holds of deep networks only.
//
// What the data say of youth is that a ticket which gains is one that still holds what it has learnt: it travels little, its gradient is large where it must change, and its gain carries over to other data. It is not one that lies flat: sharpness goes with the gain here, not against it. That speaks for memory rather than for youth. All of this is correlation over few factors of one small network.
//
// **Assertion.** Distance travelled and transfer go with the gain as predicted, sharpness at the start does not; at the lowest density growth is above iterative pruning at full depth on both data sets, and below it at the least on digits, in every replicate. Runs at the scale `smoke` are only counted.

// %% tags=["claim"]
const verdictOf = Object.fromEntries(verdicts.map((row) => [String(row.measure), row.verdict]));
for (const { runs } of surfaces) assert.equal(runs.length, 2 * replicates);
if (currentScale() === "preset") {
  assert.deepEqual(
    [verdictOf.distance, verdictOf.transferGain, verdictOf.sharpness],
    ["supported", "supported", "contradicted"],
  );
  for (const surface of surfaces)
    assert.ok(Math.min(...corner(surface, "growth")) > Math.max(...corner(surface, "imp")));
  const [shallow, slow] = ["growth", "imp"].map((arm) => corner(surfaces[0]!, arm, "shallow"));
  assert.ok(Math.max(...shallow!) < Math.min(...slow!));
}
const cellsOf = surfaces.map(({ cells }) => cells.length).reduce((a, b) => a + b, 0);
await show(markdown(`Cells of surfaces: ${cellsOf}. Tickets profiled: ${tickets.length}.`));

// %% [markdown]
// ## What would change our mind
//
// - Surface: growth trains a deep network for longer in total. If iterative pruning with as many updates reached the same corner, the lead would be budget, not growth.
// - Youth: with another definition of gain (over the dense network, say) other measures may go with it; the table `profile` has the columns to try.
//
// **References.** Di Zhang, Juvenile state hypothesis: What we can learn from lottery ticket hypothesis researches?, arXiv:2109.03862. Jonathan Frankle and others, Linear mode connectivity and the lottery ticket hypothesis, arXiv:1912.05671. Jonathan Frankle and Michael Carbin, arXiv:1803.03635.

// %%
const records = [...surfaces.flatMap(({ runs }) => runs), ...profiles];
await show(stamp({ records: records, seed: seed }));
