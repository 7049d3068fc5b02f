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
// # Elastic tickets: one ticket for networks of several depths
//
// > The ticket of one network, with some of its blocks copied or left out, is trained as the ticket of a deeper or shallower one, beside the ticket that this one finds itself.
//
// **Question.** Iterative pruning is dear, and its ticket fits one network only. Does a ticket keep what makes it good when its blocks are replicated or dropped, so that one search serves a whole family?
//
// **Prediction** (Chen and others, 2021). Tickets of a neighbouring depth come near to those of iterative pruning on the target and beat what is pruned at the start (magnitude in one shot, SNIP, GraSP) and random masks; appending and interpolating blocks are comparable; dropping all early blocks is harmful; the closer the depths, the lower the barrier on the line to the ticket of iterative pruning. For MLPs all pairs of depths 2, 3 and 4 end within 0.3 points of each other.

// %%
import { accuracyByDensity, architecture, elasticMapping, lossBarrier, printMapping } from "neoteny";
import { claimsSentence, elasticClaims, elasticLine, elasticPairs, elasticTable } from "neoteny";
import { acrossReplicates, armLabel, fromRows, mean, toRows } from "neoteny";
import { currentScale, markdown, notebookParameters, runOrLoad, scale, show, stamp } from "neoteny";
import assert from "node:assert/strict";

// %% tags=["parameters"]
let replicates: number = scale({ smoke: 1, preset: 3, paper: 3 });
let depths: number[] = scale({ smoke: [2, 3], preset: [2, 3, 4], paper: [2, 3, 4] }); // hidden layers of the MLPs
let width: number = scale({ smoke: 40, preset: 300, paper: 300 }); // units of each
let levels: number = scale({ smoke: 1, preset: 10, paper: 10 }); // prunings of 20 %: 10 levels are 89.26 %
let length: string = scale({ smoke: "40it", preset: "2000it", paper: "40ep" }); // training of one level
let rewind: string = scale({ smoke: "10it", preset: "200it", paper: "200it" });
let trainLimit: number | null = scale({ smoke: 1000, preset: null, paper: null }); // images; null: all
let resnets: string[] = scale({ smoke: ["resnet-14-2", "resnet-20-2", "resnet-8-2"], preset: ["resnet-14-4", "resnet-20-4", "resnet-8-4"], paper: ["resnet-14", "resnet-20", "resnet-8"] });
let seed: number = 0; // root of all random numbers

// %%
const options = { engine: "sparse", levels: levels, length: length, rewind: rewind, trainLimit: trainLimit, seed: seed };
if (currentScale() === "smoke") Object.assign(options, { validateEvery: "20it", gradientExamples: 50, connectivityImages: 200 });
await show(notebookParameters({ replicates: replicates, depths: depths, width: width, resnets: resnets, ...options }));

// %% [markdown]
// ## What is mapped to what
//
// A stage is a row of blocks with outputs of one shape: residual blocks, or layers of an MLP with their ReLU. The first block brings the shape in and stands there once; the others are replicated in turn, the earlier ones first, behind the row (*append*) or side by side (*interpolate*); where blocks must go, the last ones do, or every other one. `0:0;1:1,3;2:2,4` reads: block 1 of the source becomes the blocks 1 and 3 of the target.

// %%
const net = (name: string) => architecture(name, name.startsWith("mlp") ? [28, 28, 1] : [32, 32, 3], 10);
const pairOf = (a: string, b: string) => ({
  source: a,
  target: b,
  "append / consecutive": printMapping(elasticMapping(net(a), net(b))),
  "interpolate / alternating": printMapping(elasticMapping(net(a), net(b), { stretch: "interpolate", squeeze: "alternating" })),
});
await show(fromRows([
  pairOf("resnet-14", "resnet-20"),
  pairOf("resnet-20", "resnet-32"),
  pairOf("resnet-32", "resnet-56"),
  pairOf("resnet-32", "resnet-20"),
  pairOf("mlp-300x3-100", "mlp-300x4-100"),
]));

// %% [markdown]
// ## MLPs on MNIST: every source, every target
//
// MLP-*n* has *n* hidden layers of 300 units and one of 100. Adam at 0.0012 (a tenth of it after 1,500 iterations), batch 64, 20 % of all weights but the output's pruned at each level, rewinding to iteration 200. The schedule of the paper's table is not known; 2,000 iterations a level are our choice. On the diagonal the ticket stays in its own network and is trained once more.

// %%
const mlp = (n: number): string => `mlp-${width}x${n}-${width / (width === 300 ? 3 : 2)}`;
const table = { experiment: "elastic", arms: ["elastic-append"], replicates: replicates };
const pairs = [];
for (const source of depths) {
  for (const target of depths) {
    const own = { ...options, source: mlp(source), model: mlp(target), at: [levels] };
    pairs.push(...await runOrLoad({ ...table, options: own }));
  }
}
await show(pairs);

// %%
const cell = (value: unknown): string => typeof value === "number" ? (100 * value).toFixed(2) : "";
const found = toRows(elasticPairs(pairs));
const short = (name: unknown): string => String(name).replace(/^mlp-\d+x(\d+)-\d+$/, "MLP-$1");
await show(fromRows(found.map((row) => ({
  source: short(row.source),
  target: short(row.model),
  "sparsity %": cell(row.sparsity),
  "test %": cell(row.mean),
  sd: cell(row.sd),
  "paper %": cell(row.paper),
}))));

// %%
const at = (source: number, target: number): number =>
  Number(found.find((row) => row.source === mlp(source) && row.model === mlp(target))?.mean);
const moved = depths.flatMap((s) => depths.filter((t) => t !== s).map((t) => at(s, t) - at(t, t)));
const worst = Math.min(...moved);
const papers = found.flatMap((row) => typeof row.paper === "number" ? [Number(row.mean) - row.paper] : []);
const beside = papers.length === 0
  ? "These networks are not those of the paper."
  : `Our numbers are ${cell(Math.min(...papers))} to ${cell(Math.max(...papers))} points above the paper's.`;
await show(markdown(
  `A ticket from another depth ends ${cell(Math.abs(mean(moved)))} points ${mean(moved) < 0 ? "below" : "above"} the target's own in the mean of all pairs,`,
  `and ${cell(Math.abs(worst))} points ${worst < 0 ? "below" : "above"} it in the worst. ${beside}`,
));

// %% [markdown]
// ## All arms: MLP-3 stretched to MLP-4
//
// - **iterative pruning on the target**: its own tickets, trained once more with another order of the data.
// - **elastic**: the tickets of the source, appended or interpolated.
// - **replicas permuted**: appended, but the masks of the copies are in random order.
// - **random reinitialisation, shuffled mask**: the masks of iterative pruning with fresh weights; its weights with each layer's mask in random order (the paper's random mask).
// - **magnitude, SNIP, GraSP, SynFlow**: pruned at the rewinding step, to the number of weights that iterative pruning keeps.

// %%
const measured = scale({ smoke: [1], preset: [4, 7, 10], paper: [4, 7, 10] });
const few = ["imp", "elastic-append", "shuffle-mask", "snip"];
const [from, to] = scale({ smoke: [2, 3], preset: [3, 4], paper: [3, 4] }).map(mlp);
const stretched = await runOrLoad({
  experiment: "elastic",
  options: { ...options, source: from, model: to, at: measured },
  replicates: replicates,
  ...(currentScale() === "smoke" && { arms: few }),
});
const levelsOfArms = elasticTable(stretched);
await show(accuracyByDensity(levelsOfArms, { value: "testAtEnd", title: `${short(from)} to ${short(to)} on MNIST` }));

// %%
const summary = (records) => toRows(acrossReplicates(elasticTable(records), { by: ["arm", "level"], value: "testAtEnd" }));
const columns = (rows, last: number) => rows
  .filter((row) => row.level === last)
  .map((row) => ({ arm: armLabel(String(row.arm)), level: row.level, "test %": cell(row.mean), sd: cell(row.sd), replicates: row.n }));
await show(fromRows(columns(summary(stretched), Math.max(...measured))));

// %% [markdown]
// ## ResNet-8, -14 and -20 on CIFAR-10
//
// Width 4 instead of 16, and 600 iterations of 32 images a level (0.4 epochs; SGD 0.05 with momentum, a tenth of it after 450, crops and flips) instead of 160 epochs: the accuracies are far below those of the paper, and only their order is of interest. Three levels remove half of the remaining weights each. ResNet-8 has a single block a stage, which brings its shape in, so it is a target and never a source; from ResNet-14, with one block that can be replicated, both orders make the same network.

// %%
const narrow = {
  dataset: "cifar-10", initialiser: "heNormal", optimizer: { name: "sgd", momentum: 0.9 }, weightDecay: 0.0001, augmentation: "cropFlip",
  exclude: [], engine: "sparse", batchSize: 32, length: "600it", validateEvery: "600it", rewind: "100it", levels: 3, at: [1, 3],
  fraction: 0.5, learningRate: { rate: 0.05, decay: { name: "steps", at: ["450it"] } }, connectivityImages: 1000, gradientExamples: 256, seed: seed,
};
if (currentScale() === "smoke")
  Object.assign(narrow, { trainLimit: 500, length: "20it", validateEvery: "20it", rewind: "5it", levels: 1, at: [1], connectivityImages: 100 });
if (currentScale() === "paper") {
  const schedule = { rate: 0.1, decay: { name: "steps", at: ["80ep", "120ep"] } };
  Object.assign(narrow, { batchSize: 128, length: "160ep", validateEvery: "1ep", rewind: "1000it", levels: 10, fraction: 0.2, at: [2, 4, 6, 8, 10], learningRate: schedule });
}
const [small, large, least] = resnets;
const arms = currentScale() === "smoke"
  ? ["imp", "elastic-append"]
  : ["imp", "elastic-append", "permute-copies", "reinitialise", "shuffle-mask", "one-shot", "snip", "grasp", "synflow"];

// %%
const plan = { experiment: "elastic", replicates: replicates };
const deeper = await runOrLoad({ ...plan, arms: arms, options: { ...narrow, source: small, model: large } });
await show(accuracyByDensity(elasticTable(deeper), { value: "testAtEnd", title: `${small} to ${large} on CIFAR-10` }));

// %%
await show(fromRows(columns(summary(deeper), Math.max(...narrow.at))));

// %% [markdown]
// Squeezed: ResNet-20 to ResNet-14 with its last block dropped by the rule, and with its early one dropped instead; ResNet-14 and ResNet-20 to ResNet-8.

// %%
const shallower = [];
const append = { ...plan, arms: ["elastic-append"] };
const pairsOfResnets = [[large, small, {}], [large, small, { dropped: [1] }], [small, least, {}], [large, least, {}]] as const;
for (const [source, model, more] of currentScale() === "smoke" ? pairsOfResnets.slice(0, 1) : pairsOfResnets)
  shallower.push(...await runOrLoad({ ...append, options: { ...narrow, source: source, model: model, ...more } }));
for (const model of currentScale() === "smoke" ? [] : [small, least])
  shallower.push(...await runOrLoad({ ...plan, arms: ["imp"], options: { ...narrow, source: model, model: model } }));
const squeezed = elasticTable(shallower);
const by = ["arm", "source", "model", "variant", "level"];
await show(fromRows(toRows(acrossReplicates(squeezed, { by: by, value: "testAtEnd" })).map((row) => ({
  target: row.model,
  ticket: row.arm === "imp" ? armLabel("imp") : `from ${row.source}${row.variant === "rule" ? "" : `, ${row.variant}`}`,
  level: row.level,
  "test %": cell(row.mean),
  sd: cell(row.sd),
}))));

// %% [markdown]
// ## On the line to iterative pruning
//
// 21 networks between the end of iterative pruning (0) and that of each arm (1), running statistics of BatchNorm interpolated like all else. The ticket of iterative pruning trained again with another order of the data shows what order alone does.

// %%
const lines = (records, model: string) => fromRows(toRows(elasticLine(records)).filter((row) => row.model === model && row.variant === "rule"));
// The pair of the figure above is in the table as well: once is enough.
const mlps = [...pairs.filter(({ spec }) => spec.source !== from || spec.model !== to), ...stretched];
await show(lossBarrier(lines(mlps, to), { title: `To ${short(to)}` }));

// %%
await show(lossBarrier(lines(deeper, large), { title: `To ${large}` }));

// %% [markdown]
// ## Reading
//
// The statements of the paper, decided on differences paired by replicate (95 % interval), for the MLPs and for the ResNets:

// %%
const ofMlps = elasticClaims(mlps);
await show(ofMlps);

// %%
const ofResnets = elasticClaims([...deeper, ...shallower]);
await show(ofResnets);
await show(markdown(`MLPs: ${claimsSentence(ofMlps)}`, "", `ResNets: ${claimsSentence(ofResnets)}`));

// %% [markdown]
// **Assertion.** What the table of the paper says of MLPs: from any depth to any other the mean accuracy stays within half a point of the target's own ticket.

// %% tags=["claim"]
assert.equal(pairs.length, replicates * depths.length ** 2);
if (currentScale() !== "smoke") assert.ok(moved.every((difference) => Math.abs(difference) < 0.005), JSON.stringify(moved));

// %% [markdown]
// ## What would change our mind
//
// - The schedule of the paper for ResNets: `neoteny elastic --preset paper --dry-run` says what it costs (five weeks on two cores).
// - A far target: with ResNet-14 as the source and ResNet-44 or deeper as the target the paper finds elastic tickets no better than SNIP and GraSP.
// - Controls that keep up: where random masks of the same layer sparsities do as well, the layer sparsities are all that was transferred.
//
// **References.** Xiaohan Chen, Yu Cheng, Shuohang Wang, Zhe Gan, Jingjing Liu and Zhangyang Wang, The Elastic Lottery Ticket Hypothesis, arXiv:2103.16547. Jonathan Frankle and others, Linear Mode Connectivity and the Lottery Ticket Hypothesis, arXiv:1912.05671. Namhoon Lee and others, SNIP, arXiv:1810.02340. Chaoqi Wang and others, GraSP, arXiv:2002.07376. Hidenori Tanaka and others, SynFlow, arXiv:2006.05467.

// %%
await show(stamp({ records: [...pairs, ...stretched, ...deeper, ...shallower], seed: seed }));
