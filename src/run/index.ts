/**
 * Run: what makes an experiment repeatable. A spec has a key; a store has a folder for each key; a run is made once, in stages that
 * survive being killed. To add an experiment: a file in `experiments/`, a line in `experiments/experiments.ts`.
 * @module
 */
export { compareSpecs } from './compareSpecs.js';
export { type Environment, readEnvironment } from './environment.js';
export { exitCode, exitCodes } from './exitCode.js';
export type { Experiment, Preset } from './experiments/experiment.js';
export { defaultsOf, experiments, keyOf, readSpec } from './experiments/experiments.js';
export { armOf, type PlannedRun, type PlanRequest, planRuns } from './experiments/planRuns.js';
export { getOrRun, type RunBody } from './getOrRun.js';
export { listRuns } from './listRuns.js';
export { missingRuns } from './missingRuns.js';
export type { ProgressEvent, RunContext, RunOptions } from './openRun.js';
export { publish } from './publish.js';
export { readCertificate, readRecord, readStage, readTiming } from './readRecord.js';
export { readTimings, type Timing, type Timings } from './readTimings.js';
export type { Evaluation, Json, LevelSummary, Point, Row, RunRecord, Spec } from './record.js';
export { runKey } from './runKey.js';
export { findRun, openStore, runFolder, type Store, type StoreOptions } from './store.js';
export type { SlurmOptions } from './executors/slurm.js';
export type { PoolEvent } from './pool.js';
export { planSweep, type SweepPlan, type SweepRun } from './sweep/planSweep.js';
export { type RunSweepOptions, runSweep, type SweepReport } from './sweep/runSweep.js';
export type { Sweep, SweepInput, SweepOrder, SweepStage } from './sweep/sweep.js';
export { type SweepCost, sweepCost } from './sweep/sweepCost.js';
export { sweepRecords } from './sweep/sweepRecords.js';
export { type SweepRunState, sweepStatus } from './sweep/sweepStatus.js';
