// −log p(x) by importance sampling (Burda, Grosse and Salakhutdinov 2016, "Importance Weighted Autoencoders", equation
// 8): log p(x) ≈ log 1/K Σₖ p(x|zₖ) p(zₖ) / q(zₖ|x) with zₖ drawn from the encoder's posterior. In expectation the
// estimate is a bound for every K, which tightens as K grows.

import { type Dataset, hostRows } from '../data/index.ts';
import { bindShape, type DType, type Graph, noisesOf, type Shape, sizeOf } from '../graph/index.ts';
import { createKernels } from '../kernels/index.ts';
import { conditionFeeds, type Model, type TrainedVae } from '../models/index.ts';
import {
  type DataOf,
  float32,
  type HostTensor,
  type HostTensors,
  type NoiseBuffers,
  noiseBuffers,
  noiseBytes,
  type Program,
  type RowTensor,
} from '../runtime/index.ts';
import { LogMeanExp } from './log-mean-exp.ts';
import { splitByNoise } from './split-graph.ts';
import { meanAndError } from './statistics.ts';

/** An estimate of −log p(x): nats a row, averaged over the rows. */
export interface NllEstimate {
  readonly nll: number;
  /** Of the mean over rows, as if the rows were drawn anew; the error of each row's own estimate is part of it. */
  readonly standardError: number;
  /** K, the draws of z for each row. */
  readonly samples: number;
  readonly rows: number;
}

export interface NllOptions {
  /** K. 500 unless told; the literature takes 5,000. */
  readonly samples?: number | undefined;
  /** Of the noise; 0 unless told. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Rows of one run at most, and numbers that its largest tensor may have: so much stays in a core's cache from op to op. */
const most = { rows: 500, numbers: 2 ** 19 };

/**
 * Estimates −log p(x) over a data set. The noise is keyed by (seed, row, sample): the same model and rows always give the
 * same figure, whatever they are batched with, and the first K samples are those of any larger K. Under dynamic
 * binarisation each row's pixels are drawn once, those that `evaluateBound` draws for the same seed.
 */
export async function estimateNll(vae: TrainedVae, data: Dataset, options: NllOptions = {}): Promise<NllEstimate> {
  const values = await rowNlls(vae, data, options);
  const { mean, standardError } = meanAndError(values);
  return { nll: mean, standardError, samples: options.samples ?? 500, rows: data.size };
}

/** The estimate of each row, in nats. */
export async function rowNlls(vae: TrainedVae, data: Dataset, options: NllOptions = {}): Promise<Float64Array> {
  const { samples = 500, seed = 0, signal, progress } = options;
  signal?.throwIfAborted();
  const nlls = new Float64Array(data.size);
  const sampler = await ImportanceSampler.open(vae);
  try {
    for (let start = 0; start < data.size; start += sampler.rows) {
      const end = Math.min(start + sampler.rows, data.size);
      await sampler.setRows(await hostRows(data, start, end), { seed, firstRow: start });
      const mean = new LogMeanExp(end - start);
      for (let sample = 0; sample < samples; sample++) {
        signal?.throwIfAborted();
        mean.add(await sampler.logWeights(sample));
        progress?.((start + ((end - start) * (sample + 1)) / samples) / data.size);
      }
      mean.values.forEach((value, i) => {
        nlls[start + i] = -value;
      });
    }
  } finally {
    await sampler.dispose();
  }
  return nlls;
}

interface Part {
  readonly graph: Graph;
  readonly program: Program;
}

/** What is allotted for one batch size. */
interface Buffers {
  readonly rows: number;
  readonly noise: NoiseBuffers;
  readonly drawnNoise: NoiseBuffers;
  readonly cut: HostTensors;
  readonly logWeight: HostTensor<'float32'>;
}

/** Log importance weights of rows, one draw after another; encodes the rows once. */
class ImportanceSampler {
  /** How many rows to give it at a time. */
  readonly rows: number;
  readonly #model: Model;
  readonly #fixed: Part;
  readonly #drawn: Part;
  readonly #parameters: HostTensors;
  #buffers: Buffers | undefined;
  #position = { seed: 0, firstRow: 0 };

  private constructor(model: Model, fixed: Part, drawn: Part, parameters: HostTensors) {
    this.#model = model;
    this.#fixed = fixed;
    this.#drawn = drawn;
    this.#parameters = parameters;
    const sizes = [...fixed.graph.order, ...drawn.graph.order].map(({ shape }) => sizeOf(shape));
    const widest = Math.max(...sizes.filter(({ power }) => power > 0).map(({ coefficient }) => coefficient));
    this.rows = Math.max(1, Math.min(most.rows, Math.floor(most.numbers / widest)));
  }

  static async open({ model, parameters, runtime }: TrainedVae): Promise<ImportanceSampler> {
    const { fixed, drawn } = splitByNoise(model.importanceGraph(), ({ name }) => name !== 'binarization');
    // Weights that are known beforehand are packed once for all products.
    const embed = new Map(Object.entries(parameters).map(([name, { data }]) => [name, data]));
    const part = async (graph: Graph): Promise<Part> => ({ graph, program: await runtime.compile(graph, embed) });
    return new ImportanceSampler(model, await part(fixed), await part(drawn), parameters);
  }

  /** Encodes rows, of which weights are then asked for. */
  async setRows(x: RowTensor, position: { readonly seed: number; readonly firstRow: number }): Promise<void> {
    const rows = x.shape[0] ?? 0;
    if (this.#buffers?.rows !== rows) this.#buffers = this.#allot(rows);
    this.#position = position;
    const { noise, cut } = this.#buffers;
    noise.fill({ ...position, step: 0 }, 'evaluate/');
    const conditions = conditionFeeds(this.#model, this.#fixed.graph, x);
    await this.#fixed.program.run({ ...this.#parameters, ...noise.feeds, ...conditions, x }, cut);
  }

  /** log p(x|z) + log p(z) − log q(z|x) at each row's draw of this number, [rows]; overwritten by the next call. */
  async logWeights(sample: number): Promise<Float32Array> {
    const { drawnNoise, cut, logWeight } = this.#buffers!;
    drawnNoise.fill({ ...this.#position, step: sample }, 'evaluate/');
    await this.#drawn.program.run({ ...this.#parameters, ...cut, ...drawnNoise.feeds }, { logWeight });
    return logWeight.data;
  }

  async dispose(): Promise<void> {
    await this.#fixed.program.dispose();
    await this.#drawn.program.dispose();
  }

  #allot(rows: number): Buffers {
    const noiseOf = ({ graph }: Part): NoiseBuffers => {
      const leaves = noisesOf(graph);
      return noiseBuffers(createKernels(noiseBytes(leaves, rows)), leaves, rows);
    };
    const cut = Object.entries(this.#fixed.graph.outputs).map(([name, { dtype, shape }]) => [
      name,
      emptyTensor(dtype, shape, rows),
    ]);
    return {
      rows,
      noise: noiseOf(this.#fixed),
      drawnNoise: noiseOf(this.#drawn),
      cut: Object.fromEntries(cut),
      logWeight: float32(new Float32Array(rows), [rows]),
    };
  }
}

const arrays: { readonly [D in DType]: new (length: number) => DataOf[D] } = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

function emptyTensor(dtype: DType, shape: Shape, batch: number): HostTensor {
  const bound = bindShape(shape, batch);
  const length = bound.reduce((a, b) => a * b, 1);
  return { dtype, shape: bound, data: new arrays[dtype](length) };
}
