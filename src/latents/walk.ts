// A smooth walk through codes and back to the first: a closed Catmull–Rom spline (Catmull and Rom 1974), brought back to
// the shell that it cuts across. A point of the spline is Σ wᵢzᵢ with Σ wᵢ = 1; of independent codes from N(0, I) its
// variance is only Σ wᵢ², which is why straight lines between codes decode to averages (White 2016).

/** What the codes are like. */
export interface WalkSpace {
  readonly latent: number;
  /** The first so many numbers of a code lie about the origin; the others are choices, which go straight. */
  readonly numbers: number;
  /** Whether codes must lie on the sphere that their ends are on, as those of von Mises–Fisher posteriors must. */
  readonly sphere?: boolean;
}

/**
 * `steps` codes from each code to the next and from the last to the first: [n · steps, latent] laid flat, of which every
 * `steps`-th is one that was given. The path and its velocity are continuous.
 *
 * Lengths go smoothly from that of one code to that of the next. Where codes lie on opposite sides, as few-dimensional ones
 * may, the spline comes near the origin; so what it is stretched by is held below 1/√Σ wᵢ².
 *
 * @param codes [n, latent] laid flat, n at least 2
 */
export function closedWalk(
  codes: Float32Array,
  { latent, numbers, sphere = false }: WalkSpace,
  steps: number,
): Float32Array {
  const count = codes.length / latent;
  const codeOf = (i: number): Float32Array => codes.subarray(i * latent, (i + 1) * latent);
  const lengths = Array.from({ length: count }, (_, i) => Math.hypot(...codeOf(i).subarray(0, numbers)));
  const walk = new Float32Array(count * steps * latent);
  for (let leg = 0; leg < count; leg++) {
    const next = (leg + 1) % count;
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      const point = walk.subarray((leg * steps + step) * latent, (leg * steps + step + 1) * latent);
      const weights = new Float64Array(count);
      splineWeights(t).forEach((weight, i) => {
        weights[(leg + i - 1 + count) % count]! += weight;
      });
      for (let j = 0; j < latent; j++) {
        if (j < numbers) for (let i = 0; i < count; i++) point[j]! += weights[i]! * codeOf(i)[j]!;
        else point[j] = (1 - t) * codeOf(leg)[j]! + t * codeOf(next)[j]!;
      }
      const wanted = lengths[leg]! + (lengths[next]! - lengths[leg]!) * t * t * (3 - 2 * t);
      const stretch = wanted / Math.hypot(...point.subarray(0, numbers));
      const most = sphere ? Number.MAX_VALUE : 1 / Math.hypot(...weights);
      const factor = stretch < most ? stretch : most;
      for (let j = 0; j < numbers; j++) point[j]! *= factor;
    }
  }
  return walk;
}

/** The weights of the code before, of the two that t in [0, 1) lies between, and of the one after them. */
function splineWeights(t: number): readonly [number, number, number, number] {
  const [t2, t3] = [t * t, t * t * t];
  return [(2 * t2 - t3 - t) / 2, (3 * t3 - 5 * t2 + 2) / 2, (4 * t2 - 3 * t3 + t) / 2, (t3 - t2) / 2];
}
