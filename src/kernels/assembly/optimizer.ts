// One pass over flat float32 buffers per optimiser step. The equations stand in src/optim/optimizer.ts; the scalars here
// are what remains of them when all that is the same for every element has been computed on the host.
//
// Denormals: WebAssembly has no flush-to-zero, and arithmetic that makes denormals is some thirty times slower. Moments
// whose gradients stay zero decay into them. So a first moment (or velocity) too small to matter is set to zero, and in
// the second moment a gradient counts as no smaller than a floor whose root mean square is nothing beside epsilon.
//
// The limits and all scalars are vectors in locals, set before the loop: V8 would build constants anew in every turn.

/** |x| mask; limit of first moments and velocities, 1e-30; floor of sqrt(1 - beta2) |gradient|, 1e-17. */
const limits = memory.data<u32>([0x7fffffff, 0x0da24260, 0x233877aa], 16);

// `tail` handles one element with the vectors' own code, so that an element's bits do not depend on where it lies.
// @ts-ignore: decorator
@inline
function get(tail: bool, at: usize): v128 {
  return tail ? v128.load32_zero(at) : v128.load(at);
}

// @ts-ignore: decorator
@inline
function put(tail: bool, at: usize, value: v128): void {
  if (tail) v128.store_lane<f32>(at, value, 0);
  else v128.store(at, value);
}

/** x where |x| >= limit, else 0. NaN is kept, so that a fault shows. */
// @ts-ignore: decorator
@inline
function flush(x: v128, magnitude: v128, limit: v128): v128 {
  return v128.andnot(x, f32x4.lt(v128.and(x, magnitude), limit));
}

/** ema += rate * (parameter - ema). */
// @ts-ignore: decorator
@inline
function average(tail: bool, ema: usize, parameter: v128, rate: v128): void {
  const old = get(tail, ema);
  put(tail, ema, f32x4.add(old, f32x4.mul(f32x4.sub(parameter, old), rate)));
}

// @ts-ignore: decorator
@inline
function adamVectors(
  withEma: bool, tail: bool, p: usize, end: usize, g: usize, m: usize, v: usize, ema: usize,
  beta1: f32, beta2: f32, rate1: f32, rate2: f32, stepSize: f32, epsilon: f32, decay: f32, emaRate: f32,
): void {
  const magnitude = v128.load32_splat(limits);
  const tiny = v128.load32_splat(limits, 4);
  const floor = v128.load32_splat(limits, 8);
  const b1 = f32x4.splat(beta1);
  const b2 = f32x4.splat(beta2);
  const r1 = f32x4.splat(rate1);
  const r2 = f32x4.splat(rate2);
  const size = f32x4.splat(stepSize);
  const eps = f32x4.splat(epsilon);
  const keep = f32x4.splat(decay);
  const er = f32x4.splat(emaRate);
  const stride: usize = tail ? 4 : 16;
  while (p < end) {
    const gradient = get(tail, g);
    const first = flush(f32x4.add(f32x4.mul(get(tail, m), b1), f32x4.mul(gradient, r1)), magnitude, tiny);
    const root = f32x4.pmax(v128.and(f32x4.mul(gradient, r2), magnitude), floor);
    const second = f32x4.add(f32x4.mul(get(tail, v), b2), f32x4.mul(root, root));
    put(tail, m, first);
    put(tail, v, second);
    const step = f32x4.div(f32x4.mul(first, size), f32x4.add(f32x4.sqrt(second), eps));
    const parameter = f32x4.sub(f32x4.mul(get(tail, p), keep), step);
    put(tail, p, parameter);
    if (withEma) average(tail, ema, parameter, er);
    p += stride;
    g += stride;
    m += stride;
    v += stride;
    if (withEma) ema += stride;
  }
}

// @ts-ignore: decorator
@inline
function adamPass(
  withEma: bool, p: usize, g: usize, m: usize, v: usize, ema: usize, length: usize,
  beta1: f32, beta2: f32, rate1: f32, rate2: f32, stepSize: f32, epsilon: f32, decay: f32, emaRate: f32,
): void {
  const whole = (length & ~3) << 2;
  const end = p + (length << 2);
  adamVectors(
    withEma, false, p, p + whole, g, m, v, ema, beta1, beta2, rate1, rate2, stepSize, epsilon, decay, emaRate,
  );
  adamVectors(
    withEma, true, p + whole, end, g + whole, m + whole, v + whole, ema + whole,
    beta1, beta2, rate1, rate2, stepSize, epsilon, decay, emaRate,
  );
}

/**
 * m = beta1 m + rate1 g; v = beta2 v + (rate2 g)^2; p = decay p - stepSize m / (sqrt(v) + epsilon).
 * So rate1 is scale (1 - beta1) and rate2 is scale sqrt(1 - beta2), for gradients g to be scaled by `scale`.
 */
export function adam(
  p: usize, g: usize, m: usize, v: usize, length: usize,
  beta1: f32, beta2: f32, rate1: f32, rate2: f32, stepSize: f32, epsilon: f32, decay: f32,
): void {
  adamPass(false, p, g, m, v, 0, length, beta1, beta2, rate1, rate2, stepSize, epsilon, decay, 0);
}

/** As adam, and the moving average of the parameters in the same pass. */
export function adamEma(
  p: usize, g: usize, m: usize, v: usize, length: usize,
  beta1: f32, beta2: f32, rate1: f32, rate2: f32, stepSize: f32, epsilon: f32, decay: f32, ema: usize, emaRate: f32,
): void {
  adamPass(true, p, g, m, v, ema, length, beta1, beta2, rate1, rate2, stepSize, epsilon, decay, emaRate);
}

// @ts-ignore: decorator
@inline
function sgdVectors(
  withEma: bool, tail: bool, p: usize, end: usize, g: usize, velocity: usize, ema: usize,
  scale: f32, momentum: f32, ofGradient: f32, ofVelocity: f32, emaRate: f32,
): void {
  const magnitude = v128.load32_splat(limits);
  const tiny = v128.load32_splat(limits, 4);
  const factor = f32x4.splat(scale);
  const keep = f32x4.splat(momentum);
  const a = f32x4.splat(ofGradient);
  const b = f32x4.splat(ofVelocity);
  const er = f32x4.splat(emaRate);
  const stride: usize = tail ? 4 : 16;
  while (p < end) {
    const gradient = f32x4.mul(get(tail, g), factor);
    const moved = flush(f32x4.add(f32x4.mul(get(tail, velocity), keep), gradient), magnitude, tiny);
    put(tail, velocity, moved);
    const step = f32x4.add(f32x4.mul(gradient, a), f32x4.mul(moved, b));
    const parameter = f32x4.sub(get(tail, p), step);
    put(tail, p, parameter);
    if (withEma) average(tail, ema, parameter, er);
    p += stride;
    g += stride;
    velocity += stride;
    if (withEma) ema += stride;
  }
}

// @ts-ignore: decorator
@inline
function sgdPass(
  withEma: bool, p: usize, g: usize, velocity: usize, ema: usize, length: usize,
  scale: f32, momentum: f32, ofGradient: f32, ofVelocity: f32, emaRate: f32,
): void {
  const whole = (length & ~3) << 2;
  const end = p + (length << 2);
  sgdVectors(withEma, false, p, p + whole, g, velocity, ema, scale, momentum, ofGradient, ofVelocity, emaRate);
  sgdVectors(
    withEma, true, p + whole, end, g + whole, velocity + whole, ema + whole,
    scale, momentum, ofGradient, ofVelocity, emaRate,
  );
}

/** velocity = momentum velocity + scale g; p -= ofGradient scale g + ofVelocity velocity. */
export function sgd(
  p: usize, g: usize, velocity: usize, length: usize, scale: f32, momentum: f32, ofGradient: f32, ofVelocity: f32,
): void {
  sgdPass(false, p, g, velocity, 0, length, scale, momentum, ofGradient, ofVelocity, 0);
}

/** As sgd, and the moving average of the parameters in the same pass. */
export function sgdEma(
  p: usize, g: usize, velocity: usize, length: usize, scale: f32, momentum: f32, ofGradient: f32, ofVelocity: f32,
  ema: usize, emaRate: f32,
): void {
  sgdPass(true, p, g, velocity, ema, length, scale, momentum, ofGradient, ofVelocity, emaRate);
}

/** The sum of squares, accumulated in float64 (a float32's square never overflows there: not finite means an element is not). */
export function sumOfSquares(at: usize, length: usize): f64 {
  const end = at + (length << 2);
  const vectors = at + ((length & ~7) << 2);
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  while (at < vectors) {
    const x = v128.load(at);
    const y = v128.load(at, 16);
    const x0 = f64x2.promote_low_f32x4(x);
    const x1 = f64x2.promote_low_f32x4(v128.shuffle<i32>(x, x, 2, 3, 2, 3));
    const y0 = f64x2.promote_low_f32x4(y);
    const y1 = f64x2.promote_low_f32x4(v128.shuffle<i32>(y, y, 2, 3, 2, 3));
    a = f64x2.add(a, f64x2.mul(x0, x0));
    b = f64x2.add(b, f64x2.mul(x1, x1));
    c = f64x2.add(c, f64x2.mul(y0, y0));
    d = f64x2.add(d, f64x2.mul(y1, y1));
    at += 32;
  }
  const sums = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  while (at < end) {
    const x = <f64>load<f32>(at);
    sum += x * x;
    at += 4;
  }
  return sum;
}
