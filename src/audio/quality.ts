// How near a restored signal is to the clean one.

/**
 * The scale-invariant signal-to-distortion ratio in decibels (Le Roux et al. 2019, "SDR – Half-baked or Well Done?"): the
 * energy of the estimate's part along the reference against that of the rest. How loud either is does not matter.
 */
export function siSdr(estimate: Float32Array, reference: Float32Array): number {
  let [dot, energy] = [0, 0];
  for (let i = 0; i < reference.length; i++) {
    dot += estimate[i]! * reference[i]!;
    energy += reference[i]! ** 2;
  }
  const scale = dot / energy;
  let rest = 0;
  for (let i = 0; i < reference.length; i++) rest += (estimate[i]! - scale * reference[i]!) ** 2;
  return 10 * Math.log10((scale * scale * energy) / rest);
}
