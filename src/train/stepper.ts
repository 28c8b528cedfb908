// One training step, without copies: the batch, the noise, the parameters and the gradients lie in the kernels' memory;
// the runtime reads and writes them there, and one fused kernel updates the parameters. An adversary's have an optimiser
// of their own; a state becomes what the graph says.

import type { Terms, TrainingConfig } from '../artifact/index.ts';
import { type Dataset, hostTensorOf, rowSize } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { type Graph, inputOp, isOp, noisesOf } from '../graph/index.ts';
import { alignedBytes, createKernels, type Kernels } from '../kernels/index.ts';
import { adversaryOptimizer, type Model } from '../models/index.ts';
import { createOptimizer, type Optimizer, type OptimizerConfig, stateBytes } from '../optim/index.ts';
import {
  float32,
  type HostTensor,
  type HostTensors,
  initializeParameters,
  int32,
  layoutOf,
  type NoiseBuffers,
  noiseBuffers,
  noiseBytes,
  type ParameterLayout,
  type ParameterViews,
  type Program,
  partOf,
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

/** Parameters with the optimiser that changes them. */
interface Trainee {
  readonly optimizer: Optimizer;
  /** Its base learning rate: what a schedule scales for one, it scales for all. */
  readonly learningRate: number;
}

/** The moving parts of a training run. */
export class Stepper {
  readonly layout: ParameterLayout;
  /** The flat parameter buffer, and its views by name. */
  readonly buffer: Float32Array;
  /** The parameters to evaluate and keep, as of the last call of `average`: their moving average where there is one. */
  readonly averaged: Float32Array;
  readonly parameters: ParameterViews;
  readonly #model: Trainee;
  readonly #adversary: Trainee | undefined;
  /** Of the model's parameters, summed over the last step's batch. */
  readonly #gradients: Float32Array;
  /** The states, and what they become: a part of the buffer, and as much beside it. */
  readonly #state: { readonly now: Float32Array; readonly next: Float32Array };
  readonly #kernels: Kernels;
  readonly #program: Program;
  readonly #data: Dataset;
  readonly #seed: number;
  readonly #batch: ReturnType<typeof hostTensorOf>;
  /** What the model is conditional on, of the batch's rows. */
  readonly #label: HostTensor<'int32'> | undefined;
  readonly #attributes: HostTensor<'float32'> | undefined;
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
    const opponent = adversaryOptimizer(model.spec.objective);
    const [modelPart, adversaryPart, statePart] = (['model', 'adversary', 'state'] as const).map(role =>
      partOf(this.layout, role),
    ) as [Part, Part, Part];
    this.#kernels = createKernels(
      2 * alignedBytes(4 * length) +
        stateBytes(optimizer, sizeOf(modelPart)) +
        (opponent ? stateBytes(opponent, sizeOf(adversaryPart)) : 0) +
        noiseBytes(leaves, batchSize) +
        alignedBytes(4 * batchLength),
    );
    this.buffer = this.#kernels.float32(length);
    initializeParameters(this.layout, this.buffer, seed);
    // Beside each parameter lies its gradient, beside each state what it becomes.
    const beside = this.#kernels.float32(length);
    this.parameters = viewsOf(this.layout, this.buffer);
    const trainee = (config: OptimizerConfig, part: Part): Trainee => ({
      optimizer: createOptimizer(this.#kernels, config, this.buffer.subarray(...part), beside.subarray(...part)),
      learningRate: config.learningRate,
    });
    this.#model = trainee(optimizer, modelPart);
    this.#gradients = beside.subarray(...modelPart);
    this.#adversary = opponent && trainee(opponent, adversaryPart);
    this.#state = { now: this.buffer.subarray(...statePart), next: beside.subarray(...statePart) };
    this.#state.next.set(this.#state.now);
    this.averaged = optimizer.ema === undefined ? this.buffer : this.buffer.slice();
    this.#noise = noiseBuffers(this.#kernels, leaves, batchSize);
    const array = data.dtype === 'uint8' ? this.#kernels.uint8(batchLength) : this.#kernels.float32(batchLength);
    this.#batch = hostTensorOf(array, [batchSize, ...data.shape]);
    this.#program = program;
    this.#data = data;
    this.#seed = seed;
    this.#scalars = scalarInputs(model.stepGraph());
    const { leaves: inputs } = model.stepGraph();
    this.#label = inputs.has('label') ? int32(new Int32Array(batchSize), [batchSize]) : undefined;
    const width = data.attributes?.names.length ?? 0;
    this.#attributes = inputs.has('attributes')
      ? float32(new Float32Array(batchSize * width), [batchSize, width])
      : undefined;
    this.#feeds = {
      ...this.parameters,
      ...this.#noise.feeds,
      ...this.#scalars,
      x: this.#batch,
      ...(this.#label && { label: this.#label }),
      ...(this.#attributes && { attributes: this.#attributes }),
    };
    const written = { ...viewsOf(this.layout, beside, 'gradient/'), ...viewsOf(this.layout, beside, 'state/') };
    const { outputs } = model.stepGraph();
    this.#into = { ...Object.fromEntries(Object.entries(written).filter(([name]) => name in outputs)), ...this.#terms };
  }

  /**
   * Takes one step on a batch of rows. Where the loss is not finite nothing is changed. Where the norm of gradients that
   * are to be clipped is not finite, the loss is given as NaN, and the state is to be taken back.
   *
   * @returns the batch means of the terms, nats a row.
   */
  async step(rows: Uint32Array, { step, learningRate, scalars }: StepSettings): Promise<Terms> {
    this.#read(rows);
    this.#noise.fill({ seed: this.#seed, step });
    for (const [name, { data }] of Object.entries(this.#scalars)) data[0] = scalars[name]!;
    await this.#program.run(this.#feeds, this.#into);
    const mean = (name: 'loss' | 'reconstruction' | 'kl'): number => this.#terms[name].data[0]! / rows.length;
    const terms = { loss: mean('loss'), reconstruction: mean('reconstruction'), kl: mean('kl') };
    if (!Number.isFinite(terms.loss)) return terms;
    try {
      const { optimizer, learningRate: base } = this.#model;
      optimizer.step(learningRate, step, 1 / rows.length);
      this.#adversary?.optimizer.step((learningRate / base) * this.#adversary.learningRate, step, 1 / rows.length);
      this.#state.now.set(this.#state.next);
    } catch (error) {
      if (error instanceof LatentkitError && error.code === 'training') return { ...terms, loss: Number.NaN };
      throw error;
    }
    return terms;
  }

  #read(rows: Uint32Array): void {
    const { labels, attributes } = this.#data;
    this.#data.read(rows, this.#batch.data);
    if (labels)
      this.#label?.data.forEach((_, i, label) => {
        label[i] = labels.values[rows[i]!]!;
      });
    if (this.#attributes) attributes?.read(rows, this.#attributes.data);
  }

  /** Whether every parameter is finite. */
  isFinite(): boolean {
    return this.#kernels.allFinite(this.buffer);
  }

  /** The norm of the last step's gradient, the mean over its batch, before clipping. */
  gradientNorm(): number {
    return Math.sqrt(this.#kernels.sumOfSquares(this.#gradients)) / this.#batch.shape[0]!;
  }

  /** Brings `averaged` up to date. */
  average(): void {
    const { ema } = this.#model.optimizer.state;
    if (ema === undefined) return;
    this.averaged.set(this.buffer);
    this.averaged.set(ema);
  }

  /** The buffers that, with the counters, are the whole state of training. Their contents may be read and written. */
  get state(): Readonly<Record<string, Float32Array>> {
    const opponent = Object.entries(this.#adversary?.optimizer.state ?? {});
    return {
      parameters: this.buffer,
      ...this.#model.optimizer.state,
      ...Object.fromEntries(opponent.map(([name, data]) => [`adversary.${name}`, data])),
    };
  }

  async dispose(): Promise<void> {
    await this.#program.dispose();
  }
}

type Part = ReturnType<typeof partOf>;

function sizeOf([start, end]: Part): number {
  return end - start;
}

/** A tensor for each scalar that a graph is fed. */
function scalarInputs({ leaves }: Graph): HostTensors {
  const scalars = [...leaves].filter(([, leaf]) => isOp(leaf, inputOp) && leaf.shape.length === 0);
  return Object.fromEntries(scalars.map(([name]) => [name, float32(new Float32Array(1), [])]));
}
