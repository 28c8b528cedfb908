// What a model is told beside the data: p(x|z, c) and q(z|x, c) (Sohn et al. 2015, "Learning Structured Output
// Representation using Deep Conditional Generative Models"). The decoder gets the condition beside the code, the
// posterior beside the encoder's features. Where classes are known of some rows only, the model infers the others
// (semi-supervised.ts).

import { z } from 'zod';
import { constant, type Dim, input, scaleDim, type Tensor } from '../graph/index.ts';
import { buildNetwork, dense, relu, type Scope } from '../nn/index.ts';
import { broadcastTo, cast, concat, greaterOrEqual, mul, oneHot, reshape } from '../ops/index.ts';

/**
 * - `label`: each row's class
 * - `attributes`: a vector of real numbers with each row
 * - `semiSupervised`: the class of some rows; of the others it is inferred (Kingma et al. 2014, model M2)
 */
export type Condition = LabelCondition | AttributesCondition | SemiSupervisedCondition;

interface Joined {
  /** Units of the layer in which the encoder's features meet the condition. Default: 256. */
  readonly hidden: number;
}

interface LabelCondition extends Joined {
  readonly type: 'label';
  readonly classes: number;
}

interface AttributesCondition extends Joined {
  readonly type: 'attributes';
  readonly width: number;
}

interface SemiSupervisedCondition extends Joined {
  readonly type: 'semiSupervised';
  readonly classes: number;
  /** Nats for each nat of the classifier's cross-entropy at a labelled row: α of the paper's equation 9. Default 50. */
  readonly weight: number;
}

/** A condition as people write it: what is left out takes its default. */
export type ConditionOptions = Partly<LabelCondition> | Partly<AttributesCondition> | Partly<SemiSupervisedCondition>;

type Defaulted = 'hidden' | 'weight';
type Partly<C> = Omit<C, Defaulted> & { readonly [K in keyof C & Defaulted]?: C[K] | undefined };

const count = z.int().min(1);
const hidden = count.default(256);

export const conditionSchema: z.ZodType<Condition, ConditionOptions> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('label'), classes: count.max(100_000), hidden }),
  z.strictObject({ type: z.literal('attributes'), width: count, hidden }),
  z.strictObject({
    type: z.literal('semiSupervised'),
    classes: z.int().min(2).max(1000),
    hidden,
    weight: z.number().min(0).default(50),
  }),
]);

/** The condition that a graph is fed, [N, width]: attributes as they are, classes one-hot, and zeros where unknown. */
export function givenCondition(condition: Condition): Tensor {
  if (condition.type === 'attributes') return input('attributes', ['N', condition.width]);
  const label = input('label', ['N'], 'int32');
  const classes = oneHot(label, condition.classes);
  if (condition.type === 'label') return classes;
  const known = cast(greaterOrEqual(cast(label, 'float32'), 0), 'float32');
  return mul(classes, reshape(known, [label.shape[0]!, 1]));
}

/** The encoder's features [rows, width] with the condition joined to them: [rows, hidden]. */
export function joinCondition(features: Tensor, given: Tensor, { hidden: units }: Condition, scope: Scope): Tensor {
  return buildNetwork([dense(units), relu()], concat([features, given], 1), { name: 'condition', scope });
}

/** Each class for each of `rows` examples, one after another: [classes · rows, classes]. */
export function everyClass(rows: Dim, classes: number): Tensor {
  const identity = Array.from({ length: classes ** 2 }, (_, i) => (i % (classes + 1) === 0 ? 1 : 0));
  const each = broadcastTo(constant(identity, [classes, classes]), [rows, classes, classes]);
  return reshape(each, [scaleDim(rows, classes), classes]);
}
