/**
 * Model: what is trained. An architecture is data (`Architecture`); its parameters, shapes and costs follow from it without TensorFlow;
 * `forward` runs it on tensors. To add a layer kind: a file in `layers/`, a line in `layers/kinds.ts`. To add a family of
 * architectures: a file in `families/`, a line in `families/families.ts`. To add a basis in which kernels are pruned: a file in `bases/`,
 * a line in `bases/bases.ts`.
 * @module
 */
export type * from './architecture.js';
export type { Basis, BasisContext } from './bases/basis.js';
export { type BasisName, bases } from './bases/bases.js';
export { type Coordinates, toCoefficients, toKernel } from './bases/coordinates.js';
export { type Axis, type AxisRole, type Kernel, kernelAxes } from './bases/kernelAxes.js';
export { fromBasis, inBasis, type NetworkBasis, type OpenBasisOptions, openBasis } from './bases/networkBasis.js';
export { type SingularVectors, singularVectors } from './bases/singularVectors.js';
export { DETECTOR_STRIDE, detector, type DetectorOptions, type DetectorOutputs, detectorOutputs } from './families/detector.js';
export { architecture, families } from './families/families.js';
export type { Family } from './families/family.js';
export { mlp } from './families/mlp.js';
export { basicBlock, resnet } from './families/resnet.js';
export { type ForwardOptions, forward } from './forward.js';
export { type Initialiser, initialise, initialisers } from './initialise.js';
export { type Block as ArchitectureBlock, type Part as ArchitecturePart, partsOf, type Stage, stagesOf } from './stages.js';
export { depth, layerShapes, multiplyAdds, outputShape, parameterCount, parameters, prunable } from './shapes.js';
export { type BackendName, openTensorflow, tf } from './tensorflow.js';
export { withoutBias } from './withoutBias.js';
