// -*- coding: utf-8 -*-
// ---
// jupyter:
//   jupytext:
//     formats: ipynb,text//ts:percent
//     text_representation:
//       extension: .ts
//       format_name: percent
//       format_version: '1.3'
//       jupytext_version: 1.19.6
//   kernelspec:
//     display_name: TypeScript (neoteny)
//     language: typescript
//     name: tslab
// ---

// %% [markdown]
// # Growing on: photographs, search, depth against density, and what keeps a network young
//
// > The second half of the juvenile state hypothesis: its experiment on CIFAR-10, growth without a final architecture, the surface over depth and density, and a profile of every ticket.
//
// **Question.** Notebook `01-juvenile` grows a multilayer perceptron on MNIST. Zhang (2021) does the same with residual blocks on CIFAR-10, proposes that the next extension be *searched* for, and names what may keep a network juvenile without measuring any of it. Does growth help on photographs? Can a search from one layer find what a given architecture has? Where on the surface over depth and density do growing and pruning differ? And which measures of youth go with a ticket's gain?
//
// **Prediction.** *Photographs*: as on MNIST, resetting loses and growing does not, and most of it is in not resetting. *Search*: what has grown beats its own architecture trained from scratch and pruned at the cost of the whole search, and searching beats choosing at random. *Surface*: at low density growing wins, since knowledge is carried. *Youth*: a ticket gains more where it learns fast, has large and evenly spread gradients, lies flat and stable, has no dead units, travels little, and carries over to other data. The paper states none of the last ones as numbers: the signs are our reading.

// %%
import { armLabel, claimsSentence, depthDensityHeatmap, depthSlices, fromRows } from "neoteny";
import { juvenileClaims, juvenileCurves, juvenileTable, lossBarrier } from "neoteny";
import { profileCorrelations, profileTable, rankCorrelations, searchClaims } from "neoteny";
import { searchTable, searchTree, stream, surfaceCells } from "neoteny";
import { toLevels, toPoints, toRows, toTable, type Table } from "neoteny";
import { currentScale, markdown, notebookParameters, runOrLoad, scale, show, stamp } from "neoteny";
import assert from "node:assert/strict";

// %% tags=["parameters"]
let replicates: number = scale({ smoke: 1, preset: 3, paper: 5 });
let photoReplicates: number = scale({ smoke: 1, preset: 2, paper: 3 }); // on photographs, where a run takes longest
let photos: string = scale({ smoke: "mnist", preset: "cifar-10", paper: "cifar-10" });
let trainLimit: number | null = scale({ smoke: 300, preset: 10000, paper: null }); // photographs; null: all
let length: string = scale({ smoke: "4it", preset: "3ep", paper: "20ep" }); // an iteration on photographs
let blocks: number = scale({ smoke: 1, preset: 7, paper: 7 }); // residual blocks at the end
let threshold: number = 0.9; // validation accuracy that a profile counts the iterations to
let seed: number = 0; // root of all random numbers

// %%
const smoke = currentScale() === "smoke";
await show(notebookParameters({
  replicates: replicates,
  photoReplicates: photoReplicates,
  photos: photos,
  trainLimit: trainLimit,
  length: length,
  blocks: blocks,
  threshold: threshold,
  seed: seed,
}));

// %% [markdown]
// ## Photographs
//
// The paper's network: a 7 × 7 convolution to 8 channels, then residual blocks of 8 channels, one more in each of 7 iterations; the convolutions inside blocks are pruned to 80 %, input and output stay whole. A new block starts with Dirac kernels, which about double what they get, since the skip adds it again. The paper does not say the stride of the first convolution (2 here), how the blocks end (global average pooling), the batch size (128), or the length of an iteration. At this scale it trains on part of the images, as the table of parameters says; on all of them by `neoteny juvenile --preset cifar-10`.

// %%
const photoOptions = {
  ...{ dataset: photos, trainLimit: trainLimit, length: length, engine: "sparse", seed: seed },
  validateEvery: smoke ? "4it" : "39it",
  ...{ seedModel: "blocks-8x0", fullModel: `blocks-8x${blocks}`, iterations: blocks },
  ...{ sparsity: 0.8, exclude: ["conv/kernel", "output/kernel"], insertion: "dirac" },
};
const grown = await runOrLoad({
  experiment: "juvenile",
  options: photoOptions,
  replicates: photoReplicates,
});
const evaluations = toTable(grown);

// %% [markdown]
// These are Figures 3 and 4 of the paper: one colour an iteration, validation solid, training dotted.

// %%
await show(juvenileCurves(evaluations, { metric: "accuracy" }));

// %%
await show(juvenileCurves(evaluations, { metric: "loss" }));

// %%
const table = toRows(juvenileTable(grown));
const its = [...Array.from({ length: blocks + 1 }, (_, i) => `it${i}`), "pruned", "sd"];
const cellOf = (value: unknown): string =>
  typeof value === "number" ? (100 * value).toFixed(2) : "";
await show(fromRows(table.map((row) => ({
  arm: armLabel(String(row.arm)),
  ...Object.fromEntries(its.map((name) => [name, cellOf(row[name])])),
  kept: row.kept,
}))));

// %%
const photoClaims = juvenileClaims(grown);
await show(photoClaims);

// %% [markdown]
// ## Search
//
// Nothing but a seed is given: 16 hidden units, and a budget of 80,000 parameters. At each iteration every place to deepen, every layer to widen and each of two ways to widen it (copies of units, or GradMax units, which change nothing at first and have the largest gradient) is a candidate; each trains for 200 iterations, and the one with the least validation loss is taken, trained and pruned to 20 % of each layer. The search ends when validation no longer improves, or the budget does. Beside it: scores by the norm of the gradient alone, a fixed plan, extensions at random, and the found architecture from scratch, dense and pruned, for as many multiply-adds as the whole search took.

// %%
const searchOptions = smoke
  ? { iterations: 1, length: "20it", trial: "5it", trainLimit: 500, widenBy: [1], seed: seed }
  : { seed: seed };
const searches = await runOrLoad({
  experiment: "search",
  options: searchOptions,
  replicates: replicates,
  ...(smoke && { arms: ["search", "search-random", "dense", "pruned"] }),
});
const first = searches.find(({ spec }) => spec.arm === "search");
assert.ok(first);
await show(searchTree(toLevels(searches), toPoints(searches, "candidate"), { key: first.key }));

// %%
const foundRows = toRows(searchTable(searches));
const order = ["search", "search-gradient", "search-plan", "search-random", "dense", "pruned"];
await show(fromRows(order.flatMap((arm) =>
  foundRows.filter((row) => row.arm === arm).map((row) => ({
    arm: armLabel(arm),
    replicate: row.replicate,
    "test, %": cellOf(row.test),
    "at early stop, %": cellOf(row.testAtEarlyStop),
    depth: row.depth,
    parameters: row.parameters,
    kept: row.kept,
    ended: row.reason ?? "",
  })),
)));

// %%
const foundClaims = searchClaims(searches);
await show(foundClaims);

// %% [markdown]
// ## Depth against density
//
// Two ways to the same cell of depth and density. *Growth*: for each density one network is trained, pruned to it, trained on, and extended by an identity layer, and so on down. *Iterative pruning*: for each depth one network is pruned from density to density, and rewound to its start each time. Every training is as long (2 epochs); by the last row growth has trained more often than by the first, pruning more often by the last column than by the first.

// %%
const surfaceRuns = await runOrLoad({
  experiment: "surface",
  options: smoke
    ? { depths: 2, densities: [0.5, 0.1], length: "20it", trainLimit: 500, model: "mlp-16x{depth}", seed: seed }
    : { seed: seed },
  replicates: replicates,
});
const cells = toRows(surfaceCells(surfaceRuns));
const sideOf = (arm: string): Table => fromRows(cells.filter((row) => row.arm === arm));
const accuracies = cells.map((row) => Number(row.testAtEnd));
const range = [Math.min(...accuracies), Math.max(...accuracies)] as const;

// %%
for (const arm of ["growth", "imp"]) {
  const title = `${armLabel(arm)}: test accuracy by depth and density`;
  await show(depthDensityHeatmap(sideOf(arm), { value: "testAtEnd", title: title, range: range }));
  await show(depthSlices(sideOf(arm), { title: `${armLabel(arm)}: slices` }));
}

// %%
const gap = { value: "gap", valueTitle: "training - test accuracy (share)" };
for (const arm of ["growth", "imp"])
  await show(depthSlices(sideOf(arm), { ...gap, title: `${armLabel(arm)}: generalisation gap` }));

// %% [markdown]
// ## What keeps a network young
//
// Every ticket of a recursive growth is profiled: before it trains (gradient norm, how evenly it spreads over the layers, sharpness as the largest eigenvalue of the Hessian of kept weights, effective rank, dead units), while it trains (accuracy after an epoch, iterations to a threshold), and after (distance travelled, sharpness again, the error barrier on the line to a twin that saw the data in another order, and the gain when carried to Fashion-MNIST). Its *gain* is its test accuracy less that of its own mask with fresh weights, trained alike. One factor differs from the base at a time.

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
  arms: smoke
    ? ["base", "reset"]
    : ["base", "init-glorot", "wide", "reset", "keep", "sgd", "rate-high", "batch-large", "order"],
});
const profile = profileTable(profiles, { threshold: threshold });
const tickets = toRows(profile).filter((row) => Number(row.level) > 0);

// %%
const average = (rows: typeof tickets, name: string): number =>
  rows.reduce((sum, row) => sum + Number(row[name]), 0) / rows.length;
const factors = [...new Set(tickets.map((row) => String(row.arm)))];
await show(fromRows(factors.map((arm) => {
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
const verdicts = toRows(correlations);
const list = (verdict: string): string =>
  verdicts.filter((row) => row.verdict === verdict).map((row) => String(row.label)).join("; ");
const at = (arm: string, name = `it${blocks}`): string =>
  cellOf(table.find((row) => row.arm === arm)?.[name]);
const sparsest = Math.min(...cells.map((row) => Number(row.density)));
const deepest = Math.max(...cells.map((row) => Number(row.depth)));
const corner = (arm: string): number[] =>
  cells
    .filter((row) => row.arm === arm && row.depth === deepest && Number(row.density) < 1.05 * sparsest)
    .map((row) => Number(row.testAtEnd));
const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
await show(markdown(
  `**Photographs.** ${claimsSentence(photoClaims)} Growing ends at ${at("grow-identity")} %,`,
  `keeping the weights at full depth at ${at("keep-deep")} %, the reset at ${at("reset")} %.`,
  `How much of this is had by keeping alone says the claim *control*.`,
  `\n\n**Search.** ${claimsSentence(foundClaims)}`,
  `\n\n**Surface.** At depth ${deepest} and the lowest density growth has`,
  `${cellOf(mean(corner("growth")))} %, iterative pruning ${cellOf(mean(corner("imp")))} %.`,
  `\n\n**Youth.** Supported: ${list("supported") || "nothing"}.`,
  `Contradicted: ${list("contradicted") || "nothing"}. Undecided: ${list("undecided") || "nothing"}.`,
));

// %% [markdown]
// What the data say of youth is that a ticket which gains is one that still holds what it has learnt: it travels little, its gradient is large where it must change, and its gain carries over to other data. It is not one that lies flat: sharpness goes with the gain here, not against it. That speaks for memory rather than for youth. All of this is correlation over few factors of one small network.
//
// **Assertion.** Distance travelled and transfer go with the gain as predicted, sharpness at the start does not; at the lowest density and full depth growth is above iterative pruning in every replicate. Runs at the scale `smoke` are only counted.

// %% tags=["claim"]
const verdictOf = Object.fromEntries(verdicts.map((row) => [String(row.measure), row.verdict]));
assert.equal(grown.length, 5 * photoReplicates);
assert.equal(surfaceRuns.length, 2 * replicates);
if (currentScale() === "preset") {
  assert.deepEqual(
    [verdictOf.distance, verdictOf.transferGain, verdictOf.sharpness],
    ["supported", "supported", "contradicted"],
  );
  assert.ok(Math.min(...corner("growth")) > Math.max(...corner("imp")));
}
await show(markdown(`Tickets profiled: ${tickets.length}. Networks searched: ${searches.length}.`));

// %% [markdown]
// ## What would change our mind
//
// - On photographs: three epochs of part of the images are little. If with the whole set and 20 epochs (`--scale paper`) the reset caught up, forgetting would be a matter of budget.
// - Search: were extensions at random as good as searched ones with more replicates, the operators would matter and the search would not.
// - Surface: growth trains a deep network for longer in total. If iterative pruning with as many updates reached the same corner, the lead would be budget, not growth.
// - Youth: with another definition of gain (over the dense network, say) other measures may go with it; the table `profile` has the columns to try.
//
// **References.** Di Zhang, Juvenile state hypothesis: What we can learn from lottery ticket hypothesis researches?, arXiv:2109.03862. Utku Evci and others, GradMax, arXiv:2201.05125. Tianqi Chen and others, Net2Net, arXiv:1511.05641. Jonathan Frankle and others, Linear mode connectivity and the lottery ticket hypothesis, arXiv:1912.05671. Jonathan Frankle and Michael Carbin, arXiv:1803.03635.

// %%
const records = [...grown, ...searches, ...surfaceRuns, ...profiles];
await show(stamp({ records: records, seed: seed }));
