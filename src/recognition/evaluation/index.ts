/**
 * How good detections are. In: the truth and a list of detections, plain data. Out: COCO's average precision and recall, TIDE's errors.
 * @module
 */
export {
  averagePrecision,
  averageRecall,
  cocoEvaluate,
  type CocoEvaluation,
  type CocoOptions,
  type CocoSummary,
  overlapThresholds,
  type EvaluationSelection,
} from './cocoEvaluate.js';
export { recallPoints } from './precisionByRecall.js';
export { type DetectionKind, keypointSimilarity, personSigmas, type DetectionTruth } from './similarity.js';
export { tideErrors, type TideErrors, type TideOptions, type TideType, tideTypes } from './tideErrors.js';
