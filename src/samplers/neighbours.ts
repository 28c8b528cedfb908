// knn: a training code, moved by a random share of the way to one of its nearest neighbours: the interpolation that
// SMOTE makes new examples by (Chawla et al. 2002, "SMOTE: Synthetic Minority Over-sampling Technique"), in code space.

import type { NeighbourSampler } from '../models/sampler.ts';
import { permutation, streamOf } from '../random/index.ts';
import { float32 } from '../runtime/index.ts';
import { uniforms } from './noise.ts';
import { defineSampler, type SamplerDefinition } from './sampler.ts';

/** Codes that are kept, at most. */
const most = 20_000;

export const nearestNeighbours: SamplerDefinition<NeighbourSampler> = defineSampler<NeighbourSampler>({
  type: 'knn',
  tempered: false,
  async fit(_, { train, latent }, { seed }) {
    const rows = train.length / latent;
    const order = permutation(rows, { seed, stream: streamOf('samplers/knn/kept'), step: 0 })
      .subarray(0, most)
      .sort();
    const kept = new Float32Array(order.length * latent);
    order.forEach((row, i) => {
      kept.set(train.subarray(row * latent, (row + 1) * latent), i * latent);
    });
    return { codes: float32(kept, [order.length, latent]) };
  },
  shapes: (_, latent) => ({ codes: ['N', latent] }),
  open({ neighbours }, { codes }) {
    const [rows, latent] = codes!.shape as [number, number];
    const { data } = codes!;
    return {
      async draw(count, { seed }) {
        const choices = uniforms(3 * count, { seed, stream: 'samplers/knn' });
        const drawn = new Float32Array(count * latent);
        for (let i = 0; i < count; i++) {
          const row = Math.floor(choices[3 * i]! * rows);
          const near = nearestTo(row, data, latent, neighbours);
          // Of a single code there is no neighbour.
          const neighbour = near[Math.floor(choices[3 * i + 1]! * near.length)] ?? row;
          const share = choices[3 * i + 2]!;
          for (let j = 0; j < latent; j++) {
            const from = data[row * latent + j]!;
            drawn[i * latent + j] = from + share * (data[neighbour * latent + j]! - from);
          }
        }
        return drawn;
      },
    };
  },
});

/** The rows nearest to a row, itself apart, the nearest first; fewer where there are no more. */
function nearestTo(row: number, codes: Float32Array, latent: number, count: number): number[] {
  const found: { readonly row: number; readonly distance: number }[] = [];
  for (let other = 0; other < codes.length / latent; other++) {
    if (other === row) continue;
    const worst = found.length < count ? Number.POSITIVE_INFINITY : found.at(-1)!.distance;
    let distance = 0;
    for (let j = 0; j < latent && distance < worst; j++) {
      distance += (codes[other * latent + j]! - codes[row * latent + j]!) ** 2;
    }
    if (distance >= worst) continue;
    const place = found.findIndex(known => known.distance > distance);
    found.splice(place < 0 ? found.length : place, 0, { row: other, distance });
    if (found.length > count) found.pop();
  }
  return found.map(near => near.row);
}
