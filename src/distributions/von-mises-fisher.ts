// The von Mises–Fisher distribution on the unit sphere of R^d, d ≥ 2: q(z) ∝ exp(κ μᵀz) (Davidson et al. 2018,
// "Hyperspherical Variational Auto-Encoders", section 3). With θ the angle between z and μ, whose density is proportional
// to exp(κ cos θ) sin^{d−2} θ, a code is z = cos θ · μ + sin θ · v with v uniform among the directions at right angles to μ.
//
// The paper takes the normaliser from Bessel functions I_{d/2−1}(κ), which overflow, and θ from rejection, whose gradient
// needs a correction of large variance. Here both come from one quadrature of θ's density, in which nothing cancels
// whatever κ and d are: its sum is the normaliser, its partial sums the distribution function F, and a code's θ solves
// F(θ; κ) = u for uniform u. The solution's gradient is the implicit one, ∂θ/∂κ = −∂F/∂κ / ∂F/∂θ (Figurnov et al. 2018,
// "Implicit Reparameterization Gradients", equation 6), which needs no correction.

import { constant, type Tensor } from '../graph/index.ts';
import {
  add,
  clip,
  concat,
  div,
  exp,
  floor,
  log,
  matmul,
  maximum,
  minimum,
  mul,
  reshape,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  sum,
} from '../ops/index.ts';
import { sumPerExample } from './distribution.ts';

/** Von Mises–Fisher distributions, one a row. */
export interface VonMisesFisher {
  /** log q(z) in nats by area of the sphere, for z [N, d] on it: [N]. */
  logProb(z: Tensor): Tensor;
  /** Codes [N, d] made of uniform noise [N, 1] and normal noise [N, d]; gradients reach both parameters. */
  sample(uniform: Tensor, normal: Tensor): Tensor;
  /** KL to the uniform distribution on the sphere in nats: [N, 1]. */
  klToUniform(): Tensor;
}

/** The logarithm of the area of the unit sphere in R^d: 2 points for d = 1, 2π for d = 2; then A_d = A_{d−2} · 2π / (d − 2). */
export function logSphereArea(d: number): number {
  if (d <= 2) return Math.log(d === 1 ? 2 : 2 * Math.PI);
  return logSphereArea(d - 2) + Math.log((2 * Math.PI) / (d - 2));
}

/** Vectors [N, d] as directions, of length 1. Zeros stay zeros. */
export function direction(x: Tensor): Tensor {
  // The floor is that of the square of a length.
  return div(x, sqrt(maximum(sum(square(x), -1, { keepDims: true }), 1e-12)));
}

/**
 * @param mean μ, directions [N, d].
 * @param concentration κ > 0, [N, 1].
 */
export function vonMisesFisher(mean: Tensor, concentration: Tensor): VonMisesFisher {
  const [, d] = mean.shape as [unknown, number];
  const polar = polarAngle(concentration, d);
  const besides = logSphereArea(d - 1);
  return {
    // κ μᵀz by the distance of z and μ, which are close where κ is large: 1 − μᵀz = ½ ‖z − μ‖².
    logProb(z) {
      const rise = sub(mul(0.25, sum(square(sub(z, mean)), 1, { keepDims: true })), polar.origin);
      return sumPerExample(sub(mul(mul(-2, concentration), rise), add(polar.logNormaliser, besides)));
    },
    klToUniform() {
      const expected = mul(mul(-2, concentration), polar.meanRise);
      return sub(expected, add(polar.logNormaliser, besides - logSphereArea(d)));
    },
    sample(uniform, normal) {
      const { cosine, sine } = polar.quantile(uniform);
      const still = stopGradient(mean);
      const beside = (x: Tensor): Tensor => direction(sub(x, mul(still, inner(still, x))));
      // Twice, since little may be left of noise that points along the mean, and of that rounding is a large part.
      const aside = beside(beside(normal));
      // As μ moves, v is carried along without turning about it: the transport that keeps v uniform and moves least.
      const carried = sub(aside, mul(still, inner(sub(mean, still), aside)));
      return add(mul(cosine, mean), mul(sine, carried));
    },
  };
}

/** The inner products of rows: [N, 1]. */
function inner(a: Tensor, b: Tensor): Tensor {
  return sum(mul(a, b), 1, { keepDims: true });
}

/** The distribution of θ, where S is sin² ½θ and a rise is S − origin. */
interface PolarAngle {
  /** S near the mode of θ, from which all is measured; without gradient: [N, 1]. */
  readonly origin: Tensor;
  /** log ∫ exp(−2κ (S − origin)) sin^{d−2} θ dθ: [N, 1]. */
  readonly logNormaliser: Tensor;
  /** E[S − origin]: [N, 1]. */
  readonly meanRise: Tensor;
  /** The angle below which lies the share u: [N, 1]. */
  quantile(u: Tensor): { readonly cosine: Tensor; readonly sine: Tensor };
}

/** Panels of the quadrature, which reach so many standard deviations to both sides of the mode: to 1e-8 of the mass. */
const panels = 36;
const reach = 18;

/** Gauss and Legendre's rule of four points on [0, 1]. */
const nodes = [0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970262];
const weights = [0.17392742256872692, 0.3260725774312731, 0.3260725774312731, 0.17392742256872692];

/** What keeps quotients finite. */
const tiny = 1e-30;

/** A density, in units of that at the mode, at shares that uniform noise of 24 bits cannot tell from 0 or 1. */
const unseen = 1e-7;

/** θ is measured by t = tan ¼θ, in [0, 1], of which S, sin θ and dθ are rational functions without a pole. */
function polarAngle(concentration: Tensor, d: number): PolarAngle {
  const [batch] = concentration.shape as [Tensor['shape'][number]];
  const still = stopGradient(concentration);
  const row = (values: readonly number[]): Tensor => constant(values, [1, values.length]);
  const half = (t: Tensor): { readonly sine: Tensor; readonly cosine: Tensor } => {
    const squared = square(t);
    return { sine: div(mul(2, t), add(1, squared)), cosine: div(sub(1, squared), add(1, squared)) };
  };

  // The mode: κ sin² θ = (d − 2) cos θ. With its curvature it says where the panels lie.
  const cosine = div(mul(2, still), add(d - 2, sqrt(add((d - 2) ** 2, square(mul(2, still))))));
  const tangent = div(sqrt(div(mul(d - 2, cosine), still)), add(1, cosine));
  const mode = div(tangent, add(1, sqrt(add(1, square(tangent)))));
  const deviation = div(mul(0.25, add(1, square(mode))), sqrt(mul(still, add(cosine, div(1, cosine)))));
  const low = maximum(sub(mode, mul(reach, deviation)), 0);
  const width = div(sub(minimum(add(mode, mul(reach, deviation)), 1), low), panels);
  const atMode = half(mode);
  const sineAtMode = mul(atMode.sine, atMode.cosine);

  /** The density by panels at places counted in panels, [N, K], as a multiple of that at the mode; and the rise. */
  const density = (place: Tensor): { readonly value: Tensor; readonly rise: Tensor } => {
    const t = add(low, mul(width, place));
    const { sine, cosine } = half(t);
    const rise = mul(sub(sine, atMode.sine), add(sine, atMode.sine));
    const onAxis = mul(mul(-2, concentration), rise);
    const ratio = d === 2 ? undefined : maximum(div(mul(sine, cosine), sineAtMode), tiny);
    const exponent = ratio ? add(onAxis, mul(d - 2, log(ratio))) : onAxis;
    return { value: div(exp(exponent), add(1, square(t))), rise };
  };
  const places = Array.from({ length: panels }, (_, i) => nodes.map(node => i + node)).flat();
  const { value, rise } = density(row(places));
  const byPanel = (x: Tensor): Tensor => sum(mul(reshape(x, [batch, panels, nodes.length]), constant(weights)), 2);
  const mass = byPanel(value);
  const total = sum(mass, 1, { keepDims: true });
  // dθ = 4 dt / (1 + t²), and sin θ is twice the product of the halves.
  const scale = log(mul(mul(4, width), total));
  return {
    origin: square(atMode.sine),
    logNormaliser: d === 2 ? scale : add(scale, mul(d - 2, log(mul(2, sineAtMode)))),
    meanRise: div(sum(byPanel(mul(value, rise)), 1, { keepDims: true }), total),
    quantile(u) {
      const place = solve(u, mass, place => density(place).value);
      const { sine, cosine } = half(add(low, mul(width, place)));
      return { cosine: sub(1, mul(2, square(sine))), sine: mul(mul(2, sine), cosine) };
    },
  };

  /** The place x, counted in panels, with F(x) = u · total: the panel by the masses, then Newton's method within it. */
  function solve(u: Tensor, mass: Tensor, density: (place: Tensor) => Tensor): Tensor {
    const target = mul(u, total);
    const earlier = Array.from({ length: panels ** 2 }, (_, i) => (Math.floor(i / panels) < i % panels ? 1 : 0));
    const before = matmul(mass, constant(earlier, [panels, panels]));
    const share = stopGradient(clip(div(sub(target, before), maximum(mass, tiny)), 0, 1));
    const passed = floor(share);
    const start = sum(passed, 1, { keepDims: true });
    /** F and its derivative, by the same rule from the panel's start. */
    const at = (x: Tensor): { readonly below: Tensor; readonly slope: Tensor } => {
      const length = sub(x, start);
      const values = density(concat([add(start, mul(length, row(nodes))), x], 1));
      const within = mul(length, inner(slice(values, 1, 0, nodes.length), row(weights)));
      const slope = stopGradient(maximum(slice(values, 1, nodes.length), unseen));
      return { below: add(inner(passed, mass), within), slope };
    };
    let x = sum(share, 1, { keepDims: true });
    // Where θ nears 0, F grows as its (d − 1)th power, of which the root is close to a line: that is what is solved.
    for (let step = 0; step < 4; step++) {
      const { below, slope } = at(x);
      const held = maximum(below, tiny);
      const root = exp(div(log(div(target, held)), d - 1));
      const next = add(x, div(mul(mul(d - 1, held), sub(root, 1)), slope));
      x = stopGradient(clip(next, start, add(start, 1)));
    }
    // The solution, under the implicit gradient.
    const { below, slope } = at(x);
    const residue = sub(below, target);
    return add(x, div(sub(stopGradient(residue), residue), slope));
  }
}
