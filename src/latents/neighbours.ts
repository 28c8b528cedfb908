// Nearest neighbours and near duplicates, exactly: squared distances ‖a‖² + ‖b‖² − 2 a·b come a block at a time from one
// matrix product, which leaves few candidates, and those are measured again in float64. One set stays, the other streams by.

import type { Codes } from '../evaluate/index.ts';
import { graph, input } from '../graph/index.ts';
import { add, matmul, mul, square, sub, sum, transpose } from '../ops/index.ts';
import { float32, type Runtime } from '../runtime/index.ts';

/** Points of one space, [rows, width] laid flat. */
export interface Points {
  readonly width: number;
  readonly values: Float32Array;
}

/** Gives points in turn, some thousand at a time, with the number of the first of them. */
export type Stream = (visit: (points: Float32Array, first: number) => Promise<void>) => Promise<void>;

/** The nearest points of each query, the nearest first; −1 and ∞ where there are no more. */
export interface Neighbours {
  /** [queries, k] laid flat. */
  readonly rows: Int32Array;
  /** Euclidean, [queries, k] laid flat. */
  readonly distances: Float64Array;
}

/** Two rows of one data set and how far apart they are. */
export interface Pair {
  readonly a: number;
  readonly b: number;
  readonly distance: number;
}

interface Search {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal | undefined;
}

/** Queries that are compared at once. */
const queryBlock = 2000;
const streamed = 1000;

/** The means of posteriors as points. */
export function pointsOf({ latent, mean }: Codes): Points {
  return { width: latent, values: mean };
}

/** Points in memory as a stream, from a row on. */
export function streamOf({ width, values }: Points, start = 0): Stream {
  const rows = values.length / width;
  return async visit => {
    for (let first = start; first < rows; first += streamed) {
      await visit(values.subarray(first * width, Math.min(first + streamed, rows) * width), first);
    }
  };
}

/**
 * The k nearest points of each query.
 * @param apart whether a query and a point are one and the same row, which is then no neighbour
 */
export async function nearestNeighbours(
  queries: Points,
  points: Stream,
  {
    k,
    apart = () => false,
    ...search
  }: Search & { readonly k: number; readonly apart?: (query: number, row: number) => boolean },
): Promise<Neighbours> {
  const count = queries.values.length / queries.width;
  const rows = new Int32Array(count * k).fill(-1);
  const distances = new Float64Array(count * k).fill(Number.POSITIVE_INFINITY);
  for (let start = 0; start < count; start += queryBlock) {
    const block = blockOf(queries, start, Math.min(start + queryBlock, count));
    await eachWithin(block, points, {
      ...search,
      bound: query => distances[(start + query + 1) * k - 1]!,
      visit(query, row, distance) {
        if (apart(start + query, row)) return;
        const first = (start + query) * k;
        let place = first + k - 1;
        for (; place > first && distances[place - 1]! > distance; place--) {
          distances[place] = distances[place - 1]!;
          rows[place] = rows[place - 1]!;
        }
        distances[place] = distance;
        rows[place] = row;
      },
    });
  }
  return { rows, distances: distances.map(Math.sqrt) };
}

/** Pairs of points that are nearer than a threshold, the nearest first: at most so many of them, and how many there are. */
export async function nearPairs(
  points: Points,
  {
    threshold,
    most,
    progress,
    ...search
  }: Search & {
    readonly threshold: number;
    readonly most: number;
    readonly progress?: ((share: number) => void) | undefined;
  },
): Promise<{ readonly pairs: readonly Pair[]; readonly found: number }> {
  const count = points.values.length / points.width;
  let kept: Pair[] = [];
  let found = 0;
  const tidy = (): void => {
    kept = kept.sort((p, q) => p.distance - q.distance || p.a - q.a || p.b - q.b).slice(0, most);
  };
  for (let start = 0; start < count; start += queryBlock) {
    const end = Math.min(start + queryBlock, count);
    await eachWithin(blockOf(points, start, end), streamOf(points, start), {
      ...search,
      bound: () => threshold ** 2,
      visit(query, row, squared) {
        if (row <= start + query) return;
        found += 1;
        kept.push({ a: start + query, b: row, distance: Math.sqrt(squared) });
        if (kept.length > 4 * most + 1000) tidy();
      },
    });
    progress?.(end / count);
  }
  tidy();
  return { pairs: kept, found };
}

/** How far a float32 product may be off, relative to the lengths of the two points: generously. */
const rounding = 1e-5;

/** Visits every query and point whose squared distance is below the query's bound, which visits may lower. */
async function eachWithin(
  queries: Points,
  points: Stream,
  {
    runtime,
    signal,
    bound,
    visit,
  }: Search & {
    readonly bound: (query: number) => number;
    readonly visit: (query: number, row: number, squaredDistance: number) => void;
  },
): Promise<void> {
  const { width, values } = queries;
  const count = values.length / width;
  const [a, b] = [input('a', ['N', width]), input('b', [count, width])];
  const [ofA, ofB] = [sum(square(a), 1, { keepDims: true }), sum(square(b), 1, { keepDims: true })];
  const lengths = add(ofA, transpose(ofB));
  // The least that the distance can be.
  const least = sub(mul(1 - rounding, lengths), mul(2, matmul(a, b, { transposeB: true })));
  const program = await runtime.compile(graph({ least }), new Map([['b', values]]));
  const exact = (query: number, chunk: Float32Array, i: number): number => {
    let distance = 0;
    for (let j = 0; j < width; j++) distance += (values[query * width + j]! - chunk[i * width + j]!) ** 2;
    return distance;
  };
  try {
    await points(async (chunk, first) => {
      signal?.throwIfAborted();
      const rows = chunk.length / width;
      const block = float32(new Float32Array(rows * count), [rows, count]);
      await program.run({ a: float32(chunk, [rows, width]) }, { least: block });
      for (let i = 0; i < rows; i++) {
        for (let query = 0; query < count; query++) {
          if (!(block.data[i * count + query]! < bound(query))) continue;
          const distance = exact(query, chunk, i);
          if (distance < bound(query)) visit(query, first + i, distance);
        }
      }
    });
  } finally {
    await program.dispose();
  }
}

function blockOf({ width, values }: Points, start: number, end: number): Points {
  return { width, values: values.subarray(start * width, end * width) };
}
