// A table's row: each column has a distribution of its own kind, and they are independent given the code (Nazábal et al.
// 2020, "Handling incomplete heterogeneous data using VAEs"). The log-probability is that of the values that are there:
// what is missing (NaN) is integrated out, which in a product of columns means that its factor is left out.

import { z } from 'zod';
import { type Column, categoryCount, columnsOfType } from '../../columns.ts';
import { bernoulli, gumbel, normal, sumPerExample } from '../../distributions/index.ts';
import { constant, type Tensor } from '../../graph/index.ts';
import type { Scope } from '../../nn/index.ts';
import {
  add,
  argmax,
  cast,
  concat,
  equal,
  exp,
  gather,
  isNan,
  log,
  matmul,
  max,
  mul,
  reshape,
  select,
  slice,
  stopGradient,
  sub,
} from '../../ops/index.ts';
import { logStretch, restore } from '../table-transform.ts';
import { defineLikelihood, type LikelihoodDefinition } from './likelihood.ts';
import { logVarRange, softClip } from './soft-clip.ts';

/**
 * Numeric columns are normal, binary ones Bernoulli, categorical ones categorical. The expected row has each number on its
 * column's own scale: a numeric column's mean (where it is transformed, its median), a binary one's probability of 1, and
 * of a categorical one, whose indices have no mean, the most likely.
 */
export interface MixedLikelihood {
  readonly type: 'mixed';
  /** The variance of numeric columns: one learned number a column, the default; or the decoder gives it for each row. */
  readonly variance: 'learned' | 'decoder';
}

export const mixedLikelihood: LikelihoodDefinition<MixedLikelihood> = defineLikelihood<MixedLikelihood>({
  type: 'mixed',
  schema: z.strictObject({ type: z.literal('mixed'), variance: z.enum(['learned', 'decoder']).default('learned') }),
  byName: { type: 'mixed', variance: 'learned' },
  binary: false,
  measure: () => 'mixed',
  misfit: ({ columns }) =>
    columns === undefined ? 'it explains the columns of a table; give input.columns' : undefined,
  outputsPerChannel: ({ variance }, { columns = [] }) =>
    columns.map(column => {
      if (column.type === 'categorical') return categoryCount(column);
      return column.type === 'numeric' && variance === 'decoder' ? 2 : 1;
    }),
  build({ variance }, scope, { columns = [] }) {
    const blocks = [...numericBlock(columns, variance, scope), ...binaryBlock(columns), ...categoricalBlock(columns)];
    const order = constant(inverse(blocks.flatMap(({ places }) => places)), [columns.length], 'int32');
    /** What is computed of each block and its part of the decoder's output, side by side. */
    const each = (output: Tensor, compute: (block: Block, part: Tensor) => Tensor): Tensor => {
      let start = 0;
      const parts = blocks.map(block => {
        const part = slice(output, 1, start, start + block.width);
        start += block.width;
        return compute(block, part);
      });
      return concat(parts);
    };
    const terms = (x: Tensor, output: Tensor): Tensor =>
      each(output, ({ places, logProb }, part) => {
        const given = gather(x, constant(places, [places.length], 'int32'), 1);
        const missing = isNan(given);
        // Replaced before anything is computed: 0 · NaN is NaN, in a gradient as well.
        return select(missing, 0, logProb(select(missing, 0, given), part));
      });
    return {
      logProb: (x, output) => sumPerExample(terms(x, output)),
      perDimension: (x, output) => gather(terms(x, output), order, 1),
      mean: output =>
        gather(
          each(output, ({ mean }, part) => mean(part)),
          order,
          1,
        ),
      sample: (output, draw) =>
        gather(
          each(output, ({ sample }, part) => sample(part, draw)),
          order,
          1,
        ),
    };
  },
});

/** Columns whose distributions are computed together, of outputs of the decoder that stand together. */
interface Block {
  /** Where the columns stand in a row. */
  readonly places: readonly number[];
  /** How many outputs are theirs. */
  readonly width: number;
  /** log p of the columns' values [N, places], as the network sees them: [N, places]. */
  logProb(values: Tensor, output: Tensor): Tensor;
  /** The columns' part of the expected row, on their own scale: [N, places]. */
  mean(output: Tensor): Tensor;
  /** Values drawn of it, in the same way. */
  sample(output: Tensor, draw: Scope['noise']): Tensor;
}

/**
 * Normal in units of the deviation, of which the density is less by log(deviation) in the column's own unit. A column with a
 * transform is normal after it, which makes the density less by the logarithm of how far the way back stretches.
 */
function numericBlock(columns: readonly Column[], variance: MixedLikelihood['variance'], scope: Scope): Block[] {
  const numeric = columnsOfType(columns, 'numeric');
  const own = numeric.map(({ column }) => column);
  const count = numeric.length;
  if (count === 0) return [];
  const learned =
    variance === 'learned' ? scope.parameter('logVar', [count], { type: 'constant', value: 0 }) : undefined;
  const deviations = own.map(({ deviation = 1 }) => deviation);
  const means = constant(own.map(({ mean = 0 }) => mean));
  /** From units of the deviation about the mean to the scale of the transform. */
  const scaled = (units: Tensor): Tensor => add(mul(units, constant(deviations)), means);
  const center = (output: Tensor): Tensor => slice(output, 1, 0, count);
  const logVar = (output: Tensor): Tensor => softClip(learned ?? slice(output, 1, count), logVarRange);
  return [
    {
      places: numeric.map(({ place }) => place),
      width: learned === undefined ? 2 * count : count,
      logProb: (values, output) =>
        sub(
          normal(center(output), { logVar: logVar(output) }).logProb(values),
          add(constant(deviations.map(Math.log)), logStretch(scaled(values), own)),
        ),
      mean: output => restore(scaled(center(output)), own),
      sample(output, draw) {
        const { noise, sample } = normal(center(output), { logVar: logVar(output) });
        return restore(scaled(sample(draw('numeric', [output.shape[0]!, count], noise))), own);
      },
    },
  ];
}

function binaryBlock(columns: readonly Column[]): Block[] {
  const places = columnsOfType(columns, 'binary').map(({ place }) => place);
  if (places.length === 0) return [];
  return [
    {
      places,
      width: places.length,
      logProb: (values, output) => bernoulli(output).logProb(values),
      mean: output => bernoulli(output).mean,
      sample(output, draw) {
        const { noise, sample } = bernoulli(output);
        return sample(draw('binary', output.shape, noise));
      },
    },
  ];
}

/** All columns' logits stand side by side, [N, total], and are worked on at once but for the largest of each column. */
function categoricalBlock(columns: readonly Column[]): Block[] {
  const categorical = columnsOfType(columns, 'categorical');
  const counts = categorical.map(({ column }) => categoryCount(column));
  if (counts.length === 0) return [];
  // Of each logit: which column it belongs to, and of which category it is.
  const owners = counts.flatMap((count, i) => Array<number>(count).fill(i));
  const owner = constant(owners, [owners.length], 'int32');
  const category = constant(counts.flatMap(count => Array.from({ length: count }, (_, k) => k)));
  const membership = constant(
    owners.flatMap(i => counts.map((_, k) => Number(k === i))),
    [owners.length, counts.length],
  );
  const total = (x: Tensor): Tensor => matmul(x, membership);
  const byColumn = (logits: Tensor, reduce: (own: Tensor) => Tensor): Tensor => {
    let end = 0;
    return concat(
      counts.map(count => {
        end += count;
        return reduce(slice(logits, 1, end - count, end));
      }),
    );
  };
  const likeliest = (logits: Tensor): Tensor =>
    byColumn(logits, own => reshape(cast(argmax(own, 1), 'float32'), [own.shape[0]!, 1]));
  return [
    {
      places: categorical.map(({ place }) => place),
      width: owners.length,
      logProb(values, logits) {
        const largest = byColumn(stopGradient(logits), own => max(own, 1, { keepDims: true }));
        const logTotal = add(log(total(exp(sub(logits, gather(largest, owner, 1))))), largest);
        return sub(total(select(equal(gather(values, owner, 1), category), logits, 0)), logTotal);
      },
      mean: likeliest,
      // Gumbel's trick: the largest of the logits with Gumbel noise.
      sample: (logits, draw) => likeliest(add(logits, gumbel(draw('categorical', logits.shape, 'uniform')))),
    },
  ];
}

/** At each place of a permutation's result, where it came from. */
function inverse(places: readonly number[]): number[] {
  const from = places.map(() => 0);
  places.forEach((place, i) => {
    from[place] = i;
  });
  return from;
}
