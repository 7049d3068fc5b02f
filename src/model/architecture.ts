/**
 * An architecture is data: the shape of one input and a list of layers, residual blocks nested.
 * Growth, elastic transfer and compaction edit it with plain functions; it is written to JSON as it is.
 * Every layer that has parameters has a name, unique in the architecture; a parameter is named `layer/role`.
 */

/** [height, width, channels] inside convolutional parts, [features] after `flatten` or global pooling. */
export type Shape = readonly number[];

export interface Architecture {
  /** Name for people, such as `lenet-300-100`. */
  readonly name: string;
  /** [height, width, channels] of one image. */
  readonly input: Shape;
  readonly layers: readonly Layer[];
}

export type Layer =
  | Dense
  | Convolution
  | BatchNorm
  | Activation
  | Pool
  | GlobalAveragePool
  | Flatten
  | Select
  | Dropout
  | Upsample
  | Residual
  | Heads;

/** How the weights of a layer start. See `initialise`. */
export type InitialiserName = 'glorotNormal' | 'glorotUniform' | 'heNormal' | 'heUniform' | 'identity' | 'signedConstant' | 'zeros';

/** y = x W + b; W is [inputs, units]. Parameters `kernel`, `bias`. Input of more than one axis must be flattened first. */
export interface Dense {
  readonly type: 'dense';
  readonly name: string;
  readonly units: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Default: what the training spec says for the whole network. */
  readonly initialiser?: InitialiserName;
}

/** 2-D convolution; the kernel is [height, width, inputs, filters]. Parameters `kernel`, `bias`. */
export interface Convolution {
  readonly type: 'convolution';
  readonly name: string;
  readonly filters: number;
  /** Side of the square kernel. */
  readonly size: number;
  /** Default 1. */
  readonly stride?: number;
  /** Default 'same'. */
  readonly padding?: 'same' | 'valid';
  /** Default true; false before a batchNorm. */
  readonly bias?: boolean;
  /** What biases start at. Default 0. */
  readonly biasStart?: number;
  readonly initialiser?: InitialiserName;
}

/**
 * (x - mean) / sqrt(variance + 1e-5) * gamma + beta over all axes but the last; batch statistics in training, running ones
 * (momentum 0.9) in evaluation. Parameters `gamma`, `beta`; statistics `mean`, `variance`.
 */
export interface BatchNorm {
  readonly type: 'batchNorm';
  readonly name: string;
  /** Start of gamma; 0 makes a residual block the identity at first. Default 1. */
  readonly gamma?: 0 | 1;
  /** Whether gamma and beta exist. Default true. */
  readonly affine?: boolean;
}

export interface Activation {
  readonly type: 'activation';
  readonly function: 'relu' | 'tanh' | 'sigmoid';
}

export interface Pool {
  readonly type: 'maxPool' | 'averagePool';
  readonly size: number;
  /** Default: the size. */
  readonly stride?: number;
  /** Default 'valid'. */
  readonly padding?: 'same' | 'valid';
}

/** Mean over height and width: [height, width, channels] to [channels]. */
export interface GlobalAveragePool {
  readonly type: 'globalAveragePool';
}

export interface Flatten {
  readonly type: 'flatten';
}

/** Some of the features, in the given order; compaction puts it where a network reads only part of its input. No parameters. */
export interface Select {
  readonly type: 'select';
  readonly name: string;
  /** Which of the [features] to pass on. */
  readonly indices: readonly number[];
}

/** Each value set to 0 with probability `rate` while training, the others scaled by 1 / (1 - rate). */
export interface Dropout {
  readonly type: 'dropout';
  /** In [0, 1). */
  readonly rate: number;
}

/** Each pixel becomes 2 x 2 pixels of the same value: [height, width, channels] to [2 height, 2 width, channels]. */
export interface Upsample {
  readonly type: 'upsample';
}

/** body(x) + shortcut(x); an absent shortcut is the identity. The activation after the sum is a layer of its own, after this one. */
export interface Residual {
  readonly type: 'residual';
  readonly name: string;
  readonly body: readonly Layer[];
  readonly shortcut?: readonly Layer[];
}

/**
 * The last layer of a network with several outputs: each head reads the same features, and their outputs stand beside one another
 * along the channels, in this order.
 */
export interface Heads {
  readonly type: 'heads';
  readonly heads: readonly Head[];
}

export interface Head {
  /** What it is for, such as `boxes`: unique among the heads. */
  readonly name: string;
  readonly layers: readonly Layer[];
}

/** What is known of a parameter without its values. */
export interface Parameter {
  /** `layer/role`, such as `dense1/kernel`. */
  readonly name: string;
  /** Name of the layer that owns it. */
  readonly layer: string;
  /** `score` is no parameter of a network: a variable that a supermask trains in place of a kernel. */
  readonly role: 'kernel' | 'bias' | 'gamma' | 'beta' | 'mean' | 'variance' | 'score';
  readonly shape: readonly number[];
  /** Changed by the optimizer; `mean` and `variance` are not. */
  readonly trainable: boolean;
  /** Kernels can be pruned; biases and BatchNorm are kept, as in all the papers. */
  readonly prunable: boolean;
  /** For kernels, inputs that one output sums over, else 0. */
  readonly fanIn: number;
  /** For kernels, outputs that one input reaches, else 0. */
  readonly fanOut: number;
  readonly initialiser?: InitialiserName;
  /** Start of a gamma or a bias. */
  readonly start?: number;
}
