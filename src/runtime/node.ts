// ONNX Runtime in Node: native kernels on the CPU, WebGPU or CUDA where the platform has them.

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { LatentkitError } from '../errors.ts';
import { type DType, graph, input } from '../graph/index.ts';
import { emitOnnx } from '../onnx/index.ts';
import { add } from '../ops/index.ts';
import { type DataOf, float32, type HostTensor } from './host.ts';
import { isSentinelError, sentinel, withSentinel } from './in-place.ts';
import type { HostTensors, Program, Runtime } from './runtime.ts';

/** The devices that Latentkit knows in Node. */
export type NodeDevice = 'cpu' | 'webgpu' | 'cuda';

export interface NodeRuntimeOptions {
  /** Default `cpu`. */
  readonly device?: NodeDevice;
  /** Threads within an op; default: as many as cores. */
  readonly threads?: number;
}

type Ort = typeof import('onnxruntime-node');

/** Opens ONNX Runtime on a device. Throws a LatentkitError('runtime') that lists the devices this machine has. */
export async function nodeRuntime({ device = 'cpu', threads }: NodeRuntimeOptions = {}): Promise<Runtime> {
  const ort = await import('onnxruntime-node');
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    // Moments of pixels that never light up become denormal, and denormal arithmetic is many times slower.
    extra: { session: { set_denormal_as_zero: '1' } },
    logSeverityLevel: device === 'cpu' ? 3 : 4,
  };
  const load = async (model: Uint8Array): Promise<Program> => {
    try {
      return new NodeProgram(ort, await ort.InferenceSession.create(model, options));
    } catch (cause) {
      throw new LatentkitError('runtime', `ONNX Runtime refused the model: ${messageOf(cause)}`, { cause });
    }
  };
  if (device !== 'cpu') await probe(device, load, ort);
  return { device, load, compile: (graph, embed) => load(withSentinel(emitOnnx(graph, embed && { embed }))) };
}

/** Whether a device works here shows when a model is first opened on it, so a tiny one is. */
async function probe(device: string, load: (model: Uint8Array) => Promise<Program>, ort: Ort): Promise<void> {
  try {
    const program = await load(emitOnnx(graph({ y: add(input('x', ['N']), 1) })));
    await program.run({ x: float32(new Float32Array(1), [1]) });
    await program.dispose();
  } catch (cause) {
    const bundled = ort.listSupportedBackends().filter(backend => backend.bundled && backend.name !== device);
    const reason = messageOf(cause).split('\n')[0]!.slice(0, 200);
    throw new LatentkitError(
      'runtime',
      `device "${device}" cannot be used here (${reason}). Supported: ${bundled.map(({ name }) => name).join(', ')}.`,
      { cause },
    );
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

class NodeProgram implements Program {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #hasSentinel: boolean;
  readonly #known = new WeakMap<HostTensor, OrtTensor>();

  constructor(ort: Ort, session: InferenceSession) {
    this.#ort = ort;
    this.#session = session;
    this.inputs = session.inputNames;
    this.outputs = session.outputNames.filter(name => name !== sentinel);
    this.#hasSentinel = session.outputNames.includes(sentinel);
  }

  async run(feeds: HostTensors, into?: HostTensors): Promise<Record<string, HostTensor>> {
    const given: Record<string, OrtTensor> = {};
    for (const name of this.inputs) {
      const tensor = feeds[name];
      if (tensor === undefined) throw new LatentkitError('runtime', `the input "${name}" of the program was not fed`);
      given[name] = this.#wrap(tensor);
    }
    const fetches: Record<string, OrtTensor | null> = {};
    let inPlace = this.#hasSentinel;
    for (const name of this.outputs) {
      const target = into?.[name];
      fetches[name] = target === undefined ? null : this.#wrap(target);
      if (target === undefined) inPlace = false;
    }
    const results = inPlace ? await this.#runInPlace(given, fetches) : await this.#session.run(given, fetches);
    const out: Record<string, HostTensor> = {};
    for (const name of this.outputs) out[name] = into?.[name] ?? unwrap(results[name]!);
    return out;
  }

  /** A run whose outputs are all written in place, and none copied: see in-place.ts. */
  async #runInPlace(
    feeds: Record<string, OrtTensor>,
    fetches: Record<string, OrtTensor | null>,
  ): Promise<Record<string, OrtTensor>> {
    fetches[sentinel] = null;
    try {
      return await this.#session.run(feeds, fetches);
    } catch (error) {
      if (isSentinelError(error)) return {};
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  #wrap(tensor: HostTensor): OrtTensor {
    const known = this.#known.get(tensor);
    if (known !== undefined) return known;
    const wrapped = new this.#ort.Tensor(tensor.dtype, tensor.data, tensor.shape);
    this.#known.set(tensor, wrapped);
    return wrapped;
  }
}

function unwrap(tensor: OrtTensor): HostTensor {
  return { dtype: tensor.type as DType, shape: tensor.dims, data: tensor.data as DataOf[DType] };
}
