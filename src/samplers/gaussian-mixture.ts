// gmm: a mixture of Gaussians fitted to the codes after training, the ex-post density estimation of Ghosh et al. 2020
// ("From Variational to Deterministic Autoencoders", section 4), where ten components with full covariances did well.

import { LatentkitError } from '../errors.ts';
import type { MixtureSampler } from '../models/sampler.ts';
import { float32 } from '../runtime/index.ts';
import { type Mixture, mixtureLogProb, rounds } from './expectation-maximization.ts';
import { normals, uniforms } from './noise.ts';
import { defineSampler, type SamplerDefinition, type Tensors } from './sampler.ts';

/** Codes that the mixture is fitted to, at most, evenly from the first on: a round goes through all of them. */
const mostCodes = 20_000;

/** Rounds at most, and the gain of mean log-likelihood in nats below which they end. */
const most = 200;
const enough = 1e-3;

export const gaussianMixture: SamplerDefinition<MixtureSampler> = defineSampler<MixtureSampler>({
  type: 'gmm',
  tempered: true,
  async fit({ components }, { train: all, latent }, { seed, signal, progress }) {
    const rows = all.length / latent;
    if (components > rows) {
      throw new LatentkitError(
        'usage',
        `sampler gmm: expected at most as many components as there are training rows, ${rows}, got ${components}.`,
      );
    }
    const train = rows > mostCodes ? everySo(all, latent) : all;
    let [last, round] = [Number.NEGATIVE_INFINITY, 0];
    for (const { mixture, logLikelihood } of rounds(train, latent, components, seed)) {
      if (logLikelihood - last < enough || ++round > most) return tensorsOf(mixture);
      last = logLikelihood;
      progress?.(round / most);
      // Lets the program hear of an abort, and draw its progress.
      await new Promise(resolve => setTimeout(resolve));
      signal?.throwIfAborted();
    }
    throw new LatentkitError('internal', 'expectation–maximisation ended by itself');
  },
  shapes: ({ components }, latent) => ({
    logWeights: [components],
    means: [components, latent],
    factors: [components, latent, latent],
  }),
  open({ components }, tensors) {
    const mixture = mixtureOf(tensors);
    const { latent, logWeights, means, factors } = mixture;
    const ends = logWeights.map(Math.exp);
    for (let k = 1; k < components; k++) ends[k]! += ends[k - 1]!;
    return {
      logProb: async codes => mixtureLogProb(mixture, codes),
      async draw(count, { seed, temperature }) {
        const choice = uniforms(count, { seed, stream: 'samplers/gmm/choice' });
        const noise = normals(count * latent, { seed, stream: 'samplers/gmm/noise' });
        const codes = new Float32Array(count * latent);
        for (let row = 0; row < count; row++) {
          const found = ends.findIndex(end => choice[row]! < end);
          const k = found < 0 ? components - 1 : found;
          for (let i = 0; i < latent; i++) {
            let value = 0;
            for (let j = 0; j <= i; j++) value += factors[(k * latent + i) * latent + j]! * noise[row * latent + j]!;
            codes[row * latent + i] = means[k * latent + i]! + temperature * value;
          }
        }
        return codes;
      },
    };
  },
});

function everySo(codes: Float32Array, latent: number): Float32Array {
  const rows = codes.length / latent;
  const kept = new Float32Array(mostCodes * latent);
  for (let i = 0; i < mostCodes; i++) {
    const row = Math.floor((i * rows) / mostCodes);
    kept.set(codes.subarray(row * latent, (row + 1) * latent), i * latent);
  }
  return kept;
}

function tensorsOf({ latent, logWeights, means, factors }: Mixture): Tensors {
  const components = logWeights.length;
  return {
    logWeights: float32(Float32Array.from(logWeights), [components]),
    means: float32(Float32Array.from(means), [components, latent]),
    factors: float32(Float32Array.from(factors), [components, latent, latent]),
  };
}

function mixtureOf({ logWeights, means, factors }: Tensors): Mixture {
  return {
    latent: means!.shape[1]!,
    logWeights: Float64Array.from(logWeights!.data),
    means: Float64Array.from(means!.data),
    factors: Float64Array.from(factors!.data),
  };
}
