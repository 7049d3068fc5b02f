/**
 * Figure: tables to Plotly's `{ data, layout }`, pure functions with one theme; and figures to SVG, PNG and HTML reports. To add a
 * figure: a file that exports the function, a line in `figures.ts`, an example in `test/fixtures/figureExamples.ts`.
 * @module
 */
export { accuracyByDensity, type AccuracyByDensityOptions } from './accuracyByDensity.js';
export { accuracyByIteration, type AccuracyByIterationOptions } from './accuracyByIteration.js';
export { approximationCurves, type ApproximationCurvesOptions } from './approximationCurves.js';
export { approximationDraws, type ApproximationDrawsOptions } from './approximationDraws.js';
export { architectureDiagram } from './architectureDiagram.js';
export { apByDensity, type ApByDensityOptions } from './apByDensity.js';
export { apChanges, type ApChangesOptions } from './apChanges.js';
export { byCoefficients, type ByCoefficientsOptions } from './byCoefficients.js';
export type { ByDensityOptions } from './byDensity.js';
export { constructionCurves, type ConstructionCurvesOptions } from './constructionCurves.js';
export { byMaskRate, type ByMaskRateOptions } from './byMaskRate.js';
export { densityByLayer, type DensityByLayerOptions } from './densityByLayer.js';
export { depthDensityHeatmap, type DepthDensityHeatmapOptions } from './depthDensityHeatmap.js';
export { type DetectionColumn, detectionPicture, type DetectionPictureOptions } from './detectionPicture.js';
export { depthSlices, type DepthSlicesOptions } from './depthSlices.js';
export { earlyStopByDensity } from './earlyStopByDensity.js';
export { escapeText } from './escapeText.js';
export type { Figure, JsonObject } from './figure.js';
export { figurePng, type PngOptions, svgPng } from './figurePng.js';
export { type Drawable, figureSvg, type SvgOptions } from './figureSvg.js';
export { type FigureName, figures } from './figures.js';
export { filters, type FiltersOptions } from './filters.js';
export { filtersByBasis, type FiltersByBasisOptions } from './filtersByBasis.js';
export { firstEpochByDensity } from './firstEpochByDensity.js';
export { firstEpochByWidth, type FirstEpochByWidthOptions } from './firstEpochByWidth.js';
export { generalisationGap } from './generalisationGap.js';
export { inputMap } from './inputMap.js';
export { juvenileCurves, type JuvenileCurvesOptions } from './juvenileCurves.js';
export { learningCurves, type LearningCurvesOptions } from './learningCurves.js';
export { lineage } from './lineage.js';
export { maskActionCurves, type MaskActionCurvesOptions } from './maskActionCurves.js';
export { lossBarrier, type LossBarrierOptions } from './lossBarrier.js';
export { maskMap } from './maskMap.js';
export { maskPicture, type MaskPictureOptions } from './maskPicture.js';
export { frontier, pareto, type ParetoOptions } from './pareto.js';
export { type Block, htmlReport, type Report, type Section } from './report/htmlReport.js';
export { type HtmlColumn, htmlTable } from './report/htmlTable.js';
export { basisReport } from './report/basisReport.js';
export { impReport } from './report/impReport.js';
export { juvenileReport } from './report/juvenileReport.js';
export { approximationReport, constructionReport, maskActionReport, subsetSumReport, supermaskReport } from './report/strongReport.js';
export { profileReport, searchReport, surfaceReport } from './report/growthReport.js';
export type { LevelCertificate, ReportContext } from './report/runsSection.js';
export { profileByFactor, type ProfileByFactorOptions } from './profileByFactor.js';
export { rankCorrelations, type RankCorrelationsOptions } from './rankCorrelations.js';
export { searchTree, type SearchTreeOptions } from './searchTree.js';
export { relativeChange, type RelativeChangeOptions } from './relativeChange.js';
export { robustByCost, type RobustByCostOptions } from './robustByCost.js';
export { speedByDensity, type SpeedByDensityOptions } from './speedByDensity.js';
export { subsetSumCurves, type SubsetSumCurvesOptions } from './subsetSumCurves.js';
export { supermaskCurves, type SupermaskCurvesOptions } from './supermaskCurves.js';
export type { Band, Summary } from './summarise.js';
export { weightHistogram, type WeightHistogramOptions } from './weightHistogram.js';
