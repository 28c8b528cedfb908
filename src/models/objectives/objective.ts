// An objective: what training minimises, made of the terms of the bound.

import type { Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import type { OptimizerInput } from '../../optim/index.ts';
import type { PartSchema } from '../../schema.ts';
import type { Posterior } from '../posteriors/index.ts';
import type { BuiltPosterior } from '../posteriors/posterior.ts';
import type { BuiltPrior } from '../priors/prior.ts';

/** A model's inference in one graph, from which an objective takes what it needs, as often as it needs it. */
export interface Inference {
  /** Of N rows; of `repeat(count)`, `count` rows for each example, one after the other. */
  readonly posterior: BuiltPosterior;
  readonly prior: BuiltPrior;
  /** The data as the network sees them, that are to be explained: [N, channels, ...]. */
  readonly data: Tensor;
  /** log p(x|z) in nats for codes [N, latent]: [N]. Codes [K·N, latent] are K for each example: [K·N]. */
  logLikelihood(z: Tensor): Tensor;
  /** The decoder's output for codes [N, latent]: [N, channels · outputsPerChannel, ...]. */
  decode(z: Tensor): Tensor;
  /** The expected data for codes [N, latent]: [N, channels, ...]. */
  expected(z: Tensor): Tensor;
  /** The same with each example `count` times: its posterior draws so many codes. The encoder runs once. */
  repeat(count: number): Inference;
  /**
   * The same values, with gradients held back: from the encoder and the posterior's parameters (`inference`), or from
   * those of prior, decoder and likelihood (`generation`). Gradients to the codes still flow.
   */
  hold(part: 'inference' | 'generation'): Inference;
  /** Of a semi-supervised model, what is known and inferred of each row's class; the rest is given the likeliest class. */
  readonly labels?: InferredLabels;
}

/** The classes of N rows, of which some may be given. */
export interface InferredLabels {
  /** Unnormalised log q(y|x): [N, classes]. */
  readonly logits: Tensor;
  /** One-hot, and zeros where the class is not known: [N, classes]. Undefined where none is taken. */
  readonly given: Tensor | undefined;
  /** Inference given each class in turn: `classes` rows for each example, one after the other. */
  each(): Inference;
}

/** A scalar input of the step that the training loop feeds (see `objectiveScalarsAt`). */
type Scalar = (name: string) => Tensor;

/** What an objective gives. */
export interface Terms {
  /**
   * The scalar to minimise, summed over the batch: so the gradients of shards add up to the batch's, and the one
   * division by the batch size is the optimiser's. A statistic of the whole batch is multiplied by the batch size. An
   * adversary's loss is a term of it, whose gradient is held back from everything else (`stopGradient`), as is the
   * adversary's from the model's terms (`holding`).
   */
  readonly loss: Tensor;
  /** −log p(x|z) in nats per example: [N]. */
  readonly reconstruction: Tensor;
  /** KL(q(z|x) ‖ p(z)) in nats per example, unweighted: [N]. */
  readonly kl: Tensor;
}

/** Where training stands, on which the scalars of a step depend. */
export interface Position {
  /** Counted from 0. */
  readonly step: number;
  /** Turns lengths given in epochs into steps. */
  readonly stepsPerEpoch: number;
  /** Training rows. */
  readonly datasetSize: number;
}

/** An objective as people write it: what is left out takes its default. */
export type OptionsOf<S extends { readonly type: string }> = { readonly type: S['type'] } & {
  readonly [K in Exclude<keyof S, 'type'>]?: S[K] | undefined;
};

/** The fields that an objective must have in full. */
type Required<S> = { readonly [K in keyof S as undefined extends S[K] ? never : K]: S[K] };

/** A kind of objective. `S` is its spec, `O` what people write. */
export interface ObjectiveDefinition<S extends { readonly type: string }, O = OptionsOf<S>> {
  readonly type: S['type'];
  readonly schema: PartSchema<O>;
  readonly defaults: Omit<Required<S>, 'type'>;
  /** The values of its scalars at a step, by the names under which `build` asks for them. None unless told. */
  scalars?(spec: S, position: Position): Readonly<Record<string, number>>;
  /** Why it does not go with a model's posterior: what it does, and what it needs for that. */
  refuse?(spec: S, posterior: Posterior): string | undefined;
  /** How its adversary is trained, where it has one: the optimiser of the parameters under `scope.adversary`. */
  adversary?(spec: S): OptimizerInput;
  /** @param scope of networks that are the objective's own. */
  build(spec: S, inference: Inference, scalar: Scalar, scope: Scope): Terms;
}

export function defineObjective<S extends { readonly type: string }, O = OptionsOf<S>>(
  definition: ObjectiveDefinition<S, O>,
): ObjectiveDefinition<S, O> {
  return definition;
}
