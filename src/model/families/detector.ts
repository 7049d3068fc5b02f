import { checkCount, invalid } from '../../check.js';
import type { Architecture, Head, Layer, Shape } from '../architecture.js';
import type { Family } from './family.js';
import { basicBlock } from './resnet.js';

/** What a detector says beside classes and boxes. */
export interface DetectorOptions {
  /** Channels of the first stage; the later ones have 2, 4 and 8 times as many. */
  readonly width: number;
  readonly categories: number;
  /** Prototypes that instance masks are mixed from; 0 (default): no masks. */
  readonly prototypes?: number;
  /** Keypoints of an object; 0 (default): none. */
  readonly keypoints?: number;
}

/** Pixels of the image for one place of the detector's output. */
export const DETECTOR_STRIDE = 4;

/** The first channel of each output of a detector, and how many it has. */
export interface DetectorOutputs {
  readonly classes: readonly [from: number, count: number];
  /** Logarithms of the distances to the left, upper, right and lower side, in strides. */
  readonly boxes: readonly [from: number, count: number];
  readonly prototypes: readonly [from: number, count: number];
  readonly coefficients: readonly [from: number, count: number];
  /** x and y of each keypoint from the middle of the place, in strides. */
  readonly keypoints: readonly [from: number, count: number];
}

const relu: Layer = { type: 'activation', function: 'relu' };

/**
 * A one-stage detector without anchors. Backbone: a convolution of stride 2 and four stages of one basic block, strides 2 to 16. Neck:
 * a feature pyramid (Lin et al. 2017, arXiv:1612.03144) merged at stride 4, written as nested residual blocks, the shortcut of each the
 * lateral convolution. Heads: classes and the four sides of a box for each place (Tian et al. 2019, arXiv:1904.01355), masks as mixtures
 * of prototypes (Bolya et al. 2019, arXiv:1904.02689), keypoints as offsets (Zhou et al. 2019, arXiv:1904.07850).
 * Names start with `backbone.`, `neck.` or `heads.`, by which modules are pruned apart.
 * @param input [height, width, channels], sides that 16 divides
 * @returns an architecture of output [height / 4, width / 4, channels], see `detectorOutputs`
 * @throws UserError for sides that 16 does not divide
 */
export function detector(name: string, input: Shape, options: DetectorOptions): Architecture {
  const { width, categories, prototypes = 0, keypoints = 0 } = options;
  checkCount('width of a detector', width, 1);
  checkCount('categories of a detector', categories, 1);
  if (input.length !== 3 || input.slice(0, 2).some((side) => side % 16 !== 0))
    throw invalid(`input of '${name}'`, '[height, width, channels] with sides that 16 divides', `[${input}]`);
  const features = 2 * width;
  const lateral = (level: number): Layer => ({ type: 'convolution', name: `neck.lateral${level}`, filters: features, size: 1 });
  const [stem, stage1, stage2, stage3, stage4] = stages(width);
  const top: Layer = {
    type: 'residual',
    name: 'neck.merge3',
    body: [...stage4, lateral(4), { type: 'upsample' }],
    shortcut: [lateral(3)],
  };
  const pyramid: Layer = { type: 'residual', name: 'neck.merge2', body: [...stage3, top, { type: 'upsample' }], shortcut: [lateral(2)] };
  const tower = (head: string, outputs: number, biasStart = 0): Head => ({
    name: head,
    layers: [
      { type: 'convolution', name: `heads.${head}.conv`, filters: features, size: 3, bias: false },
      { type: 'batchNorm', name: `heads.${head}.norm` },
      relu,
      { type: 'convolution', name: `heads.${head}.output`, filters: outputs, size: 1, ...(biasStart !== 0 && { biasStart }) },
    ],
  });
  return {
    name,
    input,
    layers: [
      ...stem,
      ...stage1,
      ...stage2,
      pyramid,
      { type: 'convolution', name: 'neck.smooth', filters: features, size: 3, bias: false },
      { type: 'batchNorm', name: 'neck.smoothNorm' },
      relu,
      {
        type: 'heads',
        heads: [
          tower('classes', categories, CLASS_BIAS),
          tower('boxes', 4),
          ...(prototypes > 0 ? [tower('prototypes', prototypes), tower('coefficients', prototypes)] : []),
          ...(keypoints > 0 ? [tower('keypoints', 2 * keypoints)] : []),
        ],
      },
    ],
  };
}

/** Objects are rare: the probability of each class starts at 0.05. Lin et al. 2017, arXiv:1708.02002. */
const CLASS_BIAS = -Math.log(0.95 / 0.05);

/**
 * Where a detector's outputs stand.
 * @example detectorOutputs({ width: 8, categories: 3 }).boxes // => [3, 4]
 */
export function detectorOutputs({ categories, prototypes = 0, keypoints = 0 }: DetectorOptions): DetectorOutputs {
  const after = 4 + categories;
  return {
    classes: [0, categories],
    boxes: [categories, 4],
    prototypes: [after, prototypes],
    coefficients: [after + prototypes, prototypes],
    keypoints: [after + 2 * prototypes, 2 * keypoints],
  };
}

/** The backbone's stem and its four stages. */
function stages(width: number): [Layer[], Layer[], Layer[], Layer[], Layer[]] {
  const stage = (index: number, inputs: number, filters: number): Layer[] => [
    basicBlock(`backbone.stage${index}.block1`, inputs, filters, index === 1 ? 1 : 2),
    relu,
  ];
  const stem: Layer[] = [
    { type: 'convolution', name: 'backbone.conv', filters: width, size: 3, stride: 2, bias: false },
    { type: 'batchNorm', name: 'backbone.norm' },
    relu,
  ];
  return [stem, stage(1, width, width), stage(2, width, 2 * width), stage(3, 2 * width, 4 * width), stage(4, 4 * width, 8 * width)];
}

/** The backbone as a classifier: what a detector is pretrained as. */
export const backbone: Family = {
  form: 'backbone-WIDTH',
  summary: "a detector's backbone as a classifier: stem of stride 2, four stages of one basic block, global pooling, output",
  source: 'He et al. 2016, arXiv:1512.03385',
  pattern: /^backbone-(\d{1,3})$/,
  build(match, input, classes) {
    const width = Number(match[1]);
    if (width < 1) throw invalid(`width of '${match[0]}'`, 'at least 1', width);
    return {
      name: match[0],
      input,
      layers: [...stages(width).flat(), { type: 'globalAveragePool' }, { type: 'dense', name: 'output', units: classes }],
    };
  },
};
