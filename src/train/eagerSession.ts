/** Programs run operation by operation: the reference for the compiled session, and the way where nothing can be compiled. */
import type { Tensor } from '@tensorflow/tfjs';
import { type Arrays, size } from '../array.js';
import { lookUp, mismatched, UserError } from '../check.js';
import { stream } from '../random.js';
import { tf } from '../model/tensorflow.js';
import { statelessUniform } from './noise.js';
import type { InputValues, OutputValues, Program, Scope } from './program.js';
import type { Session, SessionSpec } from './session.js';

/** A session without compilation, on any backend. */
export function eagerSession({ variables, programs }: SessionSpec): Session {
  const floats = new Map<string, Tensor>();
  const bytes = new Map<string, Uint8Array>();
  for (const [name, { shape, dtype }] of Object.entries(variables)) {
    if (dtype === 'uint8') bytes.set(name, new Uint8Array(size(shape)));
    else floats.set(name, tf.zeros(shape as number[]));
  }

  const scopeOf = (program: Program, inputs: InputValues, changes: Map<string, Tensor>): Scope => {
    let draws = 0;
    const variable = (name: string): Tensor => {
      const value = changes.get(name) ?? floats.get(name);
      if (value === undefined) throw new UserError(`unknown variable '${name}' in a program`);
      return value;
    };
    return {
      fused: false,
      variable,
      input: (name) => {
        const { shape, dtype } = lookUp('input', name, program.inputs);
        return tf.tensor(inputs[name] as Float32Array, shape as number[], dtype);
      },
      rows(name, indices) {
        const data = bytes.get(name);
        if (data === undefined) return tf.gather(variable(name), indices as never);
        const [, ...rest] = lookUp('variable', name, variables).shape;
        return gatherRows(data, rest, indices.dataSync());
      },
      assign: (name, value) => void changes.set(name, value),
      apply: () => {
        throw new UserError('fused updates need the compiled engine');
      },
      noise: (shape, seed) => statelessUniform(shape, seed, draws++),
    };
  };

  return {
    engine: 'eager',
    run(name, inputs) {
      const program = lookUp('program', name, programs);
      checkInputs(name, program, inputs);
      const changes = new Map<string, Tensor>();
      const outputs: OutputValues = {};
      tf.tidy(() => {
        for (const [key, tensor] of Object.entries(program.body(scopeOf(program, inputs, changes)))) {
          outputs[key] = Float32Array.from(tensor.dataSync());
        }
        for (const [key, value] of changes) changes.set(key, tf.keep(value.clone()));
      });
      for (const [key, value] of changes) {
        floats.get(key)?.dispose();
        floats.set(key, value);
      }
      return outputs;
    },
    write(values) {
      for (const [name, { values: data }] of Object.entries(values)) {
        const { shape, dtype } = lookUp('variable', name, variables);
        if (data.length !== size(shape))
          throw mismatched(`variable '${name}'`, `shape [${shape}]`, `${data.length} values`, 'pass all of them');
        if (dtype === 'uint8') bytes.set(name, Uint8Array.from(data));
        else {
          floats.get(name)?.dispose();
          floats.set(name, tf.tensor(Float32Array.from(data), shape as number[]));
        }
      }
    },
    read: (names) => readTensors(names, (name) => lookUp('variable', name, Object.fromEntries(floats))),
    close() {
      for (const tensor of floats.values()) tensor.dispose();
      floats.clear();
      bytes.clear();
    },
  };
}

/** Throws unless every input is there with the right number of values. */
export function checkInputs(name: string, program: Program, inputs: InputValues): void {
  for (const [key, { shape }] of Object.entries(program.inputs)) {
    const length = inputs[key]?.length;
    if (length !== size(shape))
      throw mismatched(`input '${key}' of program '${name}'`, `${size(shape)} values`, String(length), `pass shape [${shape}]`);
  }
}

function readTensors(names: readonly string[], find: (name: string) => Tensor): Arrays {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = find(name);
      return [name, { shape: tensor.shape, values: Float32Array.from(tensor.dataSync()) }];
    }),
  );
}

function gatherRows(data: Uint8Array, rest: readonly number[], indices: ArrayLike<number>): Tensor {
  const each = size(rest);
  const rows = new Float32Array(indices.length * each);
  for (let i = 0; i < indices.length; i++) {
    const from = (indices[i] as number) * each;
    rows.set(data.subarray(from, from + each), i * each);
  }
  return tf.tensor(rows, [indices.length, ...rest]);
}

/** Values for tracing: positive and below 1, so that roots and logarithms of variances exist. */
export function exampleValues(shape: readonly number[], trial: number, name: string): Float32Array {
  const random = stream(trial, 'trace', name);
  return Float32Array.from({ length: size(shape) }, () => 0.25 + 0.5 * random.uniform());
}
