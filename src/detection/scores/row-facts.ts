// What scores are made of: a row's code, its bound, and the row itself beside what the model expected of it, as numbers on one
// scale. All of it is one graph, so that a program computes what several scores share once.

import { type Column, categoryCount } from '../../columns.ts';
import { constant, input, type Tensor } from '../../graph/index.ts';
import type { InputSpec, Model } from '../../models/index.ts';
import { standardize } from '../../models/table.ts';
import { cast, concat, equal, isNan, mul, reshape, select, slice, sub } from '../../ops/index.ts';

export interface RowFacts {
  /** The posterior's mean [N, latent]. */
  readonly code: Tensor;
  /** The posterior's log-variances [N, latent], where it is a diagonal Gaussian. */
  readonly logVar?: Tensor | undefined;
  /** −log p(x|z̄) + KL in nats [N]. */
  readonly negElbo: Tensor;
  /** What the model expects of the row, decoded of the code: [N, features]. */
  readonly expected: Tensor;
  /** By how much the row is more than expected, [N, features]; 0 where a value is missing. */
  readonly residual: Tensor;
  /** 1 where a value is there, 0 where it is missing: [N, features]; undefined where nothing can be missing. */
  readonly given?: Tensor | undefined;
}

/** A row's facts as graph of the input `x`, and of the condition of a conditional model. */
export function rowFacts(model: Model): RowFacts {
  const { input: spec } = model.spec;
  const { mean, logVar } = model.encoderGraph().outputs;
  const { score } = model.scoreGraph().outputs;
  const seen = featuresOf(input('x', ['N', ...spec.shape], spec.dtype), spec);
  const expected = featuresOf(model.reconstructGraph().outputs.mean!, { ...spec, range: [0, 1] });
  const facts = { code: mean!, negElbo: score!, expected, ...(logVar && { logVar }) };
  if (spec.columns === undefined) return { ...facts, residual: sub(seen, expected) };
  const missing = isNan(seen);
  return {
    ...facts,
    residual: select(missing, 0, sub(select(missing, 0, seen), expected)),
    given: sub(1, cast(missing, 'float32')),
  };
}

/** How many features a row has. */
export function featureCount({ shape, columns }: InputSpec): number {
  const widths = columns?.map(column => (column.type === 'categorical' ? categoryCount(column) : 1)) ?? shape;
  return columns ? widths.reduce((a, b) => a + b) : widths.reduce((a, b) => a * b);
}

/**
 * Numbers of which a difference means as much wherever it is, [N, features]: pixels from 0 to 1; a table's numeric columns
 * standardised, flags −1 or 1, and categories √2 at their own place and 0 elsewhere, so that two of them are as far apart as two flags.
 */
function featuresOf(x: Tensor, { shape, range: [low, high], columns }: InputSpec): Tensor {
  if (columns === undefined) {
    const flat = cast(reshape(x, ['N', shape.reduce((a, b) => a * b, 1)]), 'float32');
    return low === 0 && high === 1 ? flat : mul(sub(flat, low), 1 / (high - low));
  }
  const numbers = standardize(x, columns);
  return concat(
    columns.map((column, place) => columnFeatures(slice(numbers, 1, place, place + 1), column)),
    1,
  );
}

function columnFeatures(value: Tensor, column: Column): Tensor {
  if (column.type === 'numeric') return value;
  if (column.type === 'binary') return sub(mul(2, value), 1);
  const places = constant(Array.from({ length: categoryCount(column) }, (_, k) => k));
  const oneHot = mul(Math.SQRT2, cast(equal(value, places), 'float32'));
  // Missing in each of its places, not a category that is none of them.
  return select(isNan(value), Number.NaN, oneHot);
}
