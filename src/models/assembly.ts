// The parts of a model put together in one graph: data to codes, codes to data, and the checks at the seams.

import { LatentkitError } from '../errors.ts';
import { coefficientOf, type Dim, formatShape, scaleDim, type Tensor } from '../graph/index.ts';
import { buildNetwork, holding, innerShape, type Scope, volume } from '../nn/index.ts';
import { broadcastTo, concat, reshape, stopGradient } from '../ops/index.ts';
import { everyClass, givenCondition, joinCondition } from './condition.ts';
import { corrupt } from './corruption.ts';
import { binarize, dataInput, networkShape, toNetwork } from './data-scale.ts';
import { likelihoodOf } from './likelihoods/index.ts';
import { type BuiltLikelihood, outputChannels } from './likelihoods/likelihood.ts';
import type { Inference } from './objectives/objective.ts';
import { posteriorOf } from './posteriors/index.ts';
import type { BuiltPosterior } from './posteriors/posterior.ts';
import { priorOf } from './priors/index.ts';
import type { BuiltPrior } from './priors/prior.ts';
import { classLogits, likeliest } from './semi-supervised.ts';
import type { ModelSpec } from './spec.ts';

interface InferOptions {
  /** Whether pixels are drawn first, where the spec binarises dynamically. */
  readonly binarize: boolean;
  /** Of semi-supervised models: whether classes that are given are taken, or all are inferred. Default `used`. */
  readonly labels?: 'used' | 'ignored';
}

/** A model in one graph, whose parameters and noise come from one scope. */
export class Assembly {
  readonly spec: ModelSpec;
  readonly likelihood: BuiltLikelihood;
  readonly #scope: Scope;

  constructor(spec: ModelSpec, scope: Scope) {
    this.spec = spec;
    this.#scope = scope;
    this.likelihood = likelihoodOf(spec.likelihood).build(spec.likelihood, scope.child('likelihood'), spec.input);
  }

  /** Inference upon the input `x` and, of a conditional model, its condition. */
  infer({ binarize: drawn, labels = 'used' }: InferOptions): Inference {
    const { input, condition } = this.spec;
    const grey = toNetwork(dataInput(input), input);
    const x = drawn ? binarize(grey, this.spec, this.#scope) : grey;
    const features = this.#features(corrupt(x, this.spec, this.#scope));
    if (condition?.type !== 'semiSupervised') {
      return this.#inference(x, features, condition && givenCondition(condition));
    }
    const { classes } = condition;
    const logits = classLogits(features, classes, this.#scope.child('classifier'));
    const given = labels === 'used' ? givenCondition(condition) : undefined;
    const each = (): Inference => this.#inference(x, repeatRows(features, classes), everyClass(x.shape[0]!, classes));
    return { ...this.#inference(x, features, likeliest(logits, given)), labels: { logits, given, each } };
  }

  /** Inference upon data x, of the encoder's features [K·N, width], K rows an example, given [N or K·N, width]. */
  #inference(x: Tensor, features: Tensor, given?: Tensor): Inference {
    const held = (): Assembly => new Assembly(this.spec, holding(this.#scope));
    const inference: Inference = {
      posterior: this.#posterior(features, given),
      data: x,
      ...this.#generation(x, given),
      repeat: count => this.#inference(x, repeatRows(features, count), given),
      hold: part =>
        part === 'generation'
          ? { ...inference, ...held().#generation(x, given) }
          : { ...inference, posterior: held().#posterior(stopGradient(features), given) },
    };
    return inference;
  }

  #generation(
    x: Tensor,
    given: Tensor | undefined,
  ): Pick<Inference, 'prior' | 'logLikelihood' | 'decode' | 'expected'> {
    return {
      prior: this.prior(given),
      decode: z => this.decode(z, given),
      expected: z => this.likelihood.mean(this.decode(z, given)),
      logLikelihood: z => this.likelihood.logProb(repeatTo(z.shape[0]!, x), this.decode(z, given)),
    };
  }

  /** The prior over codes; one that is made of the encoder shares its parameters. */
  prior(given?: Tensor): BuiltPrior {
    const { prior, posterior, latent, input, condition } = this.spec;
    const context = {
      encode: (x: Tensor) => this.encode(x),
      posterior: { spec: posterior, scope: this.#scope.child('posterior') },
      dataShape: networkShape(input),
      ...(condition && { condition: (rows: Dim) => repeatTo(rows, given ?? givenCondition(condition)) }),
    };
    return priorOf(prior).build(prior, latent, this.#scope.child('prior'), context);
  }

  /** The posterior of data x as networks see them, given the condition of each row. */
  encode(x: Tensor, given?: Tensor): BuiltPosterior {
    return this.#posterior(this.#features(x), given);
  }

  #features(x: Tensor): Tensor {
    const { encoder, input } = this.spec;
    const features = buildNetwork(encoder, x, { name: 'encoder', scope: this.#scope, columns: input.columns });
    if (features.shape.length !== 2) {
      throw new LatentkitError(
        'shape',
        `encoder: expected it to end in a vector, got ${formatShape(innerShape(features))}; end it with flatten().`,
      );
    }
    return features;
  }

  #posterior(features: Tensor, given?: Tensor): BuiltPosterior {
    const { posterior, latent, condition } = this.spec;
    if (condition && given) {
      const joined = joinCondition(features, repeatTo(features.shape[0]!, given), condition, this.#scope);
      return posteriorOf(posterior).build(posterior, joined, latent, this.#scope.child('posterior'));
    }
    return posteriorOf(posterior).build(posterior, features, latent, this.#scope.child('posterior'));
  }

  /** Codes [N, latent] to what the likelihood reads: [N, channels · outputsPerChannel, ...]. */
  decode(code: Tensor, given?: Tensor): Tensor {
    const { decoder, input, likelihood, condition } = this.spec;
    const rows = code.shape[0]!;
    const z = condition ? concat([code, repeatTo(rows, given ?? givenCondition(condition))], 1) : code;
    const [channels, ...size] = networkShape(input) as [number, ...number[]];
    const output = [outputChannels(likelihoodOf(likelihood).outputsPerChannel(likelihood, input), channels), ...size];
    const y = buildNetwork(decoder, z, { name: 'decoder', scope: this.#scope, output });
    const got = innerShape(y);
    const fits = volume(got) === volume(output) && (got.length === 1 || got.join() === output.join());
    if (!fits) {
      throw new LatentkitError(
        'shape',
        `decoder: expected it to end in [${output.join(', ')}] or a vector of ${volume(output)} numbers, as the ` +
          `likelihood "${likelihood.type}" needs for an input [${input.shape.join(', ')}], got [${got.join(', ')}].`,
      );
    }
    return reshape(y, [z.shape[0]!, ...output]);
  }
}

/** Rows [N, ...] each as often in a row as makes them `count` rows. */
function repeatTo(count: Dim, x: Tensor): Tensor {
  return repeatRows(x, coefficientOf(count) / coefficientOf(x.shape[0]!));
}

/** Rows [N, ...] each `count` times in a row: [count · N, ...]. */
export function repeatRows(x: Tensor, count: number): Tensor {
  const [rows, ...row] = x.shape as ['N', ...number[]];
  if (count === 1) return x;
  const spread = broadcastTo(reshape(x, [rows, 1, ...row]), [rows, count, ...row]);
  return reshape(spread, [scaleDim(rows, count), ...row]);
}
