// Codes of rows that were seen in part or through noise: chains of all rows at once, from several starts each, and how
// much of the posterior each of them stands for.

import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import { rowRange } from '../models/index.ts';
import { float32, type HostTensor, int32, type RowTensor } from '../runtime/index.ts';
import { Chains, Engine, type Observed } from './engine.ts';
import { gibbs } from './gibbs.ts';
import { hamiltonian } from './hamiltonian.ts';
import { maximise } from './maximise.ts';
import { Moments, scaleReduction } from './moments.ts';
import type { Noise } from './noise.ts';
import { checkInferable, codesFillSpace, defaultMethod, type InferenceMethod } from './refuse.ts';
import { type ChainWeights, weighChains } from './weights.ts';

export interface InferenceOptions {
  /** Default `gradient` where codes can be moved along one, else `gibbs`. */
  readonly method?: InferenceMethod | undefined;
  /** What hit the rows, where they are noisy. */
  readonly noise?: Noise | undefined;
  /** Chains of a row, from a start each. Default 8; where classes are inferred, as many as classes at least. */
  readonly chains?: number | undefined;
  /** Draws kept of each chain, between which others are made and not kept. Default 10. */
  readonly draws?: number | undefined;
  /** Draws of each chain before the first that counts. Default 60. */
  readonly warmUp?: number | undefined;
  /** Steps uphill before the first draw, of the method `gradient`. Default 40. */
  readonly ascent?: number | undefined;
  /** Leaps of a trajectory, of the method `gradient`; 1 is Langevin. Default 6. */
  readonly leaps?: number | undefined;
  /** Whether a conditional model's classes are taken from the rows or inferred; taken where the rows have them unless told. */
  readonly classes?: 'given' | 'inferred' | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** How far the draws of each row can be trusted: [rows] each. */
export interface Diagnostics {
  /** The share of proposals that were accepted, averaged over chains. */
  readonly acceptance: HostTensor<'float32'>;
  /** R̂, the largest over the code's dimensions: 1 where the chains of a row found the same, above where they did not. */
  readonly scaleReduction: HostTensor<'float32'>;
  /** What share of the codes by which chains were weighed counts: small where the weights are guesses. NaN where equal. */
  readonly effective: HostTensor<'float32'>;
  /** log p(y) in nats, by the same codes; of noisy rows, of p(y) over levels as well. NaN where chains weigh the same. */
  readonly logEvidence: HostTensor<'float32'>;
}

export interface InferredCodes {
  readonly method: InferenceMethod;
  /** [rows · chains · draws, latent]: the draws of a chain stand together, and the chains of a row. */
  readonly codes: RowTensor<'float32'>;
  readonly chains: number;
  readonly draws: number;
  /** What share of the row's posterior each chain stands for: [rows, chains]. */
  readonly weights: HostTensor<'float32'>;
  readonly diagnostics: Diagnostics;
}

/** The draws of the chains of some rows. */
export interface Batch {
  readonly chains: Chains;
  /** States [rows · chains, dimensions], one after another; to be put into the chains to ask what they say. */
  readonly draws: readonly Float32Array[];
  readonly weights: Float64Array;
  readonly diagnostics: Readonly<Record<keyof Diagnostics, Float64Array>>;
}

/** Chains that run at once. */
const most = 512;

/** Of so many draws in a row one is kept. A Gibbs step is cheap beside a trajectory, and goes less far. */
const thinning: Readonly<Record<InferenceMethod, number>> = { gradient: 2, gibbs: 8 };

/** Codes drawn of each chain's normal to weigh it. */
const weighing = 16;

/** Options with all that was left out, for one model and its rows. */
interface Settled extends Pick<InferenceOptions, 'signal' | 'noise'> {
  readonly method: InferenceMethod;
  readonly chains: number;
  readonly draws: number;
  readonly warmUp: number;
  readonly ascent: number;
  readonly leaps: number;
  readonly seed: number;
  /** Of each chain its class, where classes are inferred. */
  readonly inferred: readonly number[] | undefined;
}

/**
 * Draws codes of p(z|y) for rows y [rows, ...shape], float32 on the scale of [0, 1] (of a table on its columns' own), NaN
 * where a number was not seen. The same seed gives the same draws.
 *
 * @throws LatentkitError `usage` where the model or the method cannot do it, `data` where the rows do not fit the model.
 */
export async function inferCodes(
  vae: TrainedVae,
  y: RowTensor<'float32'>,
  options: InferenceOptions = {},
): Promise<InferredCodes> {
  const { latent } = vae.model.spec;
  const rows = y.shape[0] ?? 0;
  const settled = settle(vae, y, options);
  const { method, chains, draws } = settled;
  const codes = new Float32Array(rows * chains * draws * latent);
  const weights = new Float32Array(rows * chains);
  const label = settled.inferred;
  const diagnostics = await inferInBatches(vae, y, options, async (batch, first) => {
    weights.set(batch.weights, first * chains);
    batch.draws.forEach((state, draw) => {
      for (let i = 0; i < batch.chains.count; i++) {
        const start = i * batch.chains.dimensions;
        codes.set(state.subarray(start, start + latent), ((first * chains + i) * draws + draw) * latent);
      }
    });
  });
  return {
    method,
    codes: {
      ...float32(codes, [rows * chains * draws, latent]),
      ...(label && {
        label: int32(
          Int32Array.from({ length: rows * chains * draws }, (_, i) => label[Math.floor(i / draws) % chains]!),
          [rows * chains * draws],
        ),
      }),
    },
    chains,
    draws,
    weights: float32(weights, [rows, chains]),
    diagnostics,
  };
}

/** Runs the chains of some rows after another, and gives the diagnostics of all. */
export async function inferInBatches(
  vae: TrainedVae,
  y: RowTensor<'float32'>,
  options: InferenceOptions,
  visit: (batch: Batch, first: number) => Promise<void>,
): Promise<Diagnostics> {
  const settled = settle(vae, y, options);
  const rows = y.shape[0] ?? 0;
  const engine = new Engine(vae, settled.noise);
  const all = {
    acceptance: new Float32Array(rows),
    scaleReduction: new Float32Array(rows),
    effective: new Float32Array(rows),
    logEvidence: new Float32Array(rows),
  };
  try {
    const starts = await startsOf(vae, y, settled);
    const step = Math.max(1, Math.floor(most / settled.chains));
    for (let first = 0; first < rows; first += step) {
      const end = Math.min(first + step, rows);
      const observed = {
        y: rowRange(y, first, end),
        chains: settled.chains,
        classes: settled.inferred,
        firstRow: first,
      };
      const batch = await runChains(engine, observed, starts, settled);
      await visit(batch, first);
      for (const name of ['acceptance', 'scaleReduction', 'effective', 'logEvidence'] as const) {
        all[name].set(batch.diagnostics[name], first);
      }
      options.progress?.(end / rows);
    }
  } finally {
    await engine.dispose();
  }
  return {
    acceptance: float32(all.acceptance, [rows]),
    scaleReduction: float32(all.scaleReduction, [rows]),
    effective: float32(all.effective, [rows]),
    logEvidence: float32(all.logEvidence, [rows]),
  };
}

/** Codes drawn of the prior, one for each chain of each row: where chains come from. */
async function startsOf(vae: TrainedVae, y: RowTensor, { chains, seed }: Settled): Promise<Float32Array> {
  const rows = y.shape[0] ?? 0;
  const { attributes } = y;
  const width = attributes?.shape[1] ?? 0;
  const told =
    attributes &&
    float32(
      Float32Array.from({ length: rows * chains * width }, (_, i) => {
        const row = Math.floor(i / (chains * width));
        return attributes.data[row * width + (i % width)]!;
      }),
      [rows * chains, width],
    );
  const conditional = vae.model.spec.condition?.type === 'attributes';
  return (await vae.drawLatents(rows * chains, { seed, ...(conditional && { attributes: told }) })).data;
}

async function runChains(engine: Engine, observed: Observed, starts: Float32Array, settled: Settled): Promise<Batch> {
  const { method, draws: kept, warmUp, ascent, leaps, seed, signal } = settled;
  const { latent } = engine.vae.model.spec;
  const chains = new Chains(engine, observed);
  const { dimensions, state } = chains;
  await start(chains, starts, latent);
  const every = thinning[method];
  const seen = new Moments(state.length);
  const draws: Float32Array[] = [];
  const visit = (iteration: number): void => {
    seen.add(state);
    if (iteration % every === every - 1) draws.push(state.slice());
  };
  const length = { warmUp, iterations: every * kept, seed, signal, visit };
  if (method === 'gradient') await maximise(chains, ascent, latent);
  const accepted = await (method === 'gradient' ? hamiltonian(chains, { ...length, leaps }) : gibbs(chains, length));
  const { mean, variance } = { mean: seen.mean, variance: seen.variance };
  const weighed = codesFillSpace(engine.vae.model.spec)
    ? await weighChains(chains, { mean, variance }, weighing, seed)
    : equalWeights(chains);
  const width = observed.chains * dimensions;
  const ofRow = (values: Float64Array, row: number, size: number): Float64Array =>
    values.subarray(row * size, (row + 1) * size);
  const perRow = (f: (row: number) => number): Float64Array =>
    Float64Array.from({ length: chains.rows }, (_, r) => f(r));
  return {
    chains,
    draws,
    weights: weighed.weights,
    diagnostics: {
      acceptance: perRow(row => ofRow(accepted, row, observed.chains).reduce((a, b) => a + b, 0) / observed.chains),
      scaleReduction: perRow(row =>
        scaleReduction(ofRow(mean, row, width), ofRow(variance, row, width), seen.count, dimensions),
      ),
      effective: weighed.effective,
      logEvidence: weighed.logEvidence,
    },
  };
}

/** Rounds of filling in by which a chain comes near what the encoder says. */
const fillings = 3;

/**
 * Where chains start. Each from a draw of the prior; every second of them then goes where the encoder sends the row, what
 * is hidden in it being what the code expects, a few times over. So there are starts that follow the encoder, and others
 * that do not depend on how well it copes with holes and noise.
 */
async function start(chains: Chains, starts: Float32Array, latent: number): Promise<void> {
  const { state, count, dimensions, observed } = chains;
  const first = observed.firstRow * observed.chains;
  const draw = (chain: number): void => {
    state.set(starts.subarray((first + chain) * latent, (first + chain + 1) * latent), chain * dimensions);
  };
  for (let chain = 0; chain < count; chain++) draw(chain);
  for (let round = 0; round < fillings; round++) await chains.refill();
  for (let chain = 0; chain < count; chain++) if ((chain % observed.chains) % 2 === 1) draw(chain);
}

function equalWeights({ count, rows, observed }: Chains): ChainWeights {
  const unknown = new Float64Array(rows).fill(Number.NaN);
  return { weights: new Float64Array(count).fill(1 / observed.chains), logEvidence: unknown, effective: unknown };
}

function settle(vae: TrainedVae, y: RowTensor, options: InferenceOptions): Settled {
  const { spec } = vae.model;
  const { noise, chains = 8, draws = 10, warmUp = 60, ascent = 40, leaps = 6, seed = 0, signal } = options;
  const method = options.method ?? defaultMethod(spec);
  checkInferable(spec, method, noise);
  if (y.shape.slice(1).join() !== spec.input.shape.join()) {
    throw new LatentkitError(
      'data',
      `the model takes rows [${spec.input.shape.join(', ')}], got [${y.shape.slice(1).join(', ')}]. Resize the data, or use a ` +
        'model that was trained on data of this shape.',
    );
  }
  const { condition } = spec;
  const known = y.label?.data.every(label => label >= 0) ?? false;
  const wanted = options.classes ?? (known ? 'given' : 'inferred');
  const told = condition === undefined || condition.type === 'attributes' || wanted === 'given';
  if (told) return { method, noise, chains, draws, warmUp, ascent, leaps, seed, signal, inferred: undefined };
  // Each class in as many chains as any other.
  const each = Math.ceil(chains / condition.classes);
  const inferred = Array.from({ length: each * condition.classes }, (_, chain) => chain % condition.classes);
  return { method, noise, chains: inferred.length, draws, warmUp, ascent, leaps, seed, signal, inferred };
}
