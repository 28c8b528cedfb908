// Likelihood regret (Xiao, Yan and Amit 2020, "Likelihood Regret: An Out-of-Distribution Detection Score For Variational
// Auto-encoder"): by how much the bound rises when the posterior of this one row is optimised. The encoder is good at rows like
// those it was trained on, so there is little to gain at them, however likely or unlikely they are.

import { LatentkitError } from '../../errors.ts';
import type { Graph } from '../../graph/index.ts';
import { alignedBytes, createKernels } from '../../kernels/index.ts';
import { checkRows, conditionFeeds, type Model, type TrainedVae } from '../../models/index.ts';
import { streamOf } from '../../random/index.ts';
import { float32, type HostTensors, type Program, type RowTensor } from '../../runtime/index.ts';
import { batchRows, inBatches } from './batches.ts';
import type { Scorer } from './draws.ts';
import { RowProgram } from './row-program.ts';

/** Adam's steps on the mean and the log-variance of each code, and how far one goes. */
const descent = { steps: 50, rate: 0.05, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
/** Draws of the bound in pairs of ε and −ε, whose mean the encoder's is. */
const pairs = 2;

/** Whether there is a posterior's mean and variance to optimise. */
export function hasRegret({ spec }: Pick<Model, 'spec'>): boolean {
  return spec.posterior.type === 'diagonalGaussian';
}

export async function openLikelihoodRegret(vae: TrainedVae, seed: number): Promise<Scorer> {
  const { model, parameters, runtime } = vae;
  const { mean, logVar } = model.encoderGraph().outputs;
  if (!mean || !logVar) throw new LatentkitError('internal', 'likelihood regret of a posterior without a variance');
  const encoder = await RowProgram.open(vae, { mean, logVar });
  const joint = model.jointGraph();
  const embed = new Map(Object.entries(parameters).map(([name, { data }]) => [name, data]));
  const program = await runtime.compile(joint, embed);
  const regret = new Regret({ graph: joint, program }, model.spec.latent, seed);
  return {
    async score(rows) {
      const scores = new Float64Array(checkRows(model, joint, 'x', rows));
      await inBatches(rows, async (batch, { start, count }) => {
        const q = await encoder.run(batch);
        const feeds = { x: batch as RowTensor, ...conditionFeeds(model, joint, batch) };
        scores.set((await regret.of(feeds, q.mean!, q.logVar!)).subarray(0, count), start);
      });
      return scores;
    },
    async dispose() {
      await encoder.dispose();
      await program.dispose();
    },
  };
}

/** An average over the draws: E_q log p(x, z) of each row, and its gradient by the posterior's mean and log-variance. */
interface Expectation {
  readonly value: Float64Array;
  readonly byMean: Float64Array;
  readonly byLogVar: Float64Array;
}

class Regret {
  readonly #part: { readonly graph: Graph; readonly program: Program };
  readonly #latent: number;
  /** [pairs, latent]; the same for every row. */
  readonly #noise: Float32Array;
  readonly #z: Float32Array;

  constructor(part: { readonly graph: Graph; readonly program: Program }, latent: number, seed: number) {
    this.#part = part;
    this.#latent = latent;
    const kernels = createKernels(alignedBytes(4 * pairs * latent));
    this.#noise = kernels.float32(pairs * latent);
    kernels.fillNormal(this.#noise, { seed, stream: streamOf('detection/likelihood-regret'), step: 0 });
    toUnitVariance(this.#noise, latent);
    this.#z = new Float32Array(batchRows * latent);
  }

  /** What the bound of each row of a batch gains. Never negative: the encoder's answer is among those compared. */
  async of(feeds: HostTensors, encodedMean: Float32Array, encodedLogVar: Float32Array): Promise<Float64Array> {
    const [mean, logVar] = [Float64Array.from(encodedMean), Float64Array.from(encodedLogVar)];
    const [climbMean, climbLogVar] = [adam(mean), adam(logVar)];
    let encoded: Float64Array | undefined;
    let best: Float64Array | undefined;
    for (let step = 0; step <= descent.steps; step++) {
      const { value, byMean, byLogVar } = await this.#expectation(feeds, mean, logVar);
      // The entropy of q, but for what is the same for all.
      for (let i = 0; i < logVar.length; i++) value[Math.floor(i / this.#latent)]! += logVar[i]! / 2;
      encoded ??= value;
      best = best === undefined ? value.slice() : best.map((known, row) => Math.max(known, value[row]!));
      if (step === descent.steps) break;
      climbMean(byMean);
      climbLogVar(byLogVar.map(slope => slope + 0.5));
    }
    return best!.map((value, row) => value - encoded![row]!);
  }

  async #expectation(feeds: HostTensors, mean: Float64Array, logVar: Float64Array): Promise<Expectation> {
    const latent = this.#latent;
    const [byMean, byLogVar] = [new Float64Array(mean.length), new Float64Array(mean.length)];
    const value = new Float64Array(batchRows);
    const share = 1 / (2 * pairs);
    for (let draw = 0; draw < 2 * pairs; draw++) {
      const sign = draw % 2 === 0 ? 1 : -1;
      const first = Math.floor(draw / 2) * latent;
      const offset = (i: number): number => sign * this.#noise[first + (i % latent)]! * Math.exp(logVar[i]! / 2);
      for (let i = 0; i < mean.length; i++) this.#z[i] = mean[i]! + offset(i);
      const out = await this.#part.program.run({ ...feeds, z: float32(this.#z, [batchRows, latent]) });
      const [logJoint, gradient] = [out.logJoint!.data, out.gradient!.data];
      for (let row = 0; row < batchRows; row++) value[row]! += share * logJoint[row]!;
      for (let i = 0; i < mean.length; i++) {
        byMean[i]! += share * gradient[i]!;
        byLogVar[i]! += (share * gradient[i]! * offset(i)) / 2;
      }
    }
    return { value, byMean, byLogVar };
  }
}

/** Scales each dimension's draws to a mean square of 1: with ε beside −ε, parabolas then have their true expectation. */
function toUnitVariance(noise: Float32Array, latent: number): void {
  for (let j = 0; j < latent; j++) {
    let squares = 0;
    for (let i = j; i < noise.length; i += latent) squares += noise[i]! ** 2 / pairs;
    for (let i = j; i < noise.length; i += latent) noise[i]! /= Math.sqrt(squares);
  }
}

/** Adam that climbs (Kingma and Ba 2015), each number for itself: a row's steps do not depend on the rows beside it. */
function adam(values: Float64Array): (slope: Float64Array) => void {
  const { rate, beta1, beta2, epsilon } = descent;
  const [first, second] = [new Float64Array(values.length), new Float64Array(values.length)];
  let step = 0;
  return slope => {
    step++;
    for (let i = 0; i < values.length; i++) {
      first[i] = beta1 * first[i]! + (1 - beta1) * slope[i]!;
      second[i] = beta2 * second[i]! + (1 - beta2) * slope[i]! ** 2;
      const [m, v] = [first[i]! / (1 - beta1 ** step), second[i]! / (1 - beta2 ** step)];
      values[i]! += (rate * m) / (Math.sqrt(v) + epsilon);
    }
  };
}
