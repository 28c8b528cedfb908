// One training step, without copies: the batch, the noise, the parameters and the gradients lie in the kernels' memory;
// the runtime reads and writes them there, and one fused kernel updates the parameters.

import type { Terms, TrainingConfig } from '../artifact/index.ts';
import { type Dataset, hostTensorOf, rowSize } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type Graph, inputOp, isOp, noisesOf } from '../graph/index.ts';
import { alignedBytes, createKernels, type Kernels } from '../kernels/index.ts';
import type { Model } from '../models/index.ts';
import { createOptimizer, type Optimizer, stateBytes } from '../optim/index.ts';
import {
  float32,
  type HostTensors,
  initializeParameters,
  layoutOf,
  type NoiseBuffers,
  noiseBuffers,
  noiseBytes,
  type ParameterLayout,
  type ParameterViews,
  type Program,
  type Runtime,
  viewsOf,
} from '../runtime/index.ts';

/** What one step depends on beside the rows and the state. */
export interface StepSettings {
  /** Counted from 1. */
  readonly step: number;
  readonly learningRate: number;
  /** The objective's scalars, by name. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** The moving parts of a training run. */
export class Stepper {
  readonly layout: ParameterLayout;
  /** The flat parameter buffer, and its views by name. */
  readonly buffer: Float32Array;
  readonly parameters: ParameterViews;
  readonly optimizer: Optimizer;
  readonly #kernels: Kernels;
  readonly #program: Program;
  readonly #data: Dataset;
  readonly #seed: number;
  readonly #batch: ReturnType<typeof hostTensorOf>;
  readonly #scalars: HostTensors;
  readonly #noise: NoiseBuffers;
  readonly #feeds: HostTensors;
  readonly #into: HostTensors;
  readonly #terms = {
    loss: float32(new Float32Array(1), []),
    reconstruction: float32(new Float32Array(1), []),
    kl: float32(new Float32Array(1), []),
  };

  static async create(model: Model, data: Dataset, config: TrainingConfig, runtime: Runtime): Promise<Stepper> {
    return new Stepper(model, data, config, await runtime.compile(model.stepGraph()));
  }

  private constructor(model: Model, data: Dataset, config: TrainingConfig, program: Program) {
    const { batchSize, seed, optimizer } = config;
    const leaves = noisesOf(model.stepGraph());
    const batchLength = batchSize * rowSize(data);
    this.layout = layoutOf(model.parameters);
    const { length } = this.layout;
    this.#kernels = createKernels(
      2 * alignedBytes(4 * length) +
        stateBytes(optimizer, length) +
        noiseBytes(leaves, batchSize) +
        alignedBytes(4 * batchLength),
    );
    this.buffer = this.#kernels.float32(length);
    initializeParameters(this.layout, this.buffer, seed);
    const gradients = this.#kernels.float32(length);
    this.parameters = viewsOf(this.layout, this.buffer);
    this.optimizer = createOptimizer(this.#kernels, optimizer, this.buffer, gradients);
    this.#noise = noiseBuffers(this.#kernels, leaves, batchSize);
    const array = data.dtype === 'uint8' ? this.#kernels.uint8(batchLength) : this.#kernels.float32(batchLength);
    this.#batch = hostTensorOf(array, [batchSize, ...data.shape]);
    this.#program = program;
    this.#data = data;
    this.#seed = seed;
    this.#scalars = scalarInputs(model.stepGraph());
    this.#feeds = { ...this.parameters, ...this.#noise.feeds, ...this.#scalars, x: this.#batch };
    this.#into = { ...viewsOf(this.layout, gradients, 'gradient/'), ...this.#terms };
  }

  /**
   * Takes one step on a batch of rows. Where the loss is not finite the parameters are left as they were; so they are
   * where the norm of gradients that are to be clipped is not finite, and the loss is then given as NaN.
   *
   * @returns the batch means of the terms, nats a row.
   */
  async step(rows: Uint32Array, { step, learningRate, scalars }: StepSettings): Promise<Terms> {
    this.#data.read(rows, this.#batch.data);
    this.#noise.fill({ seed: this.#seed, step });
    for (const [name, { data }] of Object.entries(this.#scalars)) data[0] = scalars[name]!;
    await this.#program.run(this.#feeds, this.#into);
    const mean = (name: 'loss' | 'reconstruction' | 'kl'): number => this.#terms[name].data[0]! / rows.length;
    const terms = { loss: mean('loss'), reconstruction: mean('reconstruction'), kl: mean('kl') };
    if (!Number.isFinite(terms.loss)) return terms;
    try {
      this.optimizer.step(learningRate, step, 1 / rows.length);
    } catch (error) {
      if (error instanceof LatentkitError && error.code === 'training') return { ...terms, loss: Number.NaN };
      throw error;
    }
    return terms;
  }

  /** Whether every parameter is finite. */
  isFinite(): boolean {
    return this.#kernels.allFinite(this.buffer);
  }

  /** The parameters to evaluate and keep: their moving average where the optimiser has one. */
  get averaged(): Float32Array {
    return this.optimizer.state.ema ?? this.buffer;
  }

  /** The buffers that, with the counters, are the whole state of training. Their contents may be read and written. */
  get state(): Readonly<Record<string, Float32Array>> {
    return { parameters: this.buffer, ...this.optimizer.state };
  }

  async dispose(): Promise<void> {
    await this.#program.dispose();
  }
}

/** A tensor for each scalar that a graph is fed. */
function scalarInputs({ leaves }: Graph): HostTensors {
  const scalars = [...leaves].filter(([, leaf]) => isOp(leaf, inputOp) && leaf.shape.length === 0);
  return Object.fromEntries(scalars.map(([name]) => [name, float32(new Float32Array(1), [])]));
}
