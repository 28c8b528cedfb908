// A graph of rows with all that it needs of the model embedded, run in batches of one size.

import { bindShape, type Graph, graph, isSymbolic, noisesOf, sizeOf, type Tensor } from '../../graph/index.ts';
import { createKernels } from '../../kernels/index.ts';
import { checkRows, conditionFeeds, type Model, type TrainedVae } from '../../models/index.ts';
import {
  float32,
  type HostTensor,
  type HostTensors,
  noiseBuffers,
  noiseBytes,
  type Program,
  type RowTensor,
} from '../../runtime/index.ts';
import { batchRows, inBatches } from './batches.ts';

/** What was fitted, by name. */
export type Tensors = Readonly<Record<string, HostTensor<'float32'>>>;

export class RowProgram {
  readonly #model: Model;
  readonly #graph: Graph;
  readonly #program: Program;
  readonly #into: Readonly<Record<string, HostTensor<'float32'>>>;
  /** Runs of a program must not overlap. */
  #previous: Promise<unknown> = Promise.resolve();

  private constructor(model: Model, built: Graph, program: Program) {
    this.#model = model;
    this.#graph = built;
    this.#program = program;
    const outputs = Object.entries(built.outputs).map(([name, { shape }]) => [name, emptyRows(shape)] as const);
    this.#into = Object.fromEntries(outputs);
  }

  /** @param fitted what other leaves than the model's parameters hold. */
  static async open(
    { model, parameters, runtime }: TrainedVae,
    outputs: Readonly<Record<string, Tensor>>,
    fitted: Tensors = {},
  ): Promise<RowProgram> {
    const built = graph(outputs);
    const embed = new Map(Object.entries({ ...parameters, ...fitted }).map(([name, { data }]) => [name, data]));
    return new RowProgram(model, built, await runtime.compile(built, embed));
  }

  /**
   * Each output for the rows, laid flat.
   * @param more feeds for a batch, the same for each; a function where they are of its rows.
   * @throws LatentkitError `data` where the rows are not what the model takes.
   */
  run(rows: RowTensor, more: HostTensors = {}): Promise<Record<string, Float32Array>> {
    const result = this.#previous.then(() => this.#run(rows, more));
    this.#previous = result.catch(() => undefined);
    return result;
  }

  async #run(rows: RowTensor, more: HostTensors): Promise<Record<string, Float32Array>> {
    const total = checkRows(this.#model, this.#graph, 'x', rows);
    const widths = Object.entries(this.#into).map(([name, { data }]) => [name, data.length / batchRows] as const);
    const results = Object.fromEntries(widths.map(([name, width]) => [name, new Float32Array(total * width)]));
    await inBatches(rows, async (x, { start, count }) => {
      await this.#program.run({ ...more, ...conditionFeeds(this.#model, this.#graph, x), x }, this.#into);
      for (const [name, width] of widths) {
        results[name]!.set(this.#into[name]!.data.subarray(0, count * width), start * width);
      }
    });
    return results;
  }

  /** The noise of draw number `draw`, the same for every row. */
  sharedNoise(seed: number, draw: number): HostTensors {
    const leaves = noisesOf(this.#graph);
    const one = noiseBuffers(createKernels(noiseBytes(leaves, 1)), leaves, 1);
    one.fill({ seed, step: draw }, 'detection/');
    return Object.fromEntries(leaves.map(({ name, shape }) => [name, repeated(one.feeds[name]!, shape)]));
  }

  dispose(): Promise<void> {
    return this.#program.dispose();
  }
}

/** What one row of a batch takes, for all of its rows. */
function repeated(one: HostTensor<'float32'>, shape: Tensor['shape']): HostTensor<'float32'> {
  if (!shape.some(isSymbolic)) return { ...one, data: one.data.slice() };
  const all = emptyRows(shape);
  for (let row = 0; row < batchRows; row++) all.data.set(one.data, row * one.data.length);
  return all;
}

/** A tensor of a batch. */
function emptyRows(shape: Tensor['shape']): HostTensor<'float32'> {
  const { coefficient, power } = sizeOf(shape);
  return float32(new Float32Array(coefficient * batchRows ** power), bindShape(shape, batchRows));
}
