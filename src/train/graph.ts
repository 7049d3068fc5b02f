/** A TensorFlow graph under construction: nodes, and the bytes of a SavedModel that holds them. */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { UserError } from '../check.js';
import type { Attribute, Binding } from '../model/nativeBackend.js';

const require = createRequire(import.meta.url);

/** One operation of the graph. Inputs are `node`, `node:1` or, for order alone, `^node`. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  readonly attributes: Readonly<Record<string, NodeAttribute>>;
}

export type NodeAttribute =
  | { readonly type: number }
  | { readonly shape: readonly number[] }
  | { readonly float: number }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly bool: boolean }
  | { readonly bools: readonly boolean[] }
  | { readonly text: string }
  | { readonly tensor: { readonly dtype: number; readonly shape: readonly number[]; readonly bytes: Uint8Array } };

/** DataType numbers of TensorFlow's protocol. */
export const DataType = { float32: 1, uint8: 4, int32: 3, bool: 10 } as const;

/** A tfjs-node attribute as a graph attribute. */
export function nodeAttribute({ name, type, value }: Attribute, binding: Binding): NodeAttribute {
  const list = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return { type: value as number };
    case binding.TF_ATTR_INT:
      return list ? { ints: value as number[] } : { int: Number(value) };
    case binding.TF_ATTR_FLOAT:
      return list ? { floats: value as number[] } : { float: value as number };
    case binding.TF_ATTR_BOOL:
      return list ? { bools: value as boolean[] } : { bool: value as boolean };
    case binding.TF_ATTR_STRING:
      return { text: value as string };
    case binding.TF_ATTR_SHAPE:
      return { shape: value as number[] };
    default:
      throw new UserError(`cannot trace attribute '${name}' of type ${type}`);
  }
}

// The generated classes of tfjs-node carry no types.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Message = any;

/** The bytes of `saved_model.pb` for a graph: one meta graph with the tag `serve`. */
export function savedModelBytes(nodes: readonly GraphNode[]): Uint8Array {
  const proto = require('@tensorflow/tfjs-node/dist/proto/api_pb.js') as Message;
  const graph = new proto.GraphDef();
  for (const node of nodes) {
    const message = new proto.NodeDef();
    message.setName(node.name);
    message.setOp(node.op);
    message.setInputList(node.inputs);
    const map = message.getAttrMap();
    for (const [name, value] of Object.entries(node.attributes)) map.set(name, attributeMessage(proto, value));
    graph.addNode(message);
  }
  const versions = new proto.VersionDef();
  versions.setProducer(1645);
  graph.setVersions(versions);
  const info = new proto.MetaGraphDef.MetaInfoDef();
  info.setTagsList(['serve']);
  const meta = new proto.MetaGraphDef();
  meta.setMetaInfoDef(info);
  meta.setGraphDef(graph);
  const model = new proto.SavedModel();
  model.setSavedModelSchemaVersion(1);
  model.addMetaGraphs(meta);
  return model.serializeBinary() as Uint8Array;
}

function attributeMessage(proto: Message, value: NodeAttribute): Message {
  const message = new proto.AttrValue();
  const list = new proto.AttrValue.ListValue();
  if ('type' in value) message.setType(value.type);
  else if ('shape' in value) message.setShape(shapeMessage(proto, value.shape));
  else if ('float' in value) message.setF(value.float);
  else if ('int' in value) message.setI(value.int);
  else if ('bool' in value) message.setB(value.bool);
  else if ('text' in value) message.setS(Buffer.from(value.text));
  else if ('tensor' in value) message.setTensor(tensorMessage(proto, value.tensor));
  else {
    if ('ints' in value) list.setIList(value.ints);
    else if ('floats' in value) list.setFList(value.floats);
    else list.setBList(value.bools);
    message.setList(list);
  }
  return message;
}

function shapeMessage(proto: Message, shape: readonly number[]): Message {
  const message = new proto.TensorShape();
  for (const size of shape) {
    const dim = new proto.TensorShape.Dim();
    dim.setSize(size);
    message.addDim(dim);
  }
  return message;
}

function tensorMessage(proto: Message, tensor: { dtype: number; shape: readonly number[]; bytes: Uint8Array }): Message {
  const message = new proto.Tensor();
  message.setDtype(tensor.dtype);
  message.setTensorShape(shapeMessage(proto, tensor.shape));
  message.setTensorContent(tensor.bytes);
  return message;
}

/** What makes two nodes the same: everything but the bytes, which are hashed. */
export function fingerprint(node: GraphNode): string {
  return JSON.stringify(node, (_, value: unknown) =>
    value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value,
  );
}
