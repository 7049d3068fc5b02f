/**
 * Where examples come from: a name goes in, checked bytes with their constants come out, split into train, validation and test.
 * To add a data set: a file that exports a `DatasetDefinition` (shape, classes, constants, check-sums, sources) and a line in `datasets.ts`.
 * @module
 */
export { batches, batchIndices, type Batches, type BatchOptions } from './batches.js';
export { cacheFolder } from './cacheFolder.js';
export * from './coco/index.js';
export { type Dataset, type Examples, normalise, type Split } from './dataset.js';
export { type DatasetName, datasets } from './datasets.js';
export { dataStatus, type DataStatus } from './dataStatus.js';
export type { Content, ContentFile, DatasetDefinition, Progress, Source } from './definition.js';
export { contentChecksum, describe, type DatasetDescription } from './describe.js';
export { epochLength } from './epochLength.js';
export { epochOrder } from './epochOrder.js';
export { loadDataset, loadDefinition, type LoadOptions } from './loadDataset.js';
export { selectExamples } from './selectExamples.js';
export { splitExamples } from './splitExamples.js';
export { unitRange } from './unitRange.js';
export * from './scenes/index.js';
