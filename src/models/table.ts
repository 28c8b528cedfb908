// Tables as models' input: what they ask of the other parts of a model, and how their numbers are brought to one scale.

import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { constant, type Tensor } from '../graph/index.ts';
import { mul, sub } from '../ops/index.ts';
import type { ModelSpec } from './spec.ts';
import { transform } from './table-transform.ts';

/**
 * Rows as networks see them: each numeric column, after its transform if it has one, less its mean, in units of its
 * deviation. NaN stays NaN.
 */
export function standardize(x: Tensor, columns: readonly Column[]): Tensor {
  const numeric = columns.map(column => (column.type === 'numeric' ? column : undefined));
  const means = constant(numeric.map(column => column?.mean ?? 0));
  const scales = constant(numeric.map(column => 1 / (column?.deviation ?? 1)));
  return mul(sub(transform(x, columns), means), scales);
}

/**
 * Checks that the parts of a model go together with the columns of its input, if it has any.
 * @throws LatentkitError `spec` that says what does not, and why.
 */
export function checkTable({ input, likelihood, encoder, prior }: ModelSpec): void {
  const { columns, shape, dtype, range } = input;
  if (columns === undefined) return;
  const refuse = (message: string): LatentkitError => new LatentkitError('spec', `model spec: ${message}.`);
  if (shape.join() !== `${columns.length}` || dtype !== 'float32') {
    throw refuse(
      `input: expected float32 rows [${columns.length}], a number for each of the columns, got ${dtype} [${shape.join(', ')}]`,
    );
  }
  if (range.join() !== '0,1') {
    throw refuse('input.range means nothing of a table, whose numeric columns have mean and deviation; leave it out');
  }
  if (likelihood.type !== 'mixed') {
    throw refuse(
      `the likelihood "${likelihood.type}" does not fit: it explains numbers of one kind that are all there; choose "mixed"`,
    );
  }
  if (encoder[0]?.type !== 'columnEmbedding') {
    throw refuse(
      'encoder: expected the layer columnEmbedding first, which makes numbers of categories and of what is missing, got ' +
        `${encoder[0]?.type ?? 'no layer'}`,
    );
  }
  if (prior.type === 'vamp') {
    throw refuse(
      'the prior "vamp" learns pseudo-inputs between 0 and 1, which rows of a table are not; choose another',
    );
  }
}
