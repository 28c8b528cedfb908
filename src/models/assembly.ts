// The parts of a model put together in one graph: data to codes, codes to data, and the checks at the seams.

import { LatentkitError } from '../errors.ts';
import { coefficientOf, formatShape, scaleDim, type Tensor } from '../graph/index.ts';
import { buildNetwork, holding, innerShape, type Scope, volume } from '../nn/index.ts';
import { broadcastTo, reshape, stopGradient } from '../ops/index.ts';
import { corrupt } from './corruption.ts';
import { binarize, dataInput, networkShape, toNetwork } from './data-scale.ts';
import { likelihoodOf } from './likelihoods/index.ts';
import { type BuiltLikelihood, outputChannels } from './likelihoods/likelihood.ts';
import type { Inference } from './objectives/objective.ts';
import { posteriorOf } from './posteriors/index.ts';
import type { BuiltPosterior } from './posteriors/posterior.ts';
import { priorOf } from './priors/index.ts';
import type { BuiltPrior } from './priors/prior.ts';
import type { ModelSpec } from './spec.ts';

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

  /** Inference upon the input `x`, whose pixels are drawn first where the spec binarises dynamically and this asks. */
  infer(options: { readonly binarize: boolean }): Inference {
    const { input, corruption } = this.spec;
    const grey = toNetwork(dataInput(input), input);
    const x = options.binarize ? binarize(grey, this.spec, this.#scope) : grey;
    return this.#inference(x, this.#features(corrupt(x, corruption, this.#scope)));
  }

  /** Inference upon data x, of the encoder's features [K·N, width], K rows an example. */
  #inference(x: Tensor, features: Tensor): Inference {
    const held = (): Assembly => new Assembly(this.spec, holding(this.#scope));
    const inference: Inference = {
      posterior: this.#posterior(features),
      ...this.#generation(x),
      repeat: count => this.#inference(x, repeatRows(features, count)),
      hold: part =>
        part === 'generation'
          ? { ...inference, ...held().#generation(x) }
          : { ...inference, posterior: held().#posterior(stopGradient(features)) },
    };
    return inference;
  }

  #generation(x: Tensor): Pick<Inference, 'prior' | 'logLikelihood' | 'decode'> {
    return {
      prior: this.prior(),
      decode: z => this.decode(z),
      logLikelihood: z => this.likelihood.logProb(repeatRows(x, coefficientOf(z.shape[0]!)), this.decode(z)),
    };
  }

  /** The prior over codes; one that is made of the encoder shares its parameters. */
  prior(): BuiltPrior {
    const { prior, latent, input } = this.spec;
    const context = { encode: (x: Tensor) => this.#posterior(this.#features(x)), dataShape: networkShape(input) };
    return priorOf(prior).build(prior, latent, this.#scope.child('prior'), context);
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

  #posterior(features: Tensor): BuiltPosterior {
    const { posterior, latent } = this.spec;
    return posteriorOf(posterior).build(posterior, features, latent, this.#scope.child('posterior'));
  }

  /** Codes [N, latent] to what the likelihood reads: [N, channels · outputsPerChannel, ...]. */
  decode(z: Tensor): Tensor {
    const { decoder, input, likelihood } = this.spec;
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

/** Rows [N, ...] each `count` times in a row: [count · N, ...]. */
function repeatRows(x: Tensor, count: number): Tensor {
  const [rows, ...row] = x.shape as ['N', ...number[]];
  if (count === 1) return x;
  const spread = broadcastTo(reshape(x, [rows, 1, ...row]), [rows, count, ...row]);
  return reshape(spread, [scaleDim(rows, count), ...row]);
}
