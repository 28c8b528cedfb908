// Improved precision and recall (Kynkäänniemi et al. 2019, "Improved Precision and Recall Metric for Assessing Generative
// Models", equations 1–2): a set of points stands for the manifold that balls about them cover, each as large as the
// distance to the point's k-th nearest neighbour.

import { graph, input } from '../../graph/index.ts';
import { add, matmul, maximum, mul, square, sub, sum, transpose } from '../../ops/index.ts';
import { float32, type Runtime } from '../../runtime/index.ts';
import type { Points } from './extractor.ts';

export interface PrecisionRecall {
  /** The share of generated points that lie on the manifold of the real ones: how likely samples are real. */
  readonly precision: number;
  /** The share of real points that lie on the manifold of the generated ones: how much of the data is covered. */
  readonly recall: number;
}

export interface ManifoldOptions {
  /** 3, as in the paper, unless told. */
  readonly k?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Both shares, of two sets of more than k points. Takes time as the square of their number does. */
export async function precisionRecall(
  real: Points,
  generated: Points,
  runtime: Runtime,
  { k = 3, signal }: ManifoldOptions = {},
): Promise<PrecisionRecall> {
  const radii = [await squaredRadii(real, k, runtime, signal), await squaredRadii(generated, k, runtime, signal)];
  const [ofReal, ofGenerated] = radii as [Float64Array, Float64Array];
  const covered = { real: new Uint8Array(ofReal.length), generated: new Uint8Array(ofGenerated.length) };
  await eachDistances(real, generated, { runtime, signal }, (distances, i) => {
    for (let j = 0; j < distances.length; j++) {
      if (distances[j]! <= ofReal[i]!) covered.generated[j] = 1;
      if (distances[j]! <= ofGenerated[j]!) covered.real[i] = 1;
    }
  });
  const share = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0) / flags.length;
  return { precision: share(covered.generated), recall: share(covered.real) };
}

/** The squared distance of each point to its k-th nearest neighbour among the others. */
export async function squaredRadii(
  points: Points,
  k: number,
  runtime: Runtime,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const radii = new Float64Array(points.values.length / points.width);
  const nearest = new Float64Array(k);
  await eachDistances(points, points, { runtime, signal }, (distances, i) => {
    nearest.fill(Number.POSITIVE_INFINITY);
    for (let j = 0; j < distances.length; j++) {
      const distance = distances[j]!;
      if (distance >= nearest[k - 1]! || j === i) continue;
      let place = k - 1;
      for (; place > 0 && nearest[place - 1]! > distance; place--) nearest[place] = nearest[place - 1]!;
      nearest[place] = distance;
    }
    radii[i] = nearest[k - 1]!;
  });
  return radii;
}

/** Numbers of one block of distances, at most. */
const blockSize = 2 ** 21;

/**
 * Gives the squared distances of each point, by number, to all of the others: ‖a‖² + ‖b‖² − 2 a·b, a block of points at a
 * time by one matrix product. They are exact to some 1e-6 of ‖a‖².
 */
async function eachDistances(
  points: Points,
  others: Points,
  { runtime, signal }: { readonly runtime: Runtime; readonly signal: AbortSignal | undefined },
  visit: (distances: Float32Array, point: number) => void,
): Promise<void> {
  const { width, values } = points;
  const [rows, count] = [values.length / width, others.values.length / width];
  const [a, b] = [input('a', ['N', width]), input('b', [count, width])];
  const lengths = add(sum(square(a), 1, { keepDims: true }), transpose(sum(square(b), 1, { keepDims: true })));
  const distances = maximum(sub(lengths, mul(2, matmul(a, b, { transposeB: true }))), 0);
  const program = await runtime.compile(graph({ distances }), new Map([['b', others.values]]));
  try {
    const step = Math.max(1, Math.floor(blockSize / count));
    for (let start = 0; start < rows; start += step) {
      signal?.throwIfAborted();
      const end = Math.min(start + step, rows);
      const block = float32(new Float32Array((end - start) * count), [end - start, count]);
      const a = float32(values.subarray(start * width, end * width), [end - start, width]);
      await program.run({ a }, { distances: block });
      for (let i = start; i < end; i++) visit(block.data.subarray((i - start) * count, (i - start + 1) * count), i);
    }
  } finally {
    await program.dispose();
  }
}
