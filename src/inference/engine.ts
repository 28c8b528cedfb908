// The target's graphs on a runtime, for the chains of some rows at a time.

import { type Graph, noisesOf } from '../graph/index.ts';
import { createKernels } from '../kernels/index.ts';
import { companionsAt, conditionFeeds, type TrainedVae } from '../models/index.ts';
import {
  float32,
  type HostTensor,
  type HostTensors,
  type NoiseBuffers,
  noiseBuffers,
  noiseBytes,
  type Program,
  type RowTensor,
} from '../runtime/index.ts';
import type { Noise } from './noise.ts';
import { type GraphName, levelIsUnknown, targetGraphs } from './target.ts';

/** Rows whose codes are to be inferred. */
export interface Observed {
  /** [rows, ...shape] on the scale of [0, 1], NaN where nothing was seen; with the condition of each row. */
  readonly y: RowTensor<'float32'>;
  readonly chains: number;
  /** Of each chain its class, where a row's own is not taken: [chains]. */
  readonly classes?: readonly number[] | undefined;
  /** The place of the first row among all, by which noise is keyed. */
  readonly firstRow: number;
}

/** What states say of rows, each [count, ...]. */
export interface Restored {
  readonly mean: HostTensor<'float32'>;
  readonly variance: HostTensor<'float32'>;
  /** log p(y|z) in nats. */
  readonly logLikelihood: HostTensor<'float32'>;
  /** Of noisy rows. */
  readonly level?: HostTensor<'float32'> | undefined;
}

interface Part {
  readonly graph: Graph;
  readonly program: Program;
}

/** The compiled target of a model and a kind of noise. */
export class Engine {
  readonly vae: TrainedVae;
  readonly noise: Noise | undefined;
  /** Numbers of one chain's state: the code's and, where it is unknown, the level's coordinate. */
  readonly dimensions: number;
  readonly #graphs: Readonly<Record<GraphName, () => Graph>>;
  readonly #parts = new Map<GraphName, Promise<Part>>();

  constructor(vae: TrainedVae, noise?: Noise) {
    const { spec } = vae.model;
    this.vae = vae;
    this.noise = noise;
    this.dimensions = spec.latent + Number(levelIsUnknown(noise));
    this.#graphs = targetGraphs(spec, noise);
  }

  /** The program of a graph, compiled when it is first asked for. */
  part(name: GraphName): Promise<Part> {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const { parameters, runtime } = this.vae;
    const graph = this.#graphs[name]();
    // Weights that are known beforehand are packed once for all products.
    const embed = new Map(Object.entries(parameters).map(([parameter, { data }]) => [parameter, data]));
    const part = runtime.compile(graph, embed).then(program => ({ graph, program }));
    this.#parts.set(name, part);
    return part;
  }

  async dispose(): Promise<void> {
    const parts = await Promise.all(this.#parts.values());
    this.#parts.clear();
    for (const { program } of parts) await program.dispose();
  }
}

/** The chains of some rows: their states, and what the target says of them. Those of a row stand together. */
export class Chains {
  readonly observed: Observed;
  readonly rows: number;
  /** Chains of all rows. */
  readonly count: number;
  readonly dimensions: number;
  /** [count, dimensions], to be written before a call. */
  readonly state: Float32Array;
  /** log p(y, z) [count] in nats, as the last call left it. */
  readonly logJoint: Float32Array;
  /** By the state [count, dimensions], as `evaluate` left it. */
  readonly gradient: Float32Array;
  readonly #engine: Engine;
  readonly #tensors: Readonly<Record<'state' | 'logJoint' | 'gradient', HostTensor<'float32'>>>;
  readonly #feeds: RowTensor;
  readonly #level: HostTensor<'float32'>;
  #noise: NoiseBuffers | undefined;

  constructor(engine: Engine, observed: Observed) {
    const { y, chains, classes } = observed;
    const [rows = 0, ...shape] = y.shape;
    this.observed = observed;
    this.rows = rows;
    this.count = rows * chains;
    this.dimensions = engine.dimensions;
    this.#engine = engine;
    const own = [this.count, this.dimensions];
    this.#tensors = {
      state: float32(new Float32Array(this.count * this.dimensions), own),
      logJoint: float32(new Float32Array(this.count), [this.count]),
      gradient: float32(new Float32Array(this.count * this.dimensions), own),
    };
    this.state = this.#tensors.state.data;
    this.logJoint = this.#tensors.logJoint.data;
    this.gradient = this.#tensors.gradient.data;
    this.#level = float32(new Float32Array(this.count).fill(engine.noise?.level ?? 0), [this.count]);
    const owners = Array.from({ length: this.count }, (_, i) => Math.floor(i / chains));
    const width = y.data.length / rows;
    const repeated = new Float32Array(this.count * width);
    owners.forEach((row, i) => {
      repeated.set(y.data.subarray(row * width, (row + 1) * width), i * width);
    });
    const label = classes && Int32Array.from(owners, (_, i) => classes[i % chains]!);
    this.#feeds = {
      ...float32(repeated, [this.count, ...shape]),
      ...companionsAt(y, owners),
      ...(label && { label: { dtype: 'int32', shape: [this.count], data: label } }),
    };
  }

  /** Whether all of a row is uncertain, and not only what was not seen. */
  get noisy(): boolean {
    return this.#engine.noise !== undefined;
  }

  /** The places in a row whose numbers are categories. */
  get categories(): readonly number[] {
    const { columns = [] } = this.#engine.vae.model.spec.input;
    return columns.flatMap(({ type }, place) => (type === 'categorical' ? [place] : []));
  }

  /** As many chains over other rows. */
  over(y: RowTensor<'float32'>): Chains {
    return new Chains(this.#engine, { ...this.observed, y: { ...this.observed.y, data: y.data } });
  }

  /** The row that a chain is of. */
  rowOf(chain: number): number {
    return Math.floor(chain / this.observed.chains);
  }

  /** log p(y, z) and its gradient at the states. */
  async evaluate(): Promise<void> {
    const { logJoint, gradient } = this.#tensors;
    await this.#run('gradient', {}, { logJoint, gradient });
  }

  async restored(): Promise<Restored> {
    const { mean, variance, logLikelihood, noiseLevel: level } = await this.#run('restored');
    return { mean: mean!, variance: variance!, logLikelihood: logLikelihood!, level };
  }

  /** Replaces each code by the encoder's answer to the row that is expected given the code. */
  async refill(): Promise<void> {
    const z = (await this.#run('refilled')).z!.data;
    const latent = z.length / this.count;
    for (let i = 0; i < this.count; i++) {
      this.state.set(z.subarray(i * latent, (i + 1) * latent), i * this.dimensions);
    }
  }

  /** One step of the chain in gibbs.ts, drawn by seed and step; tells which proposals the correction accepts. */
  async gibbs(seed: number, step: number, { corrected }: { readonly corrected: boolean }): Promise<Float32Array> {
    const { graph } = await this.#engine.part('gibbs');
    const leaves = noisesOf(graph);
    this.#noise ??= noiseBuffers(createKernels(noiseBytes(leaves, this.count)), leaves, this.count);
    this.#noise.fill({ seed, step, firstRow: this.observed.firstRow * this.observed.chains }, 'infer/');
    const result = await this.#run('gibbs', this.#noise.feeds);
    this.state.set(result[corrected ? 'next' : 'proposed']!.data);
    this.logJoint.set(result[corrected ? 'logJoint' : 'proposedLogJoint']!.data);
    return result.accepted!.data;
  }

  async #run(name: GraphName, noise: HostTensors = {}, into?: HostTensors): Promise<FloatTensors> {
    const { vae } = this.#engine;
    const { graph, program } = await this.#engine.part(name);
    const conditions = conditionFeeds(vae.model, graph, this.#feeds);
    const feeds = { state: this.#tensors.state, y: this.#feeds, level: this.#level, ...conditions, ...noise };
    // All of the target's outputs are float32.
    return (await program.run(feeds, into)) as FloatTensors;
  }
}

type FloatTensors = Record<string, HostTensor<'float32'>>;
