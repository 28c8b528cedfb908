// Graph to ONNX model bytes (ModelProto; field numbers from onnx.proto, https://github.com/onnx/onnx). Equal
// subexpressions are emitted once.

import { LatentkitError } from '../errors.ts';
import {
  coefficientOf,
  constantOp,
  type DType,
  type Graph,
  isOp,
  isSymbolic,
  leafName,
  type OnnxAttribute,
  type OnnxBuilder,
  type Tensor,
} from '../graph/index.ts';
import { onnxType } from '../ops/onnx-type.ts';
import { ProtobufWriter } from './protobuf.ts';

const irVersion = 10;
const opsetVersion = 21;

/** Data to embed in place of a leaf that would be fed: an exported model carries its parameters. */
export type Embedded = ReadonlyMap<string, Float32Array>;

export interface EmitOptions {
  /** Values for leaves by name; these become initializers instead of inputs. */
  readonly embed?: Embedded;
  /** A sentence for whoever opens the file. */
  readonly description?: string;
}

interface Node {
  readonly opType: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

interface Initializer {
  readonly name: string;
  readonly type: DType | 'int64';
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The graph as the bytes of an ONNX model. Inputs and outputs carry the graph's names; N is the dimension `N`. */
export function emitOnnx(graph: Graph, { embed = new Map(), description = '' }: EmitOptions = {}): Uint8Array {
  const emitter = new Emitter(graph, embed);
  const outputs = Object.entries(graph.outputs).map(([name, tensor]) => {
    emitter.emitOutput(name, tensor);
    return { name, tensor };
  });
  const inputs = [...graph.leaves].filter(([name]) => !embed.has(name)).map(([name, tensor]) => ({ name, tensor }));
  return new ProtobufWriter()
    .int(1, irVersion)
    .string(2, 'latentkit')
    .string(6, description)
    .message(7, g => {
      for (const node of emitter.liveNodes(Object.keys(graph.outputs))) g.message(1, n => writeNode(n, node));
      g.string(2, 'graph');
      for (const initializer of emitter.initializers) g.message(5, i => writeInitializer(i, initializer));
      for (const value of inputs) g.message(11, v => writeValueInfo(v, value.name, value.tensor));
      for (const value of outputs) g.message(12, v => writeValueInfo(v, value.name, value.tensor));
    })
    .message(8, o => o.string(1, '').int(2, opsetVersion))
    .finish();
}

class Emitter implements OnnxBuilder {
  readonly nodes: Node[] = [];
  readonly initializers: Initializer[] = [];
  readonly #graph: Graph;
  readonly #embed: Embedded;
  readonly #names = new Map<Tensor, string>();
  /** Emitted nodes and constants by what they compute. */
  readonly #known = new Map<string, string>();
  #count = 0;

  constructor(graph: Graph, embed: Embedded) {
    this.#graph = graph;
    this.#embed = embed;
    for (const node of graph.order) this.#names.set(node, this.#emit(node));
  }

  value = (tensor: Tensor): string => {
    const name = this.#names.get(tensor);
    if (name === undefined) throw new LatentkitError('internal', `${tensor.op.name} is used before it is emitted`);
    return name;
  };

  node(opType: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const key = JSON.stringify([opType, inputs, attributes]);
    return this.#once(key, output => this.nodes.push({ opType, inputs, output, attributes }));
  }

  ints(values: readonly number[]): string {
    return this.#constant('int64', [values.length], values);
  }

  int(value: number): string {
    return this.#constant('int64', [], [value]);
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.#constant(dtype, [], [value]);
  }

  batch(): string {
    for (const [name, leaf] of this.#graph.leaves) {
      const axis = leaf.shape.findIndex(isSymbolic);
      const dim = leaf.shape[axis];
      if (dim === undefined) continue;
      const length = this.node('Shape', [name], { start: axis, end: axis + 1 });
      return dim === 'N' ? length : this.node('Div', [length, this.ints([coefficientOf(dim)])]);
    }
    throw new LatentkitError('shape', 'the graph uses the batch size N, but none of its inputs has a dimension N');
  }

  /** Gives a tensor an output's name. What already has one (an input, another output) is copied. */
  emitOutput(name: string, tensor: Tensor): void {
    if (this.#graph.leaves.has(name)) {
      throw new LatentkitError('shape', `the graph has an input and an output named "${name}"; rename one`);
    }
    const value = this.value(tensor);
    const producer = this.nodes.findIndex(node => node.output === value);
    if (producer < 0 || !value.startsWith('%')) {
      this.nodes.push({ opType: 'Identity', inputs: [value], output: name, attributes: {} });
      return;
    }
    const rename = (other: string): string => (other === value ? name : other);
    this.nodes.forEach((node, i) => {
      this.nodes[i] = { ...node, inputs: node.inputs.map(rename), output: rename(node.output) };
    });
    for (const [node, other] of this.#names) this.#names.set(node, rename(other));
  }

  /** The nodes that the outputs need: a lowering may look through its input and leave that one unused. */
  liveNodes(outputs: readonly string[]): Node[] {
    const used = new Set(outputs);
    const live: Node[] = [];
    for (const node of this.nodes.toReversed()) {
      if (!used.has(node.output)) continue;
      for (const name of node.inputs) used.add(name);
      live.push(node);
    }
    return live.reverse();
  }

  #emit(node: Tensor): string {
    const name = leafName(node);
    if (name !== undefined) {
      const data = this.#embed.get(name);
      if (data !== undefined) {
        const shape = node.shape.map(coefficientOf);
        this.#once(`leaf ${name}`, () => this.#initializer(name, 'float32', shape, data), name);
      }
      return name;
    }
    if (isOp(node, constantOp)) {
      const { dtype, shape, data } = node.attributes;
      return this.#constant(dtype, shape, data);
    }
    return node.op.onnx(this, node, node.attributes);
  }

  #constant(type: DType | 'int64', shape: readonly number[], values: readonly number[]): string {
    const key = JSON.stringify([type, shape, values.map(v => (Object.is(v, -0) ? '-0' : String(v)))]);
    return this.#once(key, name => this.#initializer(name, type, shape, arrays[type](values)));
  }

  #initializer(name: string, type: DType | 'int64', shape: readonly number[], data: ArrayBufferView): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.initializers.push({ name, type, shape, bytes });
  }

  #once(key: string, emit: (name: string) => void, fixed?: string): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const name = fixed ?? `%${this.#count++}`;
    emit(name);
    this.#known.set(key, name);
    return name;
  }
}

const arrays: Readonly<Record<DType | 'int64', (values: readonly number[]) => ArrayBufferView>> = {
  float32: values => Float32Array.from(values),
  int32: values => Int32Array.from(values),
  int64: values => BigInt64Array.from(values, BigInt),
  uint8: values => Uint8Array.from(values),
  bool: values => Uint8Array.from(values),
};

// NodeProto
function writeNode(writer: ProtobufWriter, { opType, inputs, output, attributes }: Node): void {
  for (const name of inputs) writer.string(1, name);
  writer.string(2, output).string(4, opType);
  for (const [name, value] of Object.entries(attributes)) {
    writer.message(5, a => writeAttribute(a.string(1, name), value));
  }
}

// AttributeProto; `type` is AttributeProto.AttributeType.
function writeAttribute(writer: ProtobufWriter, value: OnnxAttribute): void {
  if (typeof value === 'number') writer.int(3, value).int(20, 2);
  else if (typeof value === 'string') writer.string(4, value).int(20, 3);
  else if ('float' in value) writer.float(2, value.float).int(20, 1);
  else {
    for (const element of value) writer.int(8, element);
    writer.int(20, 7);
  }
}

// TensorProto
function writeInitializer(writer: ProtobufWriter, { name, type, shape, bytes }: Initializer): void {
  for (const dim of shape) writer.int(1, dim);
  writer.int(2, onnxType[type]).string(8, name).bytes(9, bytes);
}

// ValueInfoProto > TypeProto > TypeProto.Tensor > TensorShapeProto > Dimension
function writeValueInfo(writer: ProtobufWriter, name: string, tensor: Tensor): void {
  writer.string(1, name).message(2, type =>
    type.message(1, t =>
      t.int(1, onnxType[tensor.dtype]).message(2, shape => {
        for (const dim of tensor.shape) {
          shape.message(1, d => (typeof dim === 'number' ? d.int(1, dim) : d.string(2, dim)));
        }
      }),
    ),
  );
}
