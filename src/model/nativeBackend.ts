/** TensorFlow operations by name on the native backend, for what tfjs does not offer itself. */
import type { Tensor } from '@tensorflow/tfjs';
import { tf } from './tensorflow.js';

/** An operation's attribute as the binding takes it. */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The backend object of tfjs-node, as far as this project uses it. */
export interface NativeBackend {
  binding: Binding;
  tensorMap: { get(dataId: object): { shape: number[]; dtype: number; values: unknown; id: number }; has(dataId: object): boolean };
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[];
  disposeData(dataId: object, force?: boolean): boolean;
  readSync(dataId: object): Float32Array | Int32Array | Uint8Array;
  read(dataId: object): Promise<Float32Array | Int32Array | Uint8Array>;
}

export interface Binding {
  [constant: `TF_${string}`]: number;
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  deleteSavedModel(id: number): void;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): { id: number; shape: number[]; dtype: number }[];
}

/** The native backend with constructors for attributes. Only where `tf.getBackend()` is 'tensorflow'. */
export function nativeBackend() {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const attribute = {
    type: (name: string, dtype: 'float32' | 'int32' | 'bool'): Attribute => ({
      name,
      type: binding.TF_ATTR_TYPE as number,
      value: { float32: binding.TF_FLOAT, int32: binding.TF_INT32, bool: binding.TF_BOOL }[dtype],
    }),
    float: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT as number, value }),
    int: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_INT as number, value }),
    bool: (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL as number, value }),
    text: (name: string, value: string): Attribute => ({ name, type: binding.TF_ATTR_STRING as number, value }),
  };
  const run = (name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[] =>
    outputs === 1
      ? [backend.executeSingleOutput(name, attributes, inputs)]
      : backend.executeMultipleOutputs(name, attributes, inputs, outputs);
  return { backend, binding, attribute, run };
}
