// Which dimensions of a row the model does not expect: the score's −log p(x|z) taken apart.

import type { Tensor } from '../graph/index.ts';
import { add, div, mul, neg, reshape, softmax, square, sub, sum } from '../ops/index.ts';
import { repeatRows } from './assembly.ts';
import type { BuiltLikelihood } from './likelihoods/likelihood.ts';
import type { Inference } from './objectives/objective.ts';

/** Keeps the shares of errors that are all 0 from being 0 / 0. */
const least = 1e-12;

/** Channels first, as the network has its data. */
interface Attribution {
  /** What each dimension adds to the score's reconstruction term, in nats. */
  readonly terms: Tensor;
  /** The value that the model expects there. */
  readonly expected: Tensor;
}

/**
 * At the posterior's mean, as the score is; of a semi-supervised model, terms are the expectation over its classes. A
 * likelihood that is not one over dimensions has its term divided in proportion to the squared errors.
 */
export function attributionOf(likelihood: BuiltLikelihood, inference: Inference): Attribution {
  const { labels, data, posterior } = inference;
  const expected = inference.expected(posterior.mean);
  if (labels === undefined) return { terms: termsAt(likelihood, inference, data), expected };
  const [rows, classes] = labels.logits.shape as ['N', number];
  const perClass = termsAt(likelihood, labels.each(), repeatRows(data, classes));
  const [, ...row] = data.shape as ['N', ...number[]];
  const width = row.reduce((a, b) => a * b, 1);
  const weights = reshape(softmax(labels.logits, 1), [rows, classes, 1]);
  const terms = sum(mul(weights, reshape(perClass, [rows, classes, width])), 1);
  return { terms: reshape(terms, data.shape), expected };
}

function termsAt(likelihood: BuiltLikelihood, { posterior, decode, logLikelihood }: Inference, x: Tensor): Tensor {
  const z = posterior.mean;
  if (likelihood.perDimension) return neg(likelihood.perDimension(x, decode(z)));
  const errors = add(square(sub(x, likelihood.mean(decode(z)))), least);
  const [rows, ...row] = x.shape;
  const whole = reshape(neg(logLikelihood(z)), [rows!, ...row.map(() => 1)]);
  const axes = row.map((_, i) => i + 1);
  return mul(whole, div(errors, sum(errors, axes, { keepDims: true })));
}
