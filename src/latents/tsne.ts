// t-SNE (van der Maaten and Hinton 2008, "Visualizing Data using t-SNE"), exactly: all pairs, so for some thousand points.
// P: equations 1 and 12, with each point's bandwidth from the perplexity; Q: equation 4; the gradient: equation 5.

/** How the map is found; the defaults are those of scikit-learn. */
export interface TsneOptions {
  /** About how many neighbours a point has. */
  readonly perplexity: number;
  readonly iterations: number;
  /** Called after each iteration; may throw to end it. */
  readonly onIteration?: (iteration: number) => void;
}

/** How much P is exaggerated at first, so that groups form before their points find their places. */
const exaggeration = 12;
/** The share of the iterations that it lasts. */
const early = 0.25;

/**
 * A map of points in the plane.
 *
 * @param points [rows, width] laid flat
 * @param start [rows, 2] laid flat, such as two principal components; only their shape counts, not their scale
 * @returns [rows, 2] laid flat
 */
export function tsne(points: Float32Array, width: number, start: Float64Array, options: TsneOptions): Float64Array {
  const { perplexity, iterations, onIteration } = options;
  const n = points.length / width;
  const p = jointProbabilities(squaredDistances(points, width), n, Math.min(perplexity, (n - 1) / 3));
  const y = scaledTo(start, 1e-4);
  const [velocity, gains] = [new Float64Array(2 * n), new Float64Array(2 * n).fill(1)];
  const rate = Math.max(50, n / exaggeration / 4);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const forming = iteration < early * iterations;
    const gradient = tsneGradient(p, y, forming ? exaggeration : 1);
    const momentum = forming ? 0.5 : 0.8;
    for (let i = 0; i < y.length; i++) {
      // Gains as in the authors' code: more where the direction holds, less where it turns (Jacobs 1988).
      gains[i] = Math.max(0.01, gradient[i]! * velocity[i]! < 0 ? gains[i]! + 0.2 : gains[i]! * 0.8);
      velocity[i] = momentum * velocity[i]! - rate * gains[i]! * gradient[i]!;
      y[i]! += velocity[i]!;
    }
    onIteration?.(iteration + 1);
  }
  return y;
}

/** The gradient of KL(P ‖ Q) in the points of the map; `exaggerated` is a factor of P. */
export function tsneGradient(p: Float32Array, y: Float64Array, exaggerated = 1): Float64Array {
  const n = y.length / 2;
  // One loop for all pairs, of which there are millions: no arrays are made in it.
  const kernel = new Float32Array((n * (n - 1)) / 2);
  let total = 0;
  let at = 0;
  for (let i = 0; i < n; i++) {
    const x0 = y[2 * i]!;
    const y0 = y[2 * i + 1]!;
    for (let j = 0; j < i; j++) {
      const dx = x0 - y[2 * j]!;
      const dy = y0 - y[2 * j + 1]!;
      const value = 1 / (1 + dx * dx + dy * dy);
      kernel[at++] = value;
      total += 2 * value;
    }
  }
  const gradient = new Float64Array(2 * n);
  at = 0;
  for (let i = 0; i < n; i++) {
    const x0 = y[2 * i]!;
    const y0 = y[2 * i + 1]!;
    let sumX = 0;
    let sumY = 0;
    for (let j = 0; j < i; j++) {
      const near = kernel[at++]!;
      const pull = 4 * (exaggerated * p[i * n + j]! - near / total) * near;
      const fx = pull * (x0 - y[2 * j]!);
      const fy = pull * (y0 - y[2 * j + 1]!);
      sumX += fx;
      sumY += fy;
      gradient[2 * j]! -= fx;
      gradient[2 * j + 1]! -= fy;
    }
    gradient[2 * i]! += sumX;
    gradient[2 * i + 1]! += sumY;
  }
  return gradient;
}

/** P [n, n]: p(j|i) of normals about each point, as wide as the perplexity asks for, made symmetric; the sum is 1. */
export function jointProbabilities(squared: Float64Array, n: number, perplexity: number): Float32Array {
  const conditional = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const row = conditional.subarray(i * n, (i + 1) * n);
    const distances = squared.subarray(i * n, (i + 1) * n);
    const nearest = distances.reduce((least, d, j) => (j === i ? least : Math.min(least, d)), Number.POSITIVE_INFINITY);
    let [low, high, precision] = [0, Number.POSITIVE_INFINITY, 1];
    for (let trial = 0; trial < 64; trial++) {
      let [sum, weighted] = [0, 0];
      for (let j = 0; j < n; j++) {
        row[j] = j === i ? 0 : Math.exp(-precision * (distances[j]! - nearest));
        sum += row[j]!;
        weighted += row[j]! * (distances[j]! - nearest);
      }
      const entropy = Math.log(sum) + (precision * weighted) / sum;
      for (let j = 0; j < n; j++) row[j]! /= sum;
      if (Math.abs(entropy - Math.log(perplexity)) < 1e-5) break;
      if (entropy > Math.log(perplexity)) low = precision;
      else high = precision;
      precision = high === Number.POSITIVE_INFINITY ? 2 * precision : (low + high) / 2;
    }
  }
  return Float32Array.from(
    conditional,
    (value, at) => (value + conditional[(at % n) * n + Math.floor(at / n)]!) / (2 * n),
  );
}

/** ‖xᵢ − xⱼ‖² of all pairs, [n, n]. */
export function squaredDistances(points: Float32Array, width: number): Float64Array {
  const n = points.length / width;
  const squared = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let distance = 0;
      for (let k = 0; k < width; k++) distance += (points[i * width + k]! - points[j * width + k]!) ** 2;
      squared[i * n + j] = distance;
      squared[j * n + i] = distance;
    }
  }
  return squared;
}

/** The same shape, its first coordinate with this standard deviation. */
function scaledTo(start: Float64Array, deviation: number): Float64Array {
  let squares = 0;
  for (let i = 0; i < start.length; i += 2) squares += start[i]! ** 2;
  const scale = squares > 0 ? deviation / Math.sqrt(squares / (start.length / 2)) : 1;
  return start.map(value => value * scale);
}
