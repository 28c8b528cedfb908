// A row of a table as features that dense layers can work on. Categories have learned vectors (Guo & Berkhahn 2016, "Entity
// Embeddings of Categorical Variables"). What is missing is told apart from every value: a number that is missing is 0, its
// column's middle, beside an indicator of 1; a category that is missing has a vector of its own.

import { z } from 'zod';
import { categoryCount, columnsOfType } from '../../columns.ts';
import { LatentkitError } from '../../errors.ts';
import { constant, type Tensor } from '../../graph/index.ts';
import { cast, concat, equal, gather, isNan, matmul, mul, select, slice, sub } from '../../ops/index.ts';
import { countSchema } from '../fields.ts';
import { cannotTake, defineLayer, innerShape, type LayerDefinition } from '../layer.ts';
import type { Scope } from '../scope.ts';

type Categorical = ReturnType<typeof columnsOfType<'categorical'>>[number];

export interface ColumnEmbedding {
  readonly type: 'columnEmbedding';
  /** How many numbers stand for a category. Default 1.6 · categories^0.56, at most 600, the rule of thumb of fast.ai. */
  readonly width?: number | undefined;
}

export const columnEmbeddingLayer: LayerDefinition<ColumnEmbedding> = defineLayer<ColumnEmbedding>({
  type: 'columnEmbedding',
  schema: z.strictObject({ type: z.literal('columnEmbedding'), width: countSchema.optional() }),
  build({ width }, x, { scope, columns }) {
    if (columns === undefined) {
      throw new LatentkitError('spec', 'expected an encoder of tables; give input.columns, or leave the layer out');
    }
    if (innerShape(x).join() !== `${columns.length}`) {
      throw cannotTake(`the table’s rows of ${columns.length} columns (make it the first layer)`, x);
    }
    const numeric = columnsOfType(columns, 'numeric').map(({ place }) => place);
    const binary = columnsOfType(columns, 'binary').map(({ place }) => place);
    const categorical = columnsOfType(columns, 'categorical');
    return concat([
      ...numbers(x, numeric, value => value),
      ...numbers(x, binary, value => sub(mul(2, value), 1)),
      ...vectors(x, categorical, width, scope),
    ]);
  },
});

/** The numbers at some places, and for each whether it is missing. */
function numbers(x: Tensor, places: readonly number[], scaled: (value: Tensor) => Tensor): Tensor[] {
  if (places.length === 0) return [];
  const values = gather(x, constant(places, [places.length], 'int32'), 1);
  const missing = isNan(values);
  return [select(missing, 0, scaled(values)), cast(missing, 'float32')];
}

/** The vector of each column's category; the last one of a column is that of what is missing. */
function vectors(x: Tensor, columns: readonly Categorical[], width: number | undefined, scope: Scope): Tensor[] {
  // By products with one-hot rows: a gather's gradient is a scattered sum, whose order ONNX Runtime's threads decide.
  const slots = columns.flatMap(({ place, column }) => {
    const count = categoryCount(column);
    return Array.from({ length: count + 1 }, (_, index) => ({ place, index, count }));
  });
  if (slots.length === 0) return [];
  const places = constant(
    slots.map(({ place }) => place),
    [slots.length],
    'int32',
  );
  const given = gather(x, places, 1);
  const indices = select(isNan(given), constant(slots.map(({ count }) => count)), given);
  const oneHot = cast(equal(indices, constant(slots.map(({ index }) => index))), 'float32');
  let end = 0;
  return columns.map(({ place, column }) => {
    const count = categoryCount(column);
    const units = width ?? Math.min(600, Math.round(1.6 * count ** 0.56));
    end += count + 1;
    const weight = scope.parameter(`${place}.weight`, [count + 1, units], { type: 'normal', deviation: 1 });
    return matmul(slice(oneHot, 1, end - count - 1, end), weight);
  });
}

/** Features of a table's rows: numbers with indicators of missing ones, and learned vectors of categories. */
export function columnEmbedding(options: Omit<ColumnEmbedding, 'type'> = {}): ColumnEmbedding {
  return { type: 'columnEmbedding', ...options };
}
