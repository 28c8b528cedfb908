// A sampler of codes: fitted once to the codes of a trained model, then kept as tensors and drawn from.

import type { Shape } from '../graph/index.ts';
import type { TrainedVae } from '../models/index.ts';
import type { HostTensor } from '../runtime/index.ts';

/** What a fitted sampler consists of, by name. */
export type Tensors = Readonly<Record<string, HostTensor<'float32'>>>;

/** Codes to fit to: rows of `latent` numbers, laid flat, each dimension of the training rows with mean 0 and variance 1. */
export interface CodeSplits {
  readonly latent: number;
  readonly train: Float32Array;
  /** What a fit that could go on for ever is stopped by. */
  readonly validation: Float32Array;
}

/** How to fit, and whom to tell. */
export interface FitContext {
  readonly vae: TrainedVae;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((share: number) => void) | undefined;
}

/** What a draw depends on. */
interface DrawOptions {
  readonly seed: number;
  /** What the normal noise is multiplied by. */
  readonly temperature: number;
}

/** Tensors at work, on the scale of what they were fitted to. */
interface Drawer {
  /** [count, latent] laid flat: a function of the seed and each code's place alone. */
  draw(count: number, options: DrawOptions): Promise<Float32Array>;
  /** log p(z) in nats of codes laid flat, where the sampler is a density. */
  logProb?(codes: Float32Array): Promise<Float64Array>;
  dispose?(): Promise<void>;
}

/** A kind of sampler. `S` is its spec. */
export interface SamplerDefinition<S extends { readonly type: string }> {
  readonly type: S['type'];
  /** Whether it draws normal noise, which a temperature can scale. */
  readonly tempered: boolean;
  fit(spec: S, codes: CodeSplits, context: FitContext): Promise<Tensors>;
  /** The names and shapes of what `fit` gives for codes of so many dimensions; N stands for any number. */
  shapes(spec: S, latent: number): Readonly<Record<string, Shape>>;
  open(spec: S, tensors: Tensors, vae: TrainedVae): Drawer;
}

export function defineSampler<S extends { readonly type: string }>(
  definition: SamplerDefinition<S>,
): SamplerDefinition<S> {
  return definition;
}
