/**
 * Scenes: detection data made by seed from MNIST or Fashion-MNIST, for a laboratory without COCO.
 * @module
 */
export { loadScenes, type SceneSource, sceneSources } from './loadScenes.js';
export { classShares, makeScenes, type SceneOptions } from './makeScenes.js';
export { type AreaRange, cocoAreas, fittedAreas, sceneAreas, sceneKeypoints, sceneSigmas } from './sceneLimits.js';
