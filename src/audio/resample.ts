// Other sampling rates, by a polyphase filter: the ideal low-pass filter, a sinc, under a Kaiser window (Kaiser 1974;
// Crochiere and Rabiner 1983, chapter 2). Each output sample is a weighted sum of the inputs around its moment; where the
// rates are as up to down, the moments repeat after `up` outputs, so that there are only `up` sets of weights.

/** Attenuation beyond the pass band is about 80 dB: β = 0.1102 (80 − 8.7). */
const BETA = 7.857;
/** Zero crossings of the sinc on each side. */
const CROSSINGS = 32;
/**
 * Where the filter is at one half, as a share of the lower of both Nyquist frequencies. A Kaiser window of 80 dB has a
 * transition of (80 − 8) / (2.285 · π · 2 · 32) ≈ 0.157 of it, of which half lies below.
 */
const ROLLOFF = 0.92;

/**
 * A signal at another sampling rate: round(length · to / from) samples, the first at the same moment as the first of
 * the input. Frequencies up to 84 % of the lower Nyquist frequency pass; what would be mirrored into them is 80 dB down.
 *
 * @param from the rate of `samples`, in whole hertz
 * @param to the rate of the result, in whole hertz
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return samples;
  const divisor = greatestCommonDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const reach = Math.ceil((CROSSINGS * Math.max(from, to)) / to);
  const phases = Array.from({ length: up }, (_, phase) => weights(phase / up, Math.min(1, to / from), reach));
  const output = new Float32Array(Math.max(1, Math.round((samples.length * to) / from)));
  for (let i = 0; i < output.length; i++) {
    const taps = phases[(i * down) % up]!;
    const start = Math.floor((i * down) / up) - reach + 1;
    let sum = 0;
    for (let k = Math.max(0, -start); k < taps.length && start + k < samples.length; k++) {
      sum += taps[k]! * samples[start + k]!;
    }
    output[i] = sum;
  }
  return output;
}

/** The weights of inputs −reach + 1 to reach around a moment that lies `offset` of a sample beyond input 0. */
function weights(offset: number, band: number, reach: number): Float64Array {
  const cutoff = band * ROLLOFF;
  const taps = Float64Array.from({ length: 2 * reach }, (_, k) => {
    const distance = k - reach + 1 - offset;
    const x = cutoff * distance;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return cutoff * sinc * kaiser(distance / reach);
  });
  // Each phase lets a constant pass as it is, so that no pattern of the phases is heard.
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  return taps.map(tap => tap / total);
}

/** The Kaiser window over [−1, 1]. */
function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / besselI0(BETA);
}

/** The modified Bessel function of order zero, by its power series. */
function besselI0(x: number): number {
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
