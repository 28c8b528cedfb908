// ONNX Runtime in Node: native kernels on the CPU, WebGPU or CUDA where the platform has them.

import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-common';
import { LatentkitError } from '../errors.ts';
import type { DType } from '../graph/index.ts';
import { emitOnnx } from '../onnx/index.ts';
import type { DataOf, HostTensor } from './host.ts';
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
  const supported = ort.listSupportedBackends().map(backend => backend.name);
  if (!supported.includes(device)) throw unsupported(device, supported);
  const options: InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    // Moments of pixels that never light up become denormal, and denormal arithmetic is many times slower.
    extra: { session: { set_denormal_as_zero: '1' } },
    logSeverityLevel: 3,
  };
  const load = async (model: Uint8Array): Promise<Program> => {
    try {
      return new NodeProgram(ort, await ort.InferenceSession.create(model, options));
    } catch (cause) {
      if (device === 'cpu') {
        throw new LatentkitError('runtime', `ONNX Runtime refused the model: ${messageOf(cause)}`, { cause });
      }
      throw unsupported(device, supported, cause);
    }
  };
  return { device, load, compile: (graph, embed) => load(emitOnnx(graph, embed && { embed })) };
}

function unsupported(device: string, supported: readonly string[], cause?: unknown): LatentkitError {
  const rest = supported.filter(name => name !== device);
  return new LatentkitError(
    'runtime',
    `device "${device}" cannot be used here${cause === undefined ? '' : ` (${messageOf(cause)})`}; ` +
      `expected one of: ${rest.join(', ')}`,
    { cause },
  );
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

class NodeProgram implements Program {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #known = new WeakMap<HostTensor, OrtTensor>();

  constructor(ort: Ort, session: InferenceSession) {
    this.#ort = ort;
    this.#session = session;
    this.inputs = session.inputNames;
    this.outputs = session.outputNames;
  }

  async run(feeds: HostTensors, into?: HostTensors): Promise<Record<string, HostTensor>> {
    const given: Record<string, OrtTensor> = {};
    for (const name of this.inputs) {
      const tensor = feeds[name];
      if (tensor === undefined) throw new LatentkitError('runtime', `the input "${name}" of the program was not fed`);
      given[name] = this.#wrap(tensor);
    }
    const fetches: Record<string, OrtTensor | null> = {};
    for (const name of this.outputs) {
      const target = into?.[name];
      fetches[name] = target === undefined ? null : this.#wrap(target);
    }
    const results = await this.#session.run(given, fetches);
    const out: Record<string, HostTensor> = {};
    for (const name of this.outputs) out[name] = into?.[name] ?? unwrap(results[name]!);
    return out;
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
