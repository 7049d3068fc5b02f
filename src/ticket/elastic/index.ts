/** Elastic tickets: one ticket in networks of several depths. */
export { carryArrays } from './carryArrays.js';
export { certifyTransfer, type TransferEvidence } from './certifyTransfer.js';
export { type ElasticOptions, elasticMapping } from './elasticMapping.js';
export { elasticTransfer, type TransferOptions } from './elasticTransfer.js';
export { type ElasticMapping, parseMapping, printMapping, type StageMapping } from './mapping.js';
export { type ParameterSource, parameterSources } from './parameterSources.js';
export { resolveMapping } from './resolveMapping.js';
export { type SqueezeOptions, type SqueezeOrder, squeezeBlocks } from './squeezeBlocks.js';
export { type StretchOptions, type StretchOrder, stretchBlocks } from './stretchBlocks.js';
