// Counter-based noise: Philox4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3"), four counters
// at a time, and uniforms and normals made of its words. Only IEEE operations of WebAssembly are used, which give the
// same bits on every machine; for that reason this file must never be built with relaxed SIMD (fused multiply-add).
//
// Layout (src/random/key.ts is the reference): sixteen consecutive elements are one group of four counters; lane c of
// vector w is word w of counter 4 * group + c. So no transposition is needed, and any element can be found alone.

const GROUP_BYTES: usize = 64;

/** Where a group is made that is only partly wanted. */
const scratch = memory.data(64, 64);

/** One group: counters (4 * group + lane, step, stream) under the key (key0, key1), as four vectors of words at `out`. */
// @ts-ignore: decorator
@inline
function philox(out: usize, group: u64, step: u32, stream: u32, key0: u32, key1: u32): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  const w0 = i32x4.splat(0x9e3779b9);
  const w1 = i32x4.splat(0xbb67ae85);
  const block = group << 2;
  let x0 = i32x4.add(i32x4.splat(<i32>block), i32x4(0, 1, 2, 3));
  let x1 = i32x4.splat(<i32>(block >> 32));
  let x2 = i32x4.splat(step);
  let x3 = i32x4.splat(stream);
  let k0 = i32x4.splat(key0);
  let k1 = i32x4.splat(key1);
  for (let round = 0; round < 10; round++) {
    const p0 = i64x2.extmul_low_i32x4_u(x0, m0);
    const p1 = i64x2.extmul_high_i32x4_u(x0, m0);
    const q0 = i64x2.extmul_low_i32x4_u(x2, m1);
    const q1 = i64x2.extmul_high_i32x4_u(x2, m1);
    x0 = v128.xor(v128.xor(v128.shuffle<i32>(q0, q1, 1, 3, 5, 7), x1), k0);
    x1 = v128.shuffle<i32>(q0, q1, 0, 2, 4, 6);
    x2 = v128.xor(v128.xor(v128.shuffle<i32>(p0, p1, 1, 3, 5, 7), x3), k1);
    x3 = v128.shuffle<i32>(p0, p1, 0, 2, 4, 6);
    k0 = i32x4.add(k0, w0);
    k1 = i32x4.add(k1, w1);
  }
  v128.store(out, x0);
  v128.store(out, x1, 16);
  v128.store(out, x2, 32);
  v128.store(out, x3, 48);
}

/** The upper 24 bits as a float32 in [0, 1). */
// @ts-ignore: decorator
@inline
function uniform(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8)); // 2^-24
}

// @ts-ignore: decorator
@inline
function madd(a: v128, b: v128, c: f32): v128 {
  return f32x4.add(f32x4.mul(a, b), f32x4.splat(c));
}

/** sqrt(-2 ln u) for u = (2k + 1) / 2^31, k the upper 30 bits: the middles of 2^30 bins, so never 0. Log as in Cephes' logf. */
// @ts-ignore: decorator
@inline
function radius(words: v128): v128 {
  const odd = v128.or(i32x4.shr_u(words, 1), i32x4.splat(1));
  const u = f32x4.mul(f32x4.convert_i32x4_s(odd), f32x4.splat(4.656612873077393e-10)); // 2^-31
  // u = 2^exponent * mantissa with mantissa in [sqrt(1/2), sqrt(2)); 0x3f3504f3 is sqrt(1/2).
  const exponent = i32x4.shr_s(i32x4.sub(u, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(u, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const e = f32x4.convert_i32x4_s(exponent);
  const square = f32x4.mul(f, f);
  let y = madd(f32x4.splat(7.0376836292e-2), f, -1.151461031e-1);
  y = madd(y, f, 1.167699874e-1);
  y = madd(y, f, -1.2420140846e-1);
  y = madd(y, f, 1.4249322787e-1);
  y = madd(y, f, -1.6668057665e-1);
  y = madd(y, f, 2.0000714765e-1);
  y = madd(y, f, -2.4999993993e-1);
  y = madd(y, f, 3.3333331174e-1);
  y = f32x4.mul(f32x4.mul(y, f), square);
  // ln 2 in two parts, the larger exact when multiplied by the exponent.
  y = f32x4.add(y, f32x4.mul(e, f32x4.splat(-2.12194440e-4)));
  y = f32x4.sub(y, f32x4.mul(square, f32x4.splat(0.5)));
  const log = f32x4.add(f32x4.add(f, y), f32x4.mul(e, f32x4.splat(0.693359375)));
  return f32x4.sqrt(f32x4.mul(log, f32x4.splat(-2)));
}

/** Box-Muller: the words at `at` and `at + 16` become radius * cos(angle) and radius * sin(angle), angle = 2 pi word / 2^32. */
// @ts-ignore: decorator
@inline
function boxMuller(at: usize): void {
  const r = radius(v128.load(at));
  const turn = v128.load(at, 16);
  // The nearest quarter turn, and the rest as an angle in [-pi/4, pi/4); sine and cosine as in Cephes' sinf and cosf.
  const quarter = i32x4.shr_u(i32x4.add(turn, i32x4.splat(0x20000000)), 30);
  const rest = i32x4.sub(turn, i32x4.shl(quarter, 30));
  const angle = f32x4.mul(f32x4.convert_i32x4_s(rest), f32x4.splat(1.4629180792671596e-9)); // 2 pi / 2^32
  const square = f32x4.mul(angle, angle);
  let sine = madd(f32x4.splat(-1.9515295891e-4), square, 8.3321608736e-3);
  sine = madd(sine, square, -1.6666654611e-1);
  sine = f32x4.add(f32x4.mul(f32x4.mul(sine, square), angle), angle);
  let cosine = madd(f32x4.splat(2.443315711809948e-5), square, -1.388731625493765e-3);
  cosine = madd(cosine, square, 4.166664568298827e-2);
  cosine = madd(cosine, square, -0.5);
  cosine = madd(cosine, square, 1);
  // Turned by quarters: (c, s), (-s, c), (-c, -s), (s, -c).
  const odd = i32x4.shr_s(i32x4.shl(quarter, 31), 31);
  const x = v128.bitselect(sine, cosine, odd);
  const y = v128.bitselect(cosine, sine, odd);
  const top = i32x4.splat(0x80000000);
  const xSign = v128.and(i32x4.shl(i32x4.add(quarter, i32x4.splat(1)), 30), top);
  const ySign = v128.and(i32x4.shl(quarter, 30), top);
  v128.store(at, f32x4.mul(r, v128.xor(x, xSign)));
  v128.store(at, f32x4.mul(r, v128.xor(y, ySign)), 16);
}

const BITS = 0;
const UNIFORM = 1;
const NORMAL = 2;

// @ts-ignore: decorator
@inline
function fillGroup(kind: i32, out: usize, group: u64, step: u32, stream: u32, key0: u32, key1: u32): void {
  philox(out, group, step, stream, key0, key1);
  if (kind == UNIFORM) {
    v128.store(out, uniform(v128.load(out)));
    v128.store(out, uniform(v128.load(out, 16)), 16);
    v128.store(out, uniform(v128.load(out, 32)), 32);
    v128.store(out, uniform(v128.load(out, 48)), 48);
  }
  if (kind == NORMAL) {
    boxMuller(out);
    boxMuller(out + 32);
  }
}

// @ts-ignore: decorator
@inline
function fill(kind: i32, out: usize, length: usize, first: u64, step: u32, stream: u32, key0: u32, key1: u32): void {
  let group = first >> 4;
  let skip = <usize>(first & 15);
  let left = length;
  while (left > 0) {
    if (skip == 0 && left >= 16) {
      do {
        fillGroup(kind, out, group, step, stream, key0, key1);
        out += GROUP_BYTES;
        left -= 16;
        group++;
      } while (left >= 16);
    } else {
      fillGroup(kind, scratch, group, step, stream, key0, key1);
      const count = min<usize>(16 - skip, left);
      memory.copy(out, scratch + (skip << 2), count << 2);
      out += count << 2;
      left -= count;
      skip = 0;
      group++;
    }
  }
}

/** Raw words of elements first .. first + length - 1, as uint32. */
export function fillBits(
  out: usize, length: usize, firstLow: u32, firstHigh: u32, step: u32, stream: u32, key0: u32, key1: u32,
): void {
  fill(BITS, out, length, (<u64>firstHigh << 32) | firstLow, step, stream, key0, key1);
}

/** Uniforms in [0, 1), as float32. */
export function fillUniform(
  out: usize, length: usize, firstLow: u32, firstHigh: u32, step: u32, stream: u32, key0: u32, key1: u32,
): void {
  fill(UNIFORM, out, length, (<u64>firstHigh << 32) | firstLow, step, stream, key0, key1);
}

/** Standard normals, as float32. */
export function fillNormal(
  out: usize, length: usize, firstLow: u32, firstHigh: u32, step: u32, stream: u32, key0: u32, key1: u32,
): void {
  fill(NORMAL, out, length, (<u64>firstHigh << 32) | firstLow, step, stream, key0, key1);
}
