// The standard normal's distribution function in float64, by Hart's rational approximation (Hart et al. 1968, "Computer
// Approximations", algorithm 5666; in this form West 2005, "Better approximations to cumulative normal functions").

const numerator = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688,
  0.0352624965998911,
] as const;
const denominator = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207,
  1.75566716318264, 0.0883883476483184,
] as const;

/** Φ(x), to some 1e-15; x may be infinite. */
export function standardNormalCdf(x: number): number {
  const distance = Math.abs(x);
  const tail = distance > 37 ? 0 : upperTail(distance);
  return x > 0 ? 1 - tail : tail;
}

function upperTail(x: number): number {
  const density = Math.exp(-0.5 * x * x);
  if (x < 7.07106781186547) return (density * horner(numerator, x)) / horner(denominator, x);
  const fraction = x + 1 / (x + 2 / (x + 3 / (x + 4 / (x + 0.65))));
  return density / (fraction * 2.506628274631);
}

function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i]!;
  return sum;
}
