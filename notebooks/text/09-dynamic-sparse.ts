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
// # Sparse from start to end: dynamic sparse training
//
// > Pruning trains the dense network first. Dynamic sparse training never does: it starts from a random sparse mask and moves connections while it trains.
//
// **Question.** How good are networks that were sparse from the first update on, at equal steps and at equal time, beside pruning and dense training? A mask that is multiplied saves no time; here kernels visit kept weights only, so that time can be compared too.
//
// **Prediction** (Evci and others, 2020, ResNet-50 on ImageNet at 80 and 90 % sparsity). A static mask reaches 70.6 and 65.8 %, SET (connections come at random) 72.9 and 69.6, RigL (they come where the gradient is largest) 75.12 and 73.07, gradual pruning 75.6 and 73.9, the dense network 76.8. Five times the steps lift RigL to 77.17 and 76.42. So: RigL before SET before the static mask; gradual pruning is ahead at equal steps; longer sparse training closes the gap, and costs less than it seems. Gradual pruning pays for its dense beginning, but less and less: kernels get faster as it gets sparser.

// %%
import { accuracyByDensity, accuracyByTime, dynamicSparseClaims, dynamicSparseTable } from "neoteny";
import { armLabel, claimsSentence, fromRows, mean, openStore, pivot, readTimings, toPoints, toRows } from "neoteny";
import { currentScale, markdown, notebookParameters, runOrLoad, scale, show, stamp } from "neoteny";
import { type RunRecord, type TableRow } from "neoteny";
import assert from "node:assert/strict";

// %% tags=["parameters"]
let replicates: number = scale({ smoke: 1, preset: 3, paper: 5 });
let length: string = scale({ smoke: "100it", preset: "2000it", paper: "50000it" }); // training at the multiple 1
let multiples: number[] = scale({ smoke: [1, 2], preset: [1, 2, 4], paper: [1, 2, 5] }); // how many times as long
let densities: number[] = scale({ smoke: [0.1], preset: [0.1, 0.036, 0.02], paper: [0.1, 0.036, 0.02] }); // kept shares
let seed: number = 0; // root of all random numbers

// %%
const sizes = { multiples: multiples, seed: seed };
await show(notebookParameters({ replicates: replicates, length: length, densities: densities, ...sizes }));

// %% [markdown]
// ## Digits
//
// LeNet-300-100 on MNIST, Adam, batch 60, a rate of 0.0012 that falls along a cosine over each training. Sparse arms start from one random mask with Erdős-Rényi-kernel densities. RigL and SET change it every 100 updates until three quarters of the training: in each layer the weakest weights go, at first 30 % of them and then fewer along a cosine, and as many come, from 0. Iterative pruning removes up to 80 % of what is left at a time, to the same number of weights in every layer, and rewinds to the start; its trainings share the steps evenly, so that all of them together are as long as one of the others. Gradual pruning (Zhu and Gupta, 2017) is one training that starts dense: at the updates at which RigL and SET change their masks, numbered k = 1 to n, it cuts each layer by magnitude until s (1 - (1 - k / n)³) of it is out, where s is that layer's share in the other arms. What is out stays out.

// %%
const smoke = currentScale() === "smoke";
const digits = { dataset: "mnist", model: "lenet-300-100", engine: "sparse", length: length, densities: densities, ...sizes };
const rare = smoke ? { updateEvery: "20it", validateEvery: "100it" } : {};
const runs = await runOrLoad({ experiment: "dynamicSparse", options: { ...digits, ...rare }, replicates: replicates });
const timings = readTimings(openStore(), runs);
const table = dynamicSparseTable(runs, timings);
await show(accuracyByDensity(fromRows(toRows(table).filter((row) => row.multiple === multiples[0])), {
  value: "testAtEnd",
  title: `Digits: ${toRows(table)[0].steps} updates for every arm`,
}));

// %% [markdown]
// The same networks by what their training took from its first update to its last, dense gradients and measuring included: seconds of the processor, one thread. The committed times of all arms are of one session, gradual pruning first, on a machine that did other work too.

// %%
await show(accuracyByTime(table, { title: "Digits: accuracy by processor seconds of training" }));

// %%
const summary = (rows: TableRow[], column: string): string => {
  const values = rows.map((row) => Number(row[column]));
  return column === "processor" ? mean(values).toFixed(1) : (100 * mean(values)).toFixed(2);
};
const cells = (of: RunRecord[], column: string) => {
  const rows = toRows(dynamicSparseTable(of, readTimings(openStore(), of)));
  const sparse = rows.filter((row) => row.arm !== "dense" && row.replicate === 1 && row.arm === "rigl");
  const arms = ["rigl", "set", "static", "pruning", "gradual", "dense"];
  return fromRows(sparse.map(({ asked, multiple }) => ({
    ...{ density: asked, "length": `×${multiple}` },
    ...Object.fromEntries(arms.map((arm) => [
      armLabel(arm),
      summary(rows.filter((row) => row.arm === arm && row.multiple === multiple && (arm === "dense" || row.asked === asked)), column),
    ])),
  })));
};
await show(markdown("Test accuracy at the end, in %, and processor seconds, means over replicates:"));
await show(cells(runs, "testAtEnd"));
await show(cells(runs, "processor"));

// %%
const ratios = toRows(cells(runs, "testAtEnd")).map(({ density, "length": multiple }) => {
  const own = toRows(table).filter((row) => row.arm === "rigl" && row.asked === density && `×${row.multiple}` === multiple);
  const seconds = own.map((row) => Number(row.processor));
  return Math.max(...seconds) / Math.min(...seconds);
});
await show(markdown(
  `On a machine that does other work the same training does not always take the same: over the replicates of RigL the slowest took`,
  `${mean(ratios).toFixed(1)} times as long as the fastest, on average over densities and lengths (1.0: always the same).`,
));
const sparsest = toRows(cells(runs, "processor")).at(-1);
await show(markdown(
  `What it costs to move connections, at the least density and the greatest length: ${sparsest["RigL"]} s with dense gradients (RigL),`,
  `${sparsest["SET"]} s with a random number for every pruned weight (SET), ${sparsest["static mask"]} s for the mask that stays.`,
));

// %% [markdown]
// Gradual pruning on its way: the share of all weights that is left after an update of the mask, in the first replicate at the least length.

// %%
const left = toRows(toPoints(runs, "gradual pruning")).filter((row) => row.replicate === 1 && row.multiple === multiples[0]);
const shares = left.map((row) => ({ ...row, left: Number(Number(row.left).toFixed(4)), column: `density ${row.density}` }));
await show(pivot(fromRows(shares), { by: "step", value: "left", across: "column" }));

// %%
const others = ["rigl", "static", "pruning", "dense"];
const beside = (of: RunRecord[]) => {
  const rows = toRows(dynamicSparseTable(of, readTimings(openStore(), of)));
  return rows.filter((row) => row.arm === "gradual" && row.replicate === 1).flatMap(({ asked, multiple }) => {
    const average = (arm: string, column: string): number => {
      const own = rows.filter((row) => row.arm === arm && row.multiple === multiple && (arm === "dense" || row.asked === asked));
      return mean(own.map((row) => Number(row[column])));
    };
    return others.map((arm) => ({
      ...{ density: asked, "length": `×${multiple}`, setting: `${asked} ×${multiple}`, arm: arm, column: armLabel(arm) },
      points: 100 * (average("gradual", "testAtEnd") - average(arm, "testAtEnd")),
      time: average("gradual", "processor") / average(arm, "processor"),
    }));
  });
};

// %%
const against = async (of: RunRecord[]) => {
  const all = beside(of);
  const settings = [...new Set(all.map((row) => row.setting))].map((setting) => all.filter((row) => row.setting === setting));
  await show(markdown("Gradual pruning beside other arms of the same length: how many points of accuracy it is ahead, and how many times as long its processor works (means over replicates)."));
  await show(fromRows(settings.map((rows) => ({
    ...{ density: rows[0].density, "length": rows[0]["length"] },
    ...Object.fromEntries(rows.map((row) => [row.column, `${row.points < 0 ? "" : "+"}${row.points.toFixed(2)}, ${row.time.toFixed(1)} times`])),
  }))));
  const words = others.map((arm) => {
    const own = all.filter((row) => row.arm === arm);
    const times = own.map((row) => row.time);
    return `above ${armLabel(arm)} in ${own.filter((row) => row.points > 0).length} of ${own.length} settings, for ` +
      `${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} times its processor seconds`;
  });
  await show(markdown(`Gradual pruning ends ${words.join("; ")}.`));
};
await against(runs);

// %% [markdown]
// How connections move: of the kept weights, how many are new at an update, and how much of the first mask is left (intersection over union).

// %%
const moves = toRows(toPoints(runs, "mask update")).filter((row) => row.replicate === 1 && row.multiple === multiples[0]);
const named = moves.map((row) => ({ ...row, column: `${armLabel(String(row.arm))}, density ${row.density}` }));
await show(pivot(fromRows(named), { by: "step", value: "moved", across: "column" }));
await show(pivot(fromRows(named), { by: "step", value: "overlap", across: "column" }));

// %% [markdown]
// ## Reading
//
// Equal steps: every arm at the length ×1. Equal time: RigL at the longest of its lengths that takes no more of the processor's time than the other arm at ×1, a tenth to spare; the static mask, which is cheaper, at the longest that fits into the time of RigL ×1.

// %%
const claims = dynamicSparseClaims(runs, { timings: timings });
await show(claims);

// %%
await show(markdown(claimsSentence(claims)));

// %% [markdown]
// ## Photographs
//
// LeNet-5 on CIFAR-10, two convolutions and three dense layers, the same optimizer and schedules (`neoteny dynamicSparse --preset conv-small`). These trainings are short: every arm still gains much from the greater length, as the tables show.

// %%
const photoSize = scale({
  smoke: { trainLimit: 1000, length: "40it", multiples: [1, 2], densities: [0.2], updateEvery: "10it", validateEvery: "20it" },
  preset: { length: "1000it", multiples: [1, 3], densities: [0.2, 0.1], validateEvery: "500it" },
  paper: { length: "20000it", multiples: [1, 5], densities: [0.2, 0.1], validateEvery: "1000it" },
});
const photo = { dataset: "cifar-10", model: "lenet-5", initialiser: "heNormal", engine: "sparse", seed: seed, ...photoSize };
const photos = await runOrLoad({ experiment: "dynamicSparse", options: photo, replicates: replicates });
const photoTimings = readTimings(openStore(), photos);
const photoTable = dynamicSparseTable(photos, photoTimings);
for (const multiple of photoSize.multiples) {
  const rows = toRows(photoTable).filter((row) => row.multiple === multiple);
  await show(accuracyByDensity(fromRows(rows), { value: "testAtEnd", title: `CIFAR-10: ${rows[0].steps} updates for every arm` }));
}

// %%
await show(accuracyByTime(photoTable, { title: "CIFAR-10: accuracy by processor seconds of training" }));

// %%
await show(markdown("Test accuracy at the end, in %, and processor seconds, means over replicates:"));
await show(cells(photos, "testAtEnd"));
await show(cells(photos, "processor"));
await against(photos);

// %%
const photoClaims = dynamicSparseClaims(photos, { timings: photoTimings });
await show(photoClaims);

// %% [markdown]
// **What the committed runs say of the prediction**, in means over replicates. RigL before the static mask: at every density and length of both, though on photographs three replicates do not decide it. RigL before SET: on digits; on photographs SET is ahead. Gradual pruning before RigL at equal steps: everywhere, clearest on digits at low density and on photographs at the greater length (at the least one, three replicates do not decide it there). Iterative pruning, whose trainings share the steps, is behind gradual pruning everywhere, and behind RigL at the least length. Longer sparse training: RigL at its greatest length ends above gradual pruning at its least, as in the paper; but at equal lengths it stays behind. In time gradual pruning stands between RigL and the dense network, which is ahead of every sparse arm at equal steps.

// %% [markdown]
// **Assertion.** Longer sparse training helps, and at equal steps RigL ends above the mask that it starts from at every density, in every replicate, on digits; on photographs longer training helps too. Gradual pruning ends with the weights that it was asked for. The other claims stand above as they are.

// %% tags=["claim"]
assert.deepEqual([runs.length, photos.length], [6 * replicates, 6 * replicates]);
for (const rows of [toRows(table), toRows(photoTable)])
  for (const row of rows.filter(({ arm }) => arm === "gradual"))
    assert.equal(row.kept, rows.find((other) => other.arm === "rigl" && other.asked === row.asked)?.kept);
if (!smoke) {
  const [longer, still] = ["longer", "static"].map((name) => claims.find(({ id }) => id === name));
  assert.equal(longer?.held, true, longer?.sentence);
  const longerPhotos = photoClaims.find(({ id }) => id === "longer");
  assert.equal(longerPhotos?.held, true, longerPhotos?.sentence);
  assert.ok(still?.parts.every(({ difference }) => difference !== undefined && difference.min > 0), still?.sentence);
}

// %% [markdown]
// ## What would change our mind
//
// - Deeper networks and longer training: the paper's network and schedule are out of reach here; `neoteny dynamicSparse --preset resnet-20 --dry-run` says what a smaller one costs.
// - A rival tuned better: iterative pruning with other fractions (`pruningFraction`), or all layers ranked together (`pruningScope`); gradual pruning that begins later (`pruneFrom`) or ends later (`updateUntil`). All arms share one learning rate, which nobody chose for any of them.
// - Other kernels: time depends on them, steps do not. The dense network runs on blocked matrix products of the same engine.
//
// **References.** Utku Evci and others, Rigging the Lottery: Making All Tickets Winners, arXiv:1911.11134. Decebal Constantin Mocanu and others, Scalable Training of Artificial Neural Networks with Adaptive Sparse Connectivity Inspired by Network Science, arXiv:1707.04780. Jonathan Frankle and Michael Carbin, The Lottery Ticket Hypothesis, arXiv:1803.03635. Michael Zhu and Suyog Gupta, To prune, or not to prune: exploring the efficacy of pruning for model compression, arXiv:1710.01878.

// %%
await show(stamp({ records: [...runs, ...photos], seed: seed }));
