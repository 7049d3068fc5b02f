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
// # Juvenile tickets: does a network that grows stay young?
//
// > A small ticket is extended by a layer, trained and pruned again, over and over, and its weights are never reset; beside it stand resets, and two controls that the paper lacks.
//
// **Question.** Zhang (2021) proposes that a winning ticket plus a fresh layer can be pruned into a winning ticket again, so a deep sparse network can be *grown* from a shallow one. The usual way starts at full depth and puts all weights back to their start after each pruning. Which of the two learns better, and is it the growing that helps, or only that nothing is forgotten?
//
// This is the first half of the hypothesis: the paper's experiment on MNIST, its Figures 1 and 2, and the controls. Notebook `08-growing` has CIFAR-10 with Figures 3 and 4 and growth by search, notebook `10-young` the surface over depth and density and the factors that may keep a network juvenile.
//
// **Prediction.** The paper draws curves and prints no numbers. It claims that (a) the reset arm starts each iteration low, is slower and ends lower; (b) the growing arm goes on from where it was, converges faster and ends equal or better; (c) what a reset forgets does not come back. We expect these to show, and ask two things more: *control*, whether growing beats keeping the same weights at full depth without growing, and *identity*, whether a new layer that starts as the identity survives its pruning better than a random one.

// %%
import { accuracyByIteration, armLabel, claimsSentence, fromRows } from "neoteny";
import { juvenileClaims, juvenileCurves, juvenileTable, toRows, toTable } from "neoteny";
import { currentScale, markdown, notebookParameters, runOrLoad, scale, show, stamp } from "neoteny";
import assert from "node:assert/strict";

// %% tags=["parameters"]
let replicates: number = scale({ smoke: 1, preset: 3, paper: 3 });
let iterations: number = scale({ smoke: 1, preset: 5, paper: 5 }); // growths after the first training
let length: string = scale({ smoke: "60it", preset: "5ep", paper: "20ep" }); // training of one iteration
let validateEvery: string = scale({ smoke: "20it", preset: "100it", paper: "100it" });
let trainLimit: number | null = scale({ smoke: 2000, preset: null, paper: null }); // images; null: all
let sparsity: number = 0.95; // pruned share of each layer after each iteration
let seed: number = 0; // root of all random numbers

// %%
const options = {
  fullModel: `mlp-128x${iterations + 1}`, // where growth ends, and where the resets begin
  iterations: iterations,
  length: length,
  validateEvery: validateEvery,
  trainLimit: trainLimit,
  sparsity: sparsity,
  seed: seed,
};
await show(notebookParameters({ replicates: replicates, ...options }));

// %% [markdown]
// ## Run or load
//
// The network is a multilayer perceptron with 128 units a layer on MNIST. All arms prune each layer to the same sparsity by magnitude after each iteration:
//
// - **weight reset**, the paper's baseline: full depth, all weights back to their start at each iteration.
// - **grow, identity**, the method: one hidden layer at first; each iteration adds one that starts as the identity. Weights are kept.
// - **grow, random**: the same with random new layers.
// - **keep weights, full depth**: the missing control. Nothing is reset, nothing grows.
// - **keep weights, shallow**: the seed network only.
//
// Records that came with the project are read; runs that are missing are made by worker processes, with a bar. Stop whenever you like: run the cell again and it goes on.

// %%
const records = await runOrLoad({ experiment: "juvenile", options: options, replicates: replicates });
await show(records);

// %% [markdown]
// ## Accuracy by iteration
//
// Above, the test accuracy at the end of each iteration's training; below, right after the pruning that follows, before anything is trained again. Bands span the replicates; controls are dashed.

// %%
const evaluations = toTable(records);
await show(accuracyByIteration(evaluations));

// %% [markdown]
// A layer that starts as the identity has 128 weights that matter, and they are the largest: pruning leaves them. A random layer has none, and 95 % of it are cut away at once.
//
// ## Training within each iteration
//
// These are Figures 1 and 2 of the paper: one colour an iteration, validation solid, training dotted.

// %%
await show(juvenileCurves(evaluations, { metric: "accuracy" }));

// %%
await show(juvenileCurves(evaluations, { metric: "loss" }));

// %% [markdown]
// ## Beside an independent run
//
// Since the paper prints no numbers, this is what a program of its own in NumPy gave (one seed, 5 epochs an iteration, batch 128): test accuracy in per cent at the end of iterations 0 to 5, and after the last pruning.

// %%
const reference: Record<string, number[]> = {
  "grow-identity": [97.29, 97.60, 97.57, 97.55, 97.47, 97.43, 96.84],
  "grow-random": [97.15, 97.39, 97.44, 97.36, 97.28, 97.33, 59.6],
  reset: [97.60, 95.46, 95.57, 95.79, 95.62, 95.65, 95.65],
  "keep-deep": [96.65, 96.32, 97.05, 97.15, 97.23, 97.34, 97.34],
  "keep-shallow": [97.21, 93.93, 94.31, 94.51, 94.61, 94.63, 94.63],
};
const found = toRows(juvenileTable(records));
const columns = [...Array.from({ length: iterations + 1 }, (_, i) => `it${i}`), "pruned"];

// %%
const cell = (row: (typeof found)[number], name: string): string =>
  row[name] === null ? "" : (100 * Number(row[name])).toFixed(2);
const beside = found.flatMap((row) => {
  const numbers = reference[String(row.arm)];
  const here = columns.map((name) => [name, cell(row, name)]);
  const at = (name: string, i: number) => (name === "pruned" ? numbers.at(-1) : numbers[i]);
  const there = columns.map((name, i) => [name, at(name, i)?.toFixed(2) ?? ""]);
  const more = { sd: cell(row, "sd"), kept: row.kept };
  return [
    { arm: armLabel(String(row.arm)), source: "here", ...Object.fromEntries(here), ...more },
    { arm: "", source: "NumPy", ...Object.fromEntries(there), sd: "", kept: null },
  ];
});
await show(fromRows(beside));

// %% [markdown]
// ## Reading
//
// Arms are compared replicate by replicate. A statement holds if the whole 95 % interval (Student) of the mean difference agrees, does not if none of it does, and is undecided otherwise; a claim holds if all its statements do.

// %%
const claims = juvenileClaims(records);
await show(claims);

// %%
const value = (arm: string, name: string): number =>
  Number(found.find((row) => row.arm === arm)?.[name]);
const per = (arm: string, name = `it${iterations}`): string =>
  `${(100 * value(arm, name)).toFixed(2)} %`;
const above = (a: string, b: string, name = `it${iterations}`): string => {
  const difference = value(a, name) - value(b, name);
  return `${difference < 0 ? "−" : "+"}${(100 * Math.abs(difference)).toFixed(2)} points`;
};
await show(markdown(
  `${claimsSentence(claims)}`,
  `In the last iteration growing ends at ${per("grow-identity")},`,
  `the reset at ${per("reset")}: ${above("grow-identity", "reset")} for growing.`,
  `Keeping the weights at full depth, without growing, ends at ${per("keep-deep")}.`,
  `But growing trains a whole new layer in its last iteration, and the control has none.`,
  `After the last pruning, when both have ${value("keep-deep", "kept")} weights,`,
  `growing has ${per("grow-identity", "pruned")}`,
  `and the control ${per("keep-deep", "pruned")}:`,
  `${above("grow-identity", "keep-deep", "pruned")} for growing.`,
  `How much of the gap to the reset is had by keeping alone,`,
  `and what growing adds at equal weights, is the claim *control*.`,
));

// %% [markdown]
// **Assertion.** The paper's claims (a) and (b) hold, (c) is not refuted, and the identity survives its pruning. One replicate decides nothing, so at the scale `smoke` only the arms are counted.

// %% tags=["claim"]
const verdict = Object.fromEntries(claims.map(({ id, held }) => [id, held]));
assert.equal(records.length, 5 * replicates);
if (currentScale() !== "smoke") {
  assert.deepEqual([verdict.a, verdict.b, verdict.identity], [true, true, true]);
  assert.notEqual(verdict.c, false);
}
const word = { true: "held", false: "did not hold", undecided: "undecided" };
const verdicts = claims.map(({ id, held }) => `*${id}* ${word[String(held)]}`);
await show(markdown(`Verdicts: ${verdicts.join(", ")}.`));

// %% [markdown]
// ## What would change our mind
//
// - Five epochs an iteration favour the arms that keep their weights. With 20 (`--scale paper`) a reset has the time to catch up: if it does, (a) and (c) are about budget, not about forgetting.
// - If *control* came to hold at equal weights, growing would be more than a way not to forget.
// - Another data set (`dataset: "fashion-mnist"` among the options), or convolutions, where an identity layer is no longer free.
//
// **References.** Di Zhang, Juvenile state hypothesis: What we can learn from lottery ticket hypothesis researches?, arXiv:2109.03862. Jonathan Frankle and Michael Carbin, arXiv:1803.03635 (weight reset). Tianqi Chen and others, Net2Net, arXiv:1511.05641 (layers that start as the identity).

// %%
await show(stamp({ records: records, seed: seed }));
