// Spherical linear interpolation (Shoemake 1985, "Animating Rotation with Quaternion Curves"), as White 2016 ("Sampling
// Generative Networks") uses it for Gaussian codes: a straight line leaves the shell on which such codes lie.

/**
 * The point at share t of the way from a to b: sin((1−t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b, Ω being the angle between
 * them. Where they point the same way, opposite ways, or one is zero, there is no one arc, and the way is straight.
 */
export function slerp(a: ArrayLike<number>, b: ArrayLike<number>, t: number): Float32Array {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  const cosine = dot / Math.sqrt(aa * bb);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  const sine = Math.sin(angle);
  const straight = !(sine > 1e-6);
  const fromA = straight ? 1 - t : Math.sin((1 - t) * angle) / sine;
  const fromB = straight ? t : Math.sin(t * angle) / sine;
  return Float32Array.from({ length: a.length }, (_, i) => fromA * a[i]! + fromB * b[i]!);
}

/**
 * The same for codes of which only so many numbers, the first ones, lie about an origin: the rest, such as the vectors of
 * choices among categories, goes straight, so that these stay mixtures of their categories.
 */
export function slerpFirst(numbers: number, a: Float32Array, b: Float32Array, t: number): Float32Array {
  const point = Float32Array.from(a, (value, i) => (1 - t) * value + t * b[i]!);
  point.set(slerp(a.subarray(0, numbers), b.subarray(0, numbers), t));
  return point;
}
