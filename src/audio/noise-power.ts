// How strong the noise is in each bin of noisy spectra, estimated frame by frame while somebody may be speaking.

/** Seconds at a signal's beginning that are taken for noise alone. */
const BEGINNING = 0.1;

/**
 * The noise's power, updated as far as speech is unlikely (Gerkmann and Hendriks 2012, "Unbiased MMSE-Based Noise Power
 * Estimation with Low Complexity and Low Tracking Delay").
 */
export class NoisePower {
  /** The ratio of speech to noise, where there is speech, that the probability is reckoned by: 15 dB. */
  static readonly #prior = 10 ** 1.5;
  readonly #smoothing: number;
  readonly #memory: number;
  readonly #beginning: number;
  #frames = 0;
  #likely: Float32Array = new Float32Array();
  #power: Float32Array = new Float32Array();

  /** @param seconds from frame to frame; the paper's constants are for 16 ms. */
  constructor(seconds: number) {
    this.#smoothing = 0.8 ** (seconds / 0.016);
    this.#memory = 0.9 ** (seconds / 0.016);
    this.#beginning = Math.max(1, Math.round(BEGINNING / seconds));
  }

  /** Of each bin; of none before the first frame. */
  get power(): Float32Array {
    return this.#power;
  }

  push(power: Float32Array): void {
    if (this.#frames === 0) {
      [this.#power, this.#likely] = [new Float32Array(power.length), new Float32Array(power.length).fill(0.5)];
    }
    this.#frames += 1;
    const begins = this.#frames <= this.#beginning;
    for (let k = 0; k < power.length; k++) {
      const [now, before] = [power[k]!, this.#power[k]!];
      this.#power[k] = begins ? before + (now - before) / this.#frames : this.#updated(k, now, before);
    }
  }

  #updated(k: number, now: number, before: number): number {
    const prior = NoisePower.#prior;
    const ratio = now / Math.max(before, Number.MIN_VALUE);
    const speech = 1 / (1 + (1 + prior) * Math.exp((-ratio * prior) / (1 + prior)));
    const likely = this.#memory * this.#likely[k]! + (1 - this.#memory) * speech;
    this.#likely[k] = likely;
    // Noise that has risen is not taken for speech for ever.
    const share = likely > 0.99 ? Math.min(speech, 0.99) : speech;
    return this.#smoothing * before + (1 - this.#smoothing) * (share * before + (1 - share) * now);
  }
}

/**
 * The least power of the last half to whole second, smoothed before (minimum statistics, Martin 2001), kept by two windows in
 * turn (Cohen and Berdugo 2002). It lies below the noise's power, but no speech raises it.
 */
export class MinimumPower {
  readonly #smoothing: number;
  readonly #memory: number;
  #smooth: Float32Array = new Float32Array();
  /** Minima since the beginning of one window, and of the other. */
  #older: Float32Array = new Float32Array();
  #newer: Float32Array = new Float32Array();
  #frames = 0;

  /** @param seconds from frame to frame. */
  constructor(seconds: number) {
    this.#smoothing = Math.exp(-seconds / 0.08);
    this.#memory = Math.max(1, Math.round(0.5 / seconds));
  }

  /** Of each bin; of none before the first frame. */
  get power(): Float32Array {
    return this.#older;
  }

  push(power: Float32Array): void {
    if (this.#frames === 0) {
      [this.#smooth, this.#older, this.#newer] = [power.slice(), power.slice(), power.slice()];
    }
    this.#frames += 1;
    const anew = this.#frames % this.#memory === 0;
    for (let k = 0; k < power.length; k++) {
      const smooth = this.#smoothing * this.#smooth[k]! + (1 - this.#smoothing) * power[k]!;
      this.#smooth[k] = smooth;
      this.#older[k] = Math.min(anew ? this.#newer[k]! : this.#older[k]!, smooth);
      this.#newer[k] = anew ? smooth : Math.min(this.#newer[k]!, smooth);
    }
  }
}
