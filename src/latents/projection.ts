// Codes in the plane, to look at: two principal components, UMAP (McInnes, Healy and Melville 2018), or t-SNE. The latter
// two keep neighbours together; distances between groups, and their sizes, say little in them.

import { LatentkitError } from '../errors.ts';
import { streamOf as noiseStream, wordsOf } from '../random/index.ts';
import { centreOf, principalAxes } from './directions.ts';
import { tsne } from './tsne.ts';

/** The ways to draw a map. */
export const projections = ['pca', 'umap', 'tsne'] as const;
export type Projection = (typeof projections)[number];

/** A map of codes. */
export interface Projected {
  /** [rows, 2] laid flat. */
  readonly points: Float32Array;
  /** Of principal components, the share of the variance that lies along each of the two. */
  readonly shares?: readonly number[] | undefined;
}

/** How it is drawn, and whom to tell. */
interface ProjectionOptions {
  readonly seed: number;
  /** About how many neighbours of each point UMAP and t-SNE keep near it. */
  readonly neighbours: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((share: number) => void) | undefined;
}

/** Rows that a map needs at least. */
const fewest = 4;
/** Of t-SNE. */
const iterations = 500;

/**
 * Codes [rows, latent] laid flat as points of the plane.
 * @throws LatentkitError `usage` where there are fewer than four.
 */
export async function project(
  codes: Float32Array,
  latent: number,
  method: Projection,
  options: ProjectionOptions,
): Promise<Projected> {
  const rows = codes.length / latent;
  if (rows < fewest) throw new LatentkitError('usage', `a map: expected at least ${fewest} rows, got ${rows}.`);
  const components = await principalComponents(codes, latent);
  if (method === 'pca') return components;
  const points = method === 'umap' ? await umap(codes, latent, options) : mapped(codes, latent, components, options);
  return { points };
}

/** The first two principal components; of codes of one dimension the second is 0. */
async function principalComponents(codes: Float32Array, latent: number): Promise<Projected> {
  const all = { rows: codes.length / latent, latent, mean: codes };
  const [centre, axes] = [centreOf(all), await principalAxes(all, 2)];
  const points = new Float32Array(2 * all.rows);
  axes.forEach(({ direction }, k) => {
    for (let i = 0; i < all.rows; i++) {
      let sum = 0;
      for (let j = 0; j < latent; j++) sum += (codes[i * latent + j]! - centre[j]!) * direction[j]!;
      points[2 * i + k] = sum;
    }
  });
  return { points, shares: axes.map(({ use }) => use) };
}

async function umap(codes: Float32Array, latent: number, options: ProjectionOptions): Promise<Float32Array> {
  const { UMAP } = await import('umap-js');
  const { seed, neighbours, signal, progress } = options;
  const rows = codes.length / latent;
  const words = wordsOf({ seed, stream: noiseStream('latents/umap'), step: 0 });
  const random = (): number => words() / 2 ** 32;
  const found = new UMAP({ random, nNeighbors: Math.min(neighbours, rows - 1) });
  const epochs = found.initializeFit(
    Array.from({ length: rows }, (_, i) => Array.from(codes.subarray(i * latent, (i + 1) * latent))),
  );
  for (let epoch = 0; epoch < epochs; epoch++) {
    signal?.throwIfAborted();
    found.step();
    progress?.((epoch + 1) / epochs);
  }
  return Float32Array.from(found.getEmbedding().flat());
}

function mapped(codes: Float32Array, latent: number, start: Projected, options: ProjectionOptions): Float32Array {
  const { neighbours, signal, progress } = options;
  const points = tsne(codes, latent, Float64Array.from(start.points), {
    perplexity: neighbours,
    iterations,
    onIteration(iteration) {
      signal?.throwIfAborted();
      progress?.(iteration / iterations);
    },
  });
  return Float32Array.from(points);
}
