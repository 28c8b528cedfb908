// From a spec to graphs: the training step with its gradients, the bound, and what a trained model is used for. Each is
// built when it is first asked for.

import { grad } from '../autodiff/index.ts';
import { LatentkitError } from '../errors.ts';
import { type Graph, graph, input, type ParameterAttributes, type Tensor } from '../graph/index.ts';
import { RootScope, type Scope } from '../nn/index.ts';
import { add, mul, softmax, sub, sum } from '../ops/index.ts';
import { Assembly } from './assembly.ts';
import { attributionOf } from './attribution.ts';
import { channelsLast } from './data-scale.ts';
import { objectiveOf } from './objectives/index.ts';
import { crossEntropy, expectedTerms, marginalOverClasses } from './semi-supervised.ts';
import type { ModelSpec } from './spec.ts';

/**
 * A model's graphs. `x` is always data as they are kept: [N, height, width, channels] or [N, width], in the type and
 * range of `spec.input`. With it a conditional model is fed `label` (int32 [N]; −1 where a semi-supervised model is to infer
 * it) or `attributes` [N, width], and so it is with codes; its bound, score and importance weights are those of x given the
 * condition, but of a semi-supervised model those of x alone. Parameters are leaves under the names of `parameters`. Nats are sums over dimensions.
 */
export interface Model {
  readonly spec: ModelSpec;
  /** All parameters, in an order that depends on the spec alone. */
  readonly parameters: readonly ParameterAttributes[];
  /**
   * A training step. Inputs: `x`; the objective's float32 scalars, such as `klWeight` (`objectiveScalarsAt`); noise.
   * Outputs, all summed over the batch: `loss`, what is minimised; `reconstruction` and `kl`, the bound's true terms in
   * nats; `gradient/<parameter>` for each parameter, the gradient of the summed loss; for each state that the step
   * changes, `state/<parameter>`: what it becomes.
   */
  stepGraph(): Graph;
  /**
   * The bound of each example at one drawn code, with KL weight 1, no free bits and no dropout: `negElbo` =
   * `reconstruction` + `kl`, each [N] in nats. Inputs: `x`, noise.
   */
  boundGraph(): Graph;
  /**
   * `x` → the posterior's `mean` [N, latent], the code where none is drawn, and what else the posterior exports: `logVar`
   * [N, latent] of Gaussians, `baseMean` and `baseLogVar` of flows, `conditionalLogVar` of ladders. Grey values are not
   * binarised.
   */
  encoderGraph(): Graph;
  /** `x`, noise → `z` [N, latent]: a code drawn from q(z|x) as in training, the encoder's mean where it is deterministic. */
  posteriorGraph(): Graph;
  /**
   * `z` [N, latent] → `mean`, the expected data in the shape of `x`, on the scale of [0, 1] (not of `input.range`); of a
   * table on its columns' own (see likelihoods/mixed.ts).
   */
  decoderGraph(): Graph;
  /**
   * `z` [N, latent] → `output`, what the likelihood reads: [N, channels · outputsPerChannel, ...], channels first. From it
   * p(x|z) can be computed outside the graph, level by level, as compression does.
   */
  outputGraph(): Graph;
  /** `x` → `mean` as the decoder gives it at the posterior's mean. */
  reconstructGraph(): Graph;
  /**
   * Scores without drawing anything, so that the same input always scores the same: `score` = `reconstruction` + `kl`,
   * each [N] in nats, with −log p(x|z) taken at the posterior's mean. No bound on the likelihood, though close to one.
   * Under dynamic binarisation the grey values stand for themselves: that is the expectation over the pixels drawn.
   */
  scoreGraph(): Graph;
  /**
   * What each dimension of a row adds to the score: `terms`, in nats, whose sum is the score's `reconstruction`; and `expected`,
   * the data as the decoder gives them at the posterior's mean. Both in the shape of `x`, the latter on the scale of `mean`.
   */
  attributionGraph(): Graph;
  /**
   * The log importance weight of one drawn code: `logWeight` [N] = log p(x|z) + log p(z) − log q(z|x) in nats, whose
   * exponential has the mean p(x) (Burda et al. 2016, equation 8). Inputs: `x`, noise: the posterior's, and under
   * dynamic binarisation `binarization`, which decides of which pixels x this is the likelihood.
   */
  importanceGraph(): Graph;
  /**
   * `x`, `z` [N, latent] → `logJoint` [N] = log p(x|z) + log p(z) in nats, and its `gradient` by z [N, latent]: what codes are
   * sought by, where the encoder's answer is not good enough.
   */
  jointGraph(): Graph;
  /**
   * `z` [N, latent], noise → `x`: rows drawn from p(x|z), on the scale of the decoder's mean.
   * @throws LatentkitError `spec` where the likelihood is none that can be drawn from.
   */
  observationGraph(): Graph;
  /** Noise → `z` [N, latent]: codes drawn from the model's own prior. */
  priorGraph(): Graph;
}

/**
 * Builds a model.
 * @throws LatentkitError `shape` or `spec` that names the layer which cannot take its input.
 */
export function buildModel(spec: ModelSpec): Model {
  const training = new RootScope({ training: true });
  const step = stepOutputs(new Assembly(spec, training), training);
  const { parameters, tensors, updates } = training;
  const outside = (): Assembly => new Assembly(spec, new RootScope({ training: false }));
  return {
    spec,
    parameters,
    stepGraph: once(() => {
      const trained = tensors.filter((_, i) => parameters[i]!.role !== 'state');
      const gradients = grad(step.loss, trained).map((gradient, i) => [`gradient/${parameters[i]!.name}`, gradient]);
      const states = Object.entries(updates).map(([name, next]) => [`state/${name}`, next]);
      return graph({ ...step, ...Object.fromEntries([...gradients, ...states]) });
    }),
    boundGraph: once(() => {
      const inference = outside().infer({ binarize: true, labels: 'ignored' });
      const { reconstruction, kl } = expectedTerms(inference, posterior => posterior.sample());
      return graph({ negElbo: add(reconstruction, kl), reconstruction, kl });
    }),
    encoderGraph: once(() => {
      const { posterior, labels } = outside().infer({ binarize: false });
      return graph({ ...posterior.outputs, ...(labels && { labelProbability: softmax(labels.logits, 1) }) });
    }),
    posteriorGraph: once(() => graph({ z: outside().infer({ binarize: true }).posterior.sample() })),
    decoderGraph: once(() => {
      const model = outside();
      return graph({ mean: channelsLast(model.likelihood.mean(model.decode(input('z', ['N', spec.latent])))) });
    }),
    outputGraph: once(() => graph({ output: outside().decode(input('z', ['N', spec.latent])) })),
    reconstructGraph: once(() => {
      const { posterior, expected } = outside().infer({ binarize: false });
      return graph({ mean: channelsLast(expected(posterior.mean)) });
    }),
    scoreGraph: once(() => {
      const inference = outside().infer({ binarize: false, labels: 'ignored' });
      const { reconstruction, kl } = expectedTerms(inference, posterior => posterior.mean);
      return graph({ score: add(reconstruction, kl), reconstruction, kl });
    }),
    attributionGraph: once(() => {
      const model = outside();
      const inference = model.infer({ binarize: false, labels: 'ignored' });
      const { terms, expected } = attributionOf(model.likelihood, inference);
      return graph({ terms: channelsLast(terms), expected: channelsLast(expected) });
    }),
    importanceGraph: once(() => {
      const inference = outside().infer({ binarize: true, labels: 'ignored' });
      const { labels } = inference;
      const { posterior, prior, logLikelihood } = labels?.each() ?? inference;
      const z = posterior.sample();
      const logWeight = sub(add(logLikelihood(z), prior.logProb(z)), posterior.logProb(z));
      return graph({ logWeight: labels ? marginalOverClasses(logWeight, labels) : logWeight });
    }),
    jointGraph: once(() => {
      const { logLikelihood, prior } = outside().infer({ binarize: false, labels: 'ignored' });
      const z = input('z', ['N', spec.latent]);
      const logJoint = add(logLikelihood(z), prior.logProb(z));
      return graph({ logJoint, gradient: grad(sum(logJoint), [z])[0]! });
    }),
    observationGraph: once(() => {
      const scope = new RootScope({ training: false });
      const model = new Assembly(spec, scope);
      const { sample } = model.likelihood;
      if (!sample) {
        throw new LatentkitError(
          'spec',
          `rows cannot be drawn from the likelihood "${spec.likelihood.type}"; take what the decoder expects.`,
        );
      }
      const output = model.decode(input('z', ['N', spec.latent]));
      return graph({ x: channelsLast(sample(output, scope.child('observation').noise)) });
    }),
    priorGraph: once(() => graph({ z: outside().prior().sample() })),
  };
}

/** The scalars of a training step. */
function stepOutputs(model: Assembly, scope: Scope): { loss: Tensor; reconstruction: Tensor; kl: Tensor } {
  const { objective, condition } = model.spec;
  const definition = objectiveOf(objective);
  const inference = model.infer({ binarize: true });
  const { loss, reconstruction, kl } = definition.build(objective, inference, name => input(name, []), scope);
  const terms = { reconstruction: sum(reconstruction), kl: sum(kl) };
  const penalty = inference.posterior.penalty?.();
  const charged = penalty ? add(loss, sum(penalty)) : loss;
  if (condition?.type !== 'semiSupervised' || !inference.labels) return { loss: charged, ...terms };
  return { loss: add(charged, mul(condition.weight, crossEntropy(inference.labels))), ...terms };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
