// Semi-supervised learning with a VAE (Kingma et al. 2014, "Semi-supervised Learning with Deep Generative Models", model
// M2): the class y of a row is part of its code, known of some rows and inferred by a classifier q(y|x) of the others. The
// prior over classes is uniform, and the expectation over y a sum over all of them.

import { constant, type Tensor, timesN } from '../graph/index.ts';
import { buildNetwork, dense, type Scope } from '../nn/index.ts';
import {
  add,
  argmax,
  concat,
  greater,
  logSoftmax,
  logSumExp,
  mul,
  neg,
  oneHot,
  reshape,
  select,
  softmax,
  sub,
  sum,
} from '../ops/index.ts';
import { type BoundTerms, boundTerms } from './objectives/bound.ts';
import type { Inference, InferredLabels } from './objectives/objective.ts';
import type { BuiltPosterior } from './posteriors/posterior.ts';

/** The classifier: unnormalised log q(y|x) of features [N, width]: [N, classes]. */
export function classLogits(features: Tensor, classes: number, scope: Scope): Tensor {
  return buildNetwork([dense(classes)], features, { name: 'layers', scope });
}

/** The class given or, where there is none, the likeliest one, one-hot: [N, classes]. */
export function likeliest(logits: Tensor, given: Tensor | undefined): Tensor {
  const inferred = oneHot(argmax(logits, 1), logits.shape[1] as number);
  return given ? select(isKnown(given), given, inferred) : inferred;
}

/**
 * The terms of the bound at the code that is taken of a posterior. Of a semi-supervised model, their expectation over the
 * class, with KL(q(y|x) ‖ p(y)) as one more dimension of the KL: equation 7 of the paper, or 6 where the class is given.
 */
export function expectedTerms(inference: Inference, code: (posterior: BuiltPosterior) => Tensor): BoundTerms {
  const { labels } = inference;
  if (labels === undefined) return boundTerms(inference, code(inference.posterior));
  const { logits, given } = labels;
  const [rows, classes] = logits.shape as ['N', number];
  const each = labels.each();
  const terms = boundTerms(each, code(each.posterior));
  const weights = given ? select(isKnown(given), given, softmax(logits, 1)) : softmax(logits, 1);
  const expected = (perClass: Tensor): Tensor => {
    const width = perClass.shape[1] as number;
    return sum(mul(reshape(weights, [rows, classes, 1]), reshape(perClass, [rows, classes, width])), 1);
  };
  const inferred = sum(mul(softmax(logits, 1), logSoftmax(logits, 1)), 1, { keepDims: true });
  const entropy = given ? select(isKnown(given), 0, inferred) : inferred;
  const klPerDimension = concat([expected(terms.klPerDimension), add(entropy, Math.log(classes))], 1);
  const reconstruction = sum(expected(reshape(terms.reconstruction, [timesN(classes), 1])), 1);
  return { reconstruction, klPerDimension, kl: sum(klPerDimension, 1) };
}

/** −log q(y|x) of the rows whose class is given, summed over the batch: a scalar in nats. */
export function crossEntropy({ logits, given }: InferredLabels): Tensor {
  return given ? neg(sum(mul(given, logSoftmax(logits, 1)))) : constant(0);
}

/** log of the mean over classes of what each class gives [classes · N] in nats: [N]. */
export function marginalOverClasses(perClass: Tensor, { logits }: InferredLabels): Tensor {
  const [rows, classes] = logits.shape as ['N', number];
  return sub(logSumExp(reshape(perClass, [rows, classes]), 1), Math.log(classes));
}

/** Whether a row's class is given: [N, 1]. */
function isKnown(given: Tensor): Tensor {
  return greater(sum(given, 1, { keepDims: true }), 0.5);
}
