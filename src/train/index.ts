/**
 * Train: how weights change. In: a network, its mask, a data set, options as data. Out: weights and measurements. A step is a
 * program (`Program`) that runs eagerly or is traced once into one graph call. To add a loss, an optimizer or an augmentation: one
 * function and one line in its list; the compiled step needs no change.
 * @module
 */
export { type Adversary, klDivergence } from './attack/adversary.js';
export { type Attack, fgsm, gradientEvaluations } from './attack/attack.js';
export { type Attacked, type Attacker, type AttackerOptions, type AttackRequest, openAttacker } from './attack/openAttacker.js';
export { type Augmentation, type AugmentationName, augmentations } from './augment.js';
export { basisParameterisation } from './basisParameterisation.js';
export { type DenseGradient, openDenseGradient } from './denseGradient.js';
export { type DerivativesOptions, derivatives, type NetworkDerivatives } from './derivatives.js';
export { frozenRest, restOf } from './frozenRest.js';
export { type HiddenActivationsOptions, hiddenActivations, silentUnits } from './hiddenActivations.js';
export { type Loss, type LossInputs, type LossName, losses } from './losses.js';
export { type AdamOptions, type Optimizer, type OptimizerOptions, optimizer, optimizers, type SgdOptions } from './optimizers.js';
export { ordinary, type Parameterisation, type ParameterisationContext } from './parameterisation.js';
export type { InputSpec, InputValues, OutputValues, Program, Scope, UpdateOperation, VariableSpec } from './program.js';
export { DETECTOR_LOSS_WEIGHTS, type DetectorLossWeights, detectorTask, type DetectorTaskOptions } from './recognition/detectorTask.js';
export { type SampledEvidenceOptions, sampledEvidence } from './sampledEvidence.js';
export { type Decay, type LearningRate, type Schedule, schedule } from './schedule.js';
export { type Supermask, supermaskParameterisation } from './supermask/supermask.js';
export { type SupermaskName, supermasks } from './supermask/supermasks.js';
export { type AutoOptions, autoTrainer, type KeepDecision } from './autoTrainer.js';
export { type EngineChoice, openSession, type Session, type SessionSpec } from './session.js';
export { type ChooseOptions, chooseEngine, type EngineDecision } from './sparse/chooseEngine.js';
export { openSparseTrainer } from './sparse/openSparseTrainer.js';
export {
  type Evaluations,
  type Journal,
  type Measurement,
  type Pause,
  type PausedTraining,
  type PausingTraining,
  type Trained,
  type TrainingProgress,
  type TrainingSummary,
  type TrainRequest,
  train,
  trainInParts,
} from './train.js';
export type { Targets, Task } from './task.js';
export { type TopEigenvalue, type TopEigenvalueOptions, topEigenvalue } from './topEigenvalue.js';
export {
  type Measured,
  openTaskTrainer,
  openTrainer,
  type TaskTrainerOptions,
  type Trainer,
  type TrainerOptions,
  type TrainState,
  type Update,
} from './trainer.js';
