/**
 * Between images with objects and a detector. In: `DetectionData` in three parts. Out: what a detector is to say of each image, its
 * outputs as detections, and how good these are.
 * @module
 */
export { decodeDetections, type DecodeOptions, type OutputChannels } from './decodeDetections.js';
export { type DetectionSet, imageSet } from './detectionSet.js';
export { type DetectorTargets, detectorTargets } from './detectorTargets.js';
export { type DetectionSetOptions, readDetectionSet } from './readDetectionSet.js';
export { suppress } from './suppress.js';
export * from './evaluation/index.js';
