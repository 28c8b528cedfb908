// Eigenvalues and eigenvectors of symmetric matrices by Jacobi's rotations (Golub and Van Loan 2013, "Matrix Computations",
// section 8.5): slower than other ways, and as exact as any, for matrices of up to some hundred rows.

/** A symmetric matrix is vectors · diag(values) · vectorsᵀ. */
export interface Eigen {
  readonly values: Float64Array;
  /** [n, n]; column k belongs to value k. */
  readonly vectors: Float64Array;
}

const mostSweeps = 60;

/** Decomposes a symmetric matrix [n, n]. */
export function eigenOf(matrix: Float64Array, n: number): Eigen {
  const a = matrix.slice();
  const vectors = Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
  const whole = a.reduce((sum, v) => sum + v * v, 0);
  for (let sweep = 0; sweep < mostSweeps && offDiagonal(a, n) > 1e-30 * whole; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors };
}

function offDiagonal(a: Float64Array, n: number): number {
  return a.reduce((sum, v, i) => (i % (n + 1) === 0 ? sum : sum + v * v), 0);
}

/** A ← JᵀAJ and V ← VJ with the rotation J of the plane (p, q) that makes A's entry there 0. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const entry = a[p * n + q]!;
  if (entry === 0) return;
  const half = (a[q * n + q]! - a[p * n + p]!) / (2 * entry);
  const tangent = (half < 0 ? -1 : 1) / (Math.abs(half) + Math.hypot(1, half));
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = tangent * cosine;
  const turn = (of: Float64Array, first: number, second: number): void => {
    const [x, y] = [of[first]!, of[second]!];
    of[first] = cosine * x - sine * y;
    of[second] = sine * x + cosine * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q);
}

/** The symmetric root of a positive semidefinite matrix [n, n]; eigenvalues that rounding made negative count as 0. */
export function rootOf(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigenOf(matrix, n);
  const scaled = vectors.map((v, i) => v * Math.sqrt(Math.max(0, values[i % n]!)));
  return productTransposed(scaled, vectors, n);
}

/** A · Bᵀ of matrices [n, n]. */
export function productTransposed(a: Float64Array, b: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[j * n + k]!;
    return sum;
  });
}
