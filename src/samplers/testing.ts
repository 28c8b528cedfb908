// Shared by the tests of this folder: codes in two slanted clusters, which no single normal fits.

import { normals, uniforms } from './noise.ts';
import type { CodeSplits } from './sampler.ts';

/** The clusters: weight, mean, and the lower factor of the covariance. */
export const clusters: readonly {
  readonly weight: number;
  readonly mean: readonly [number, number];
  readonly factor: readonly [number, number, number];
}[] = [
  { weight: 0.7, mean: [-0.5, 0.4], factor: [0.6, 0.5, 0.3] },
  { weight: 0.3, mean: [1.2, -0.9], factor: [0.3, -0.25, 0.2] },
];

/** So many codes of two dimensions, laid flat. */
export function clustered(count: number, seed: number): Float32Array {
  const choice = uniforms(count, { seed, stream: 'choice' });
  const noise = normals(2 * count, { seed, stream: 'noise' });
  const codes = new Float32Array(2 * count);
  for (let row = 0; row < count; row++) {
    const { mean, factor } = clusters[choice[row]! < clusters[0]!.weight ? 0 : 1]!;
    const [a, b] = [noise[2 * row]!, noise[2 * row + 1]!];
    codes[2 * row] = mean[0] + factor[0] * a;
    codes[2 * row + 1] = mean[1] + factor[1] * a + factor[2] * b;
  }
  return codes;
}

/** Codes to fit to. */
export const splits: CodeSplits = { latent: 2, train: clustered(2000, 1), validation: clustered(500, 2) };

/** A square grid over the plane laid flat, and the area of a cell. */
export function plane(reach: number, side: number): { readonly points: Float32Array; readonly cell: number } {
  const step = (2 * reach) / (side - 1);
  const points = Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const at = i >> 1;
    return -reach + step * (i % 2 === 0 ? Math.floor(at / side) : at % side);
  });
  return { points, cell: step ** 2 };
}
