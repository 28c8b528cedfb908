// Linear systems, in float64.

/** Solves A X = B for a positive definite A [n, n] and B [n, m] by Cholesky's factors. */
export function solvePositive(a: Float64Array, b: Float64Array, n: number, m: number): Float64Array {
  const l = a.slice();
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  }
  const x = b.slice();
  for (let column = 0; column < m; column++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i * m + column]! -= l[i * n + k]! * x[k * m + column]!;
      x[i * m + column]! /= l[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i * m + column]! -= l[k * n + i]! * x[k * m + column]!;
      x[i * m + column]! /= l[i * n + i]!;
    }
  }
  return x;
}
