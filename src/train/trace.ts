/**
 * Tracing: a program's body runs once on example tensors while every operation that reaches the native backend is written down as
 * a node of a graph. Gradients need no special care, since tfjs's tape runs the same operations.
 *
 * A trace is only right if no operation depends on a value that changes between calls. So reading a value while tracing is an
 * error, and the body is traced twice with different example values: any node that differs is one that would have been frozen.
 */
import type { Tensor } from '@tensorflow/tfjs';
import { sameShape } from '../array.js';
import { lookUp, UserError } from '../check.js';
import { type Attribute, nativeBackend } from '../model/nativeBackend.js';
import { tf } from '../model/tensorflow.js';
import { exampleValues } from './eagerSession.js';
import { DataType, fingerprint, type GraphNode, type NodeAttribute, nodeAttribute } from './graph.js';
import { statelessUniform } from './noise.js';
import type { Program, Scope, VariableSpec } from './program.js';

export interface TracedProgram {
  readonly nodes: readonly GraphNode[];
  /** Placeholder node by input name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Fetch node by output name. */
  readonly outputs: Readonly<Record<string, string>>;
}

type Variables = Readonly<Record<string, VariableSpec>>;

/** The node that holds a variable's handle. */
export const handleNode = (variable: string): string => `variable/${variable}`;

/**
 * Traces one program.
 * @param prefix put before the names of its nodes, unique in the graph
 * @throws UserError if the body reads a value, draws random numbers of its own, or depends on values in another way
 */
export function traceProgram(prefix: string, program: Program, variables: Variables): TracedProgram {
  const first = traceOnce(prefix, program, variables, 1);
  const second = traceOnce(prefix, program, variables, 2);
  for (let i = 0; i < Math.max(first.nodes.length, second.nodes.length); i++) {
    const [a, b] = [first.nodes[i], second.nodes[i]];
    if (a !== undefined && b !== undefined && fingerprint(a) === fingerprint(b)) continue;
    const node = a ?? (b as GraphNode);
    throw new UserError(
      `cannot compile program '${prefix}': operation ${i} (${node.op}) depends on values, not only on shapes; pass what changes as an input of the program`,
    );
  }
  return first;
}

function traceOnce(prefix: string, program: Program, variables: Variables, trial: number): TracedProgram {
  const { backend, binding } = nativeBackend();
  const nodes: GraphNode[] = [];
  /** Where in the graph a tensor comes from, with the shape it had there. */
  const sources = new Map<object, { output: string; shape: readonly number[] }>();
  /** For each variable: the nodes that read it since its last write, and the node of that write. */
  const readers = new Map<string, string[]>();
  const writers = new Map<string, string>();
  const current = new Map<string, Tensor>();
  const inputs: Record<string, string> = {};
  let draws = 0;

  const add = (op: string, inputList: readonly string[], attributes: Record<string, NodeAttribute>): string => {
    const name = `${prefix}/n${nodes.length}_${op}`;
    nodes.push({ name, op, inputs: inputList, attributes });
    return name;
  };
  const constant = (tensor: Tensor, dtype: keyof typeof DataType): string => {
    const values = original.readSync.call(backend, tensor.dataId);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    return add('Const', [], {
      dtype: { type: DataType[dtype] },
      value: { tensor: { dtype: DataType[dtype], shape: tensor.shape, bytes } },
    });
  };
  const outputOf = (tensor: Tensor): string => {
    const source = sources.get(tensor.dataId);
    const dtype = tensor.dtype as keyof typeof DataType;
    if (source === undefined) {
      const node = constant(tensor, dtype);
      sources.set(tensor.dataId, { output: node, shape: tensor.shape });
      return node;
    }
    if (sameShape(source.shape, tensor.shape)) return source.output;
    const bytes = new Uint8Array(Int32Array.from(tensor.shape).buffer);
    const type = { type: DataType.int32 };
    const shape = add('Const', [], { dtype: type, value: { tensor: { dtype: DataType.int32, shape: [tensor.rank], bytes } } });
    return add('Reshape', [source.output, shape], { T: { type: DataType[dtype] }, Tshape: type });
  };
  const record = (op: string, attributes: readonly Attribute[], inputList: readonly Tensor[], outputs: readonly Tensor[]): void => {
    const converted = Object.fromEntries(attributes.map((a) => [a.name, nodeAttribute(a, binding)]));
    // The binding leaves these to be inferred, which a graph can't.
    if (op === 'ExpandDims') converted['T'] ??= { type: DataType[(inputList[0] as Tensor).dtype as keyof typeof DataType] };
    const node = add(op, inputList.map(outputOf), converted);
    outputs.forEach((tensor, i) => sources.set(tensor.dataId, { output: i === 0 ? node : `${node}:${i}`, shape: tensor.shape }));
  };
  /** An example tensor that stands for the output of a node. */
  const standIn = (tensor: Tensor, output: string): Tensor => {
    sources.set(tensor.dataId, { output, shape: tensor.shape });
    return tensor;
  };
  const noteRead = (variable: string, node: string): void => void readers.set(variable, [...(readers.get(variable) ?? []), node]);
  const after = (variable: string): string[] => (writers.has(variable) ? [`^${writers.get(variable)}`] : []);
  const wrote = (variable: string, node: string): void => {
    writers.set(variable, node);
    readers.delete(variable);
    current.delete(variable);
  };
  /** Order-only inputs that put a write after every earlier read and write of the variable. */
  const beforeWrite = (variable: string): string[] => [...(readers.get(variable) ?? []).map((node) => `^${node}`), ...after(variable)];

  const scope: Scope = {
    fused: true,
    variable(name) {
      const known = current.get(name);
      if (known !== undefined) return known;
      const { shape, dtype } = lookUp('variable', name, variables);
      if (dtype === 'uint8') throw new UserError(`variable '${name}' holds bytes: read it by rows`);
      const node = add('ReadVariableOp', [handleNode(name), ...after(name)], { dtype: { type: DataType.float32 } });
      noteRead(name, node);
      const tensor = standIn(tf.tensor(exampleValues(shape, trial, name), shape as number[]), node);
      current.set(name, tensor);
      return tensor;
    },
    input(name) {
      const { shape, dtype } = lookUp('input', name, program.inputs);
      inputs[name] ??= add('Placeholder', [], { dtype: { type: DataType[dtype] }, shape: { shape } });
      const values = exampleValues(shape, trial, `input ${name}`);
      const example = dtype === 'int32' ? Int32Array.from(values, Math.round) : values;
      return standIn(tf.tensor(example, shape as number[], dtype), inputs[name] as string);
    },
    rows(name, indices) {
      const { shape, dtype = 'float32' } = lookUp('variable', name, variables);
      const attributes = { dtype: { type: DataType[dtype] }, Tindices: { type: DataType.int32 } };
      let node = add('ResourceGather', [handleNode(name), outputOf(indices), ...after(name)], attributes);
      noteRead(name, node);
      if (dtype === 'uint8') node = add('Cast', [node], { SrcT: { type: DataType.uint8 }, DstT: { type: DataType.float32 } });
      const rowShape = [indices.size, ...shape.slice(1)];
      const example = exampleValues(rowShape, trial, `rows ${name}`);
      return standIn(tf.tensor(dtype === 'uint8' ? example.map((v) => Math.round(v)) : example, rowShape), node);
    },
    assign(name, value) {
      const { shape } = lookUp('variable', name, variables);
      if (!sameShape(shape, value.shape))
        throw new UserError(`mismatched value for variable '${name}': expected [${shape}], found [${value.shape}]`);
      const type = { dtype: { type: DataType.float32 } };
      wrote(name, add('AssignVariableOp', [handleNode(name), outputOf(value), ...beforeWrite(name)], type));
      current.set(name, value);
    },
    apply({ op, variables: changed, inputs: others, flags = {} }) {
      const order = changed.flatMap(beforeWrite);
      const booleans = Object.fromEntries(Object.entries(flags).map(([flag, bool]) => [flag, { bool }]));
      const node = add(op, [...changed.map(handleNode), ...others.map(outputOf), ...order], { T: { type: DataType.float32 }, ...booleans });
      for (const name of changed) wrote(name, node);
    },
    noise: (shape, seed) => statelessUniform(shape, seed, draws++),
  };

  const original = {
    executeSingleOutput: backend.executeSingleOutput,
    executeMultipleOutputs: backend.executeMultipleOutputs,
    readSync: backend.readSync,
    read: backend.read,
  };
  const refuseRead = (): never => {
    throw new UserError(
      `cannot compile program '${prefix}': it reads the value of a tensor; keep values in tensors, or pass them as inputs`,
    );
  };
  backend.executeSingleOutput = (op, attributes, list) => {
    const output = original.executeSingleOutput.call(backend, op, attributes, list);
    record(op, attributes, list, [output]);
    return output;
  };
  backend.executeMultipleOutputs = (op, attributes, list, count) => {
    const outputs = original.executeMultipleOutputs.call(backend, op, attributes, list, count);
    record(op, attributes, list, outputs);
    return outputs;
  };
  backend.readSync = refuseRead;
  backend.read = refuseRead;
  const outputs: Record<string, string> = {};
  try {
    tf.tidy(() => {
      const results = Object.entries(program.body(scope)).map(([name, tensor]) => {
        if (tensor.dtype === 'bool') throw new UserError(`cannot compile output '${name}' of type bool: cast it to float32`);
        return [name, outputOf(tensor), DataType[tensor.dtype as keyof typeof DataType]] as const;
      });
      // Fetching any output waits for all updates, so that the next call sees them.
      const updates = [...new Set(writers.values())].map((node) => `^${node}`);
      for (const [name, output, type] of results) outputs[name] = add('Identity', [output, ...updates], { T: { type } });
    });
  } finally {
    // The methods come from the class: without the wrappers it serves them again.
    for (const method of ['executeSingleOutput', 'executeMultipleOutputs', 'readSync', 'read'] as const) {
      delete (backend as Partial<typeof backend>)[method];
    }
  }
  for (const name of Object.keys(program.inputs)) {
    if (inputs[name] === undefined) throw new UserError(`input '${name}' of program '${prefix}' is never used`);
  }
  return { nodes, inputs, outputs };
}

/** Nodes that hold the variables, and for each one to set it and one to read it. */
export function variableNodes(variables: Variables): GraphNode[] {
  return Object.entries(variables).flatMap(([name, { shape, dtype = 'float32' }]): GraphNode[] => {
    const type = { type: DataType[dtype] };
    const one = { dtype: { type: DataType.int32 }, value: { tensor: { dtype: DataType.int32, shape: [], bytes: new Uint8Array(4) } } };
    return [
      { name: handleNode(name), op: 'VarHandleOp', inputs: [], attributes: { dtype: type, shape: { shape }, shared_name: { text: name } } },
      { name: `set/${name}`, op: 'Placeholder', inputs: [], attributes: { dtype: type, shape: { shape } } },
      { name: `assign/${name}`, op: 'AssignVariableOp', inputs: [handleNode(name), `set/${name}`], attributes: { dtype: type } },
      { name: `zero/${name}`, op: 'Const', inputs: [], attributes: one },
      { name: `done/${name}`, op: 'Identity', inputs: [`zero/${name}`, `^assign/${name}`], attributes: { T: { type: DataType.int32 } } },
      { name: `get/${name}`, op: 'ReadVariableOp', inputs: [handleNode(name)], attributes: { dtype: type } },
      { name: `value/${name}`, op: 'Identity', inputs: [`get/${name}`], attributes: { T: type } },
    ];
  });
}
