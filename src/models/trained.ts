// A model with its parameters on a runtime: what can be asked of it by rows of data, in batches, whatever compiled it.

import { checkCells } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { bindShape, type Graph, noisesOf } from '../graph/index.ts';
import { createKernels } from '../kernels/index.ts';
import {
  float32,
  type HostTensor,
  type HostTensors,
  type NoiseBuffers,
  type NoisePosition,
  noiseBuffers,
  noiseBytes,
  type ParameterViews,
  type Program,
  type RowTensor,
  type Runtime,
} from '../runtime/index.ts';
import type { Model } from './build.ts';
import { conditionFeeds, drawnConditions, inferredLabels } from './companions.ts';
import { priorOf } from './priors/index.ts';

/** The graphs of a model that map rows to rows. */
export type RowGraph =
  | 'bound'
  | 'encoder'
  | 'posterior'
  | 'decoder'
  | 'output'
  | 'reconstruct'
  | 'score'
  | 'attribution'
  | 'observation';

/** Float32 results by name, one row for each row given. Codes carry the label and attributes of their rows. */
export type Rows = Readonly<Record<string, RowTensor<'float32'>>>;

interface Compiled {
  readonly graph: Graph;
  readonly program: Program;
  noise?: { readonly batch: number; readonly buffers: NoiseBuffers };
}

const graphs: Readonly<Record<RowGraph | 'prior', (model: Model) => Graph>> = {
  bound: model => model.boundGraph(),
  encoder: model => model.encoderGraph(),
  posterior: model => model.posteriorGraph(),
  decoder: model => model.decoderGraph(),
  output: model => model.outputGraph(),
  observation: model => model.observationGraph(),
  reconstruct: model => model.reconstructGraph(),
  score: model => model.scoreGraph(),
  attribution: model => model.attributionGraph(),
  prior: model => model.priorGraph(),
};

export interface DrawOptions {
  /** 0 unless told. */
  readonly seed?: number | undefined;
  /** What the prior's normal noise is multiplied by (for N(0, I), its standard deviation): below 1, likelier and less varied codes; a flat prior has none. 1 unless told. */
  readonly temperature?: number | undefined;
  /** Of a model conditional on classes, the class of all codes; each class in turn unless told. */
  readonly label?: number | undefined;
  /** Of a model conditional on attributes, those of each code: [count, width]. */
  readonly attributes?: HostTensor<'float32'> | undefined;
}

/** The graphs whose rows are codes. */
const ofCodes: ReadonlySet<RowGraph> = new Set(['decoder', 'output', 'observation']);

/** Rows of one run of a program; more are given to it in turn. */
const batchRows = 500;

/** A model that can be run. Its programs are compiled when they are first asked for. */
export class TrainedVae {
  readonly model: Model;
  /** The parameters by name. Changing their contents changes what the model computes. */
  readonly parameters: ParameterViews;
  readonly runtime: Runtime;
  readonly #compiled = new Map<keyof typeof graphs, Promise<Compiled>>();
  /** The end of the last run that was asked for: programs and their noise buffers serve one run at a time. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(model: Model, parameters: ParameterViews, runtime: Runtime) {
    this.model = model;
    this.parameters = parameters;
    this.runtime = runtime;
  }

  /**
   * Runs one of the model's graphs over rows: data ([n, ...input shape], of the spec's dtype) or, for the decoder
   * and its output, latents ([n, latent]). Noise is keyed by the row, so results do not depend on how rows are put into batches. Runs
   * that are asked for at once are done one after another.
   *
   * @throws LatentkitError `data` where the rows are not what the model takes, or lack what it is conditional on.
   */
  run(name: RowGraph, rows: RowTensor, noise: NoisePosition = { seed: 0, step: 0 }): Promise<Rows> {
    return this.#inTurn(() => this.#run(name, rows, noise));
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#previous.then(run);
    this.#previous = result.catch(() => undefined);
    return result;
  }

  async #run(name: RowGraph, rows: RowTensor, noise: NoisePosition): Promise<Rows> {
    const compiled = await this.#compile(name);
    const input = ofCodes.has(name) ? 'z' : 'x';
    const count = checkRows(this.model, compiled.graph, input, rows);
    const conditions = conditionFeeds(this.model, compiled.graph, rows);
    const outputs = Object.entries(compiled.graph.outputs).map(([output, { shape }]) => {
      const bound = bindShape(shape, count);
      return [output, float32(new Float32Array(bound.reduce((a, b) => a * b, 1)), bound)] as const;
    });
    for (let start = 0; start < count; start += batchRows) {
      const end = Math.min(start + batchRows, count);
      const feeds = {
        ...this.parameters,
        ...this.#noise(compiled, end - start, { ...noise, firstRow: (noise.firstRow ?? 0) + start }, 'evaluate/'),
        ...rangesOf(conditions, start, end),
        [input]: rowRange(rows, start, end),
      };
      const into = Object.fromEntries(outputs.map(([output, tensor]) => [output, rowRange(tensor, start, end)]));
      await compiled.program.run(feeds, into);
    }
    const results = Object.fromEntries(outputs);
    const codes = name === 'encoder' ? 'mean' : name === 'posterior' ? 'z' : undefined;
    if (codes === undefined || this.model.spec.condition === undefined) return results;
    const { attributes } = rows;
    const label = inferredLabels(rows.label, results.labelProbability);
    return { ...results, [codes]: { ...results[codes]!, ...(label && { label }), ...(attributes && { attributes }) } };
  }

  /** Codes drawn from the model's prior, [count, latent]: a function of the seed and each code's place alone. */
  drawLatents(count: number, options: DrawOptions = {}): Promise<RowTensor<'float32'>> {
    return this.#inTurn(() => this.#drawLatents(count, options));
  }

  async #drawLatents(count: number, options: DrawOptions): Promise<RowTensor<'float32'>> {
    const { latent, prior } = this.model.spec;
    const { seed = 0 } = options;
    const temperature = priorOf(prior).flat ? 1 : (options.temperature ?? 1);
    const compiled = await this.#compile('prior');
    const z = {
      ...float32(new Float32Array(count * latent), [count, latent]),
      ...drawnConditions(this.model.spec, count, options),
    };
    const conditions = conditionFeeds(this.model, compiled.graph, z);
    const normals = noisesOf(compiled.graph).filter(({ distribution }) => distribution === 'normal');
    for (let start = 0; start < count; start += batchRows) {
      const end = Math.min(start + batchRows, count);
      const noise = this.#noise(compiled, end - start, { seed, step: 0, firstRow: start }, 'generate/');
      for (const { name } of normals) {
        const { data } = noise[name]!;
        data.forEach((value, i) => {
          data[i] = value * temperature;
        });
      }
      const feeds = { ...this.parameters, ...noise, ...rangesOf(conditions, start, end) };
      await compiled.program.run(feeds, { z: rowRange(z, start, end) });
    }
    return z;
  }

  /** Frees the compiled programs. */
  async dispose(): Promise<void> {
    const compiled = await Promise.all(this.#compiled.values());
    this.#compiled.clear();
    for (const { program } of compiled) await program.dispose();
  }

  #compile(name: keyof typeof graphs): Promise<Compiled> {
    const known = this.#compiled.get(name);
    if (known !== undefined) return known;
    const graph = graphs[name](this.model);
    const compiled = this.runtime.compile(graph).then(program => ({ graph, program }));
    this.#compiled.set(name, compiled);
    return compiled;
  }

  #noise(compiled: Compiled, batch: number, position: NoisePosition, purpose: string): NoiseBuffers['feeds'] {
    const leaves = noisesOf(compiled.graph);
    if (leaves.length === 0) return {};
    if (compiled.noise?.batch !== batch) {
      const buffers = noiseBuffers(createKernels(noiseBytes(leaves, batch)), leaves, batch);
      compiled.noise = { batch, buffers };
    }
    compiled.noise.buffers.fill(position, purpose);
    return compiled.noise.buffers.feeds;
  }
}

/**
 * The number of rows, which are checked against the leaf of a graph that they are to be fed to.
 * @throws LatentkitError `data` where they are not what the model takes.
 */
export function checkRows({ spec }: Pick<Model, 'spec'>, graph: Graph, input: string, rows: HostTensor): number {
  const leaf = graph.leaves.get(input);
  const [count, ...row] = rows.shape;
  const expected = leaf?.shape.slice(1) ?? [];
  if (count === undefined || row.join() !== expected.join() || rows.dtype !== leaf?.dtype) {
    throw new LatentkitError(
      'data',
      `the model takes rows of ${leaf?.dtype} [${expected.join(', ')}], got ${rows.dtype} [${row.join(', ')}]. ` +
        'Resize or convert the data, or use a model that was trained on data of this shape.',
    );
  }
  const { columns } = spec.input;
  if (columns !== undefined && input === 'x') checkCells(rows.data, columns, 'the rows');
  return count;
}

/** Rows `start` up to, not including, `end`, as a view, with what belongs to them. */
export function rowRange<T extends RowTensor>(tensor: T, start: number, end: number): T {
  const [, ...row] = tensor.shape;
  const width = row.reduce((a, b) => a * b, 1);
  const { label, attributes } = tensor;
  return {
    ...tensor,
    shape: [end - start, ...row],
    data: tensor.data.subarray(start * width, end * width),
    ...rangesOf({ ...(label && { label }), ...(attributes && { attributes }) }, start, end),
  };
}

/** The same rows of several tensors. */
function rangesOf(tensors: HostTensors, start: number, end: number): HostTensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, rowRange(tensor, start, end)]));
}
