// What speech is denoised by without learning, as a benchmark beside ours: spectral subtraction and the Wiener filter, each
// with the noise's power taken from a lead-in that has noise alone, or followed by a speech presence probability.

import { overlapAdd, spectra } from '../dist/audio/index.js';

/** Every setting of a method, to choose the best of. */
function settings(options) {
  return Object.entries(options).reduce(
    (all, [name, values]) => all.flatMap(setting => values.map(value => ({ ...setting, [name]: value }))),
    [{}],
  );
}

export const baselines = {
  'spectral subtraction': {
    settings: settings({ noise: ['lead', 'tracked'], over: [1, 1.5, 2, 3, 4, 6], floor: [0.01, 0.05, 0.1, 0.2] }),
    gains: spectralSubtraction,
  },
  'Wiener filter': {
    settings: settings({ noise: ['lead', 'tracked'], memory: [0.9, 0.95, 0.98], least: [-25, -20, -15, -10] }),
    gains: wiener,
  },
};

/** The spectra of noisy sound, its power and two estimates of the noise's: what all settings of all methods begin with. */
export function prepare(noisy, framing, leadSeconds) {
  const bins = framing.frame / 2 + 1;
  const all = spectra(noisy, framing);
  const power = new Float64Array(all.length / 2);
  for (let i = 0; i < power.length; i++) power[i] = all[2 * i] ** 2 + all[2 * i + 1] ** 2;
  const first = Math.ceil((framing.frame - framing.hop) / framing.hop);
  const last = Math.floor((leadSeconds * framing.rate - framing.hop) / framing.hop);
  const lead = new Float64Array(bins);
  for (let t = first; t < last; t++) for (let k = 0; k < bins; k++) lead[k] += power[t * bins + k] / (last - first);
  return {
    framing,
    bins,
    length: noisy.length,
    spectra: all,
    power,
    lead: tiled(lead, power),
    tracked: track(power, lead),
  };
}

/** A method under a setting: the restored signal. */
export function restore(prepared, method, setting) {
  const { framing, length, spectra: all } = prepared;
  const gains = baselines[method].gains({ ...prepared, noise: prepared[setting.noise] }, setting);
  return overlapAdd(
    all.map((value, i) => value * gains[i >> 1]),
    length,
    framing,
  );
}

function tiled(lead, power) {
  return power.map((_, i) => lead[i % lead.length]);
}

/**
 * The noise's power frame by frame, updated as far as there is likely no speech (Gerkmann and Hendriks 2012, "Unbiased
 * MMSE-Based Noise Power Estimation with Low Complexity and Low Tracking Delay"), from that of the lead-in on.
 */
function track(power, lead) {
  const [prior, smoothing, known] = [10 ** 1.5, 0.8, 0.9];
  const bins = lead.length;
  const noise = new Float64Array(power.length);
  const mean = new Float64Array(bins).fill(0.5);
  for (let i = 0; i < power.length; i++) {
    const before = i < bins ? lead[i] : noise[i - bins];
    const ratio = power[i] / before;
    let speech = 1 / (1 + (1 + prior) * Math.exp((-ratio * prior) / (1 + prior)));
    mean[i % bins] = known * mean[i % bins] + (1 - known) * speech;
    // So that a rise of the noise is not taken for speech for ever.
    if (mean[i % bins] > 0.99) speech = Math.min(speech, 0.99);
    noise[i] = smoothing * before + (1 - smoothing) * (speech * before + (1 - speech) * power[i]);
  }
  return noise;
}

/** Power subtraction with over-subtraction and a floor (Berouti, Schwartz and Makhoul 1979). */
function spectralSubtraction({ power, noise }, { over, floor }) {
  // Where there is no power at all, any gain is as good.
  return power.map((value, i) => {
    const share = noise[i] / value;
    return value === 0 ? 0 : Math.sqrt(Math.max(1 - over * share, floor ** 2 * share));
  });
}

/** The Wiener gain ξ / (1 + ξ) with ξ, the ratio of speech to noise, decision-directed (Ephraim and Malah 1984). */
function wiener({ bins, power, noise }, { memory, least }) {
  const gains = new Float64Array(power.length);
  const smallest = 10 ** (least / 10);
  for (let i = 0; i < power.length; i++) {
    const before = i < bins ? 1 : (gains[i - bins] ** 2 * power[i - bins]) / noise[i - bins];
    const ratio = memory * before + (1 - memory) * Math.max(power[i] / noise[i] - 1, 0);
    const prior = Math.max(ratio, smallest);
    gains[i] = prior / (1 + prior);
  }
  return gains;
}
