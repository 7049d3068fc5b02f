/**
 * A program is a plain function on tensors that reads variables and inputs, and says which variables change. The same program
 * runs eagerly, operation by operation, or is traced once into a TensorFlow graph and run as one call. See `openSession`.
 */
import type { Tensor } from '@tensorflow/tfjs';

export interface VariableSpec {
  readonly shape: readonly number[];
  /** `uint8` variables hold data sets: read by rows only, never changed by a program. Default float32. */
  readonly dtype?: 'float32' | 'uint8';
}

export interface InputSpec {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

export interface Program {
  readonly inputs: Readonly<Record<string, InputSpec>>;
  /**
   * Computes the outputs. Runs once while traced, so it may not read a tensor's value, draw a random number, or choose by value;
   * such a program is refused with a message.
   */
  body(scope: Scope): Readonly<Record<string, Tensor>>;
}

/** What a program's body may do besides tensor arithmetic. */
export interface Scope {
  /** Whether `apply` is there: fused updates on the variable itself. */
  readonly fused: boolean;
  /** The present value of a float32 variable; after `assign`, the new one. */
  variable(name: string): Tensor;
  input(name: string): Tensor;
  /** Rows of a variable (of its first axis) as float32; for uint8 data sets the bytes as numbers. `indices` is int32 [count]. */
  rows(name: string, indices: Tensor): Tensor;
  /** Gives a variable a new value. */
  assign(name: string, value: Tensor): void;
  /** A TensorFlow update operation on variables, such as ResourceApplyAdam, its other inputs after them. Only where `fused`. */
  apply(operation: UpdateOperation): void;
  /** Uniform noise in [0, 1): counter-based, a function of `seed` (int32 [2]) and of how many were asked for before in this body. */
  noise(shape: readonly number[], seed: Tensor): Tensor;
}

export interface UpdateOperation {
  readonly op: string;
  /** Names of the variables that it changes, in the operation's order. */
  readonly variables: readonly string[];
  readonly inputs: readonly Tensor[];
  /** Boolean attributes, such as use_nesterov. */
  readonly flags?: Readonly<Record<string, boolean>>;
}

export type InputValues = Readonly<Record<string, Float32Array | Int32Array>>;
export type OutputValues = Record<string, Float32Array>;
