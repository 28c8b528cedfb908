// What the errors of a model are where it predicts so much: a curve from predicted variance to expected squared error, by
// isotonic regression on held-out rows (Barlow et al. 1972, "Statistical Inference under Order Restrictions"; to recalibrate
// a regression's uncertainty, Kuleshov, Fenner & Ermon 2018). A model's own variance orders places well, but is too sure of
// those where it has never seen anything: of a pixel that is nearly black in all draws.

/** Knots of the curve, both ascending; between them it is linear, beyond them level. */
export interface ErrorCurve {
  /** Predicted variances. */
  readonly variance: Float32Array;
  /** The mean squared error of held-out numbers of which so much was predicted. */
  readonly squaredError: Float32Array;
}

/** Knots at most, and numbers that each stands for at least. */
const [most, least] = [50, 20];

/** Fits the curve to numbers whose variance was predicted and whose squared error is known; there must be one at least. */
export function fitErrorCurve(variance: Float64Array, squaredError: Float64Array): ErrorCurve {
  const order = Uint32Array.from(variance.keys()).sort((a, b) => variance[a]! - variance[b]! || a - b);
  const count = Math.max(1, Math.min(most, Math.floor(order.length / least)));
  const groups = Array.from({ length: count }, (_, i) =>
    order.subarray(Math.floor((i * order.length) / count), Math.floor(((i + 1) * order.length) / count)),
  );
  const meanOver = (values: Float64Array): number[] =>
    groups.map(group => group.reduce((sum, i) => sum + values[i]!, 0) / group.length);
  const sizes = groups.map(({ length }) => length);
  return {
    variance: Float32Array.from(meanOver(variance)),
    squaredError: Float32Array.from(isotonic(meanOver(squaredError), sizes)),
  };
}

/** The squared error to expect where so much variance is predicted. */
export function expectedSquaredError({ variance, squaredError }: ErrorCurve, predicted: number): number {
  const above = variance.findIndex(knot => knot > predicted);
  if (above === -1) return squaredError.at(-1)!;
  if (above === 0) return squaredError[0]!;
  const share = (predicted - variance[above - 1]!) / (variance[above]! - variance[above - 1]!);
  return squaredError[above - 1]! + share * (squaredError[above]! - squaredError[above - 1]!);
}

/** The ascending sequence nearest to `values` by weighted squares: whatever falls is pooled with what stands before it. */
export function isotonic(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: { mean: number; weight: number; length: number }[] = [];
  values.forEach((value, i) => {
    let block = { mean: value, weight: weights[i]!, length: 1 };
    for (let before = blocks.at(-1); before && before.mean >= block.mean; before = blocks.at(-1)) {
      const weight = before.weight + block.weight;
      block = {
        mean: (before.weight * before.mean + block.weight * block.mean) / weight,
        weight,
        length: before.length + block.length,
      };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ mean, length }) => new Array<number>(length).fill(mean));
}
