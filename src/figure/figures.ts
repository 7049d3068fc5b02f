/** All figures by name: a new one is one file and one line here; the contract test runs over this list. */
import { apByDensity } from './apByDensity.js';
import { apChanges } from './apChanges.js';
import { accuracyByDensity } from './accuracyByDensity.js';
import { accuracyByIteration } from './accuracyByIteration.js';
import { accuracyByTime } from './accuracyByTime.js';
import { approximationCurves } from './approximationCurves.js';
import { byCoefficients } from './byCoefficients.js';
import { approximationDraws } from './approximationDraws.js';
import { constructionCurves } from './constructionCurves.js';
import { byMaskRate } from './byMaskRate.js';
import { densityByLayer } from './densityByLayer.js';
import { depthDensityHeatmap } from './depthDensityHeatmap.js';
import { depthSlices } from './depthSlices.js';
import { earlyStopByDensity } from './earlyStopByDensity.js';
import type { Figure } from './figure.js';
import { filters } from './filters.js';
import { filtersByBasis } from './filtersByBasis.js';
import { firstEpochByDensity } from './firstEpochByDensity.js';
import { firstEpochByWidth } from './firstEpochByWidth.js';
import { generalisationGap } from './generalisationGap.js';
import { inputMap } from './inputMap.js';
import { juvenileCurves } from './juvenileCurves.js';
import { learningCurves } from './learningCurves.js';
import { lineage } from './lineage.js';
import { lossBarrier } from './lossBarrier.js';
import { maskMap } from './maskMap.js';
import { maskActionCurves } from './maskActionCurves.js';
import { overlapByStep } from './overlapByStep.js';
import { pareto } from './pareto.js';
import { profileByFactor } from './profileByFactor.js';
import { rankCorrelations } from './rankCorrelations.js';
import { relativeChange } from './relativeChange.js';
import { robustByCost } from './robustByCost.js';
import { searchTree } from './searchTree.js';
import { speedByDensity } from './speedByDensity.js';
import { subsetSumCurves } from './subsetSumCurves.js';
import { supermaskCurves } from './supermaskCurves.js';
import { weightHistogram } from './weightHistogram.js';

export const figures = {
  apByDensity,
  apChanges,
  accuracyByDensity,
  accuracyByIteration,
  accuracyByTime,
  approximationCurves,
  byCoefficients,
  approximationDraws,
  constructionCurves,
  byMaskRate,
  densityByLayer,
  depthDensityHeatmap,
  depthSlices,
  earlyStopByDensity,
  filters,
  filtersByBasis,
  firstEpochByDensity,
  firstEpochByWidth,
  generalisationGap,
  inputMap,
  juvenileCurves,
  learningCurves,
  lineage,
  lossBarrier,
  maskActionCurves,
  maskMap,
  overlapByStep,
  pareto,
  profileByFactor,
  rankCorrelations,
  relativeChange,
  robustByCost,
  searchTree,
  speedByDensity,
  subsetSumCurves,
  supermaskCurves,
  weightHistogram,
} satisfies Record<string, (...inputs: never[]) => Figure>;

export type FigureName = keyof typeof figures;
