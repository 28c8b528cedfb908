// What a runtime does for everything above it: compile a graph, run it. Nothing else knows which runtime it is.

import type { Graph } from '../graph/index.ts';
import type { Embedded } from '../onnx/index.ts';
import type { HostTensor } from './host.ts';

/** Host tensors by name. */
export type HostTensors = Readonly<Record<string, HostTensor>>;

/** Where graphs are executed. */
export interface Runtime {
  /** The device in use, for people and records: `cpu`, `webgpu`, ... */
  readonly device: string;
  /** Compiles a graph. Leaves in `embed` become constants; all others are fed at each run. */
  compile(graph: Graph, embed?: Embedded): Promise<Program>;
  /** Opens an ONNX model. */
  load(model: Uint8Array): Promise<Program>;
}

/** A compiled graph. Runs of one program must not overlap. */
export interface Program {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Runs the graph. Feeds are read in place and outputs named in `into` are written in place, without copies; the
   * runtime remembers the tensor objects, so pass the same objects again and change their contents.
   *
   * @returns the outputs, those in `into` as the same objects.
   */
  run(feeds: HostTensors, into?: HostTensors): Promise<Record<string, HostTensor>>;
  dispose(): Promise<void>;
}
