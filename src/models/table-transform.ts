// Numeric columns with heavy tails as networks see them, and back: t = asinh((x − center) / scale), the inverse hyperbolic
// sine of Burbidge, Magee & Robb 1988, "Alternative Transformations to Handle Extreme Values of the Dependent Variable".
// It is part of the model's graph, so its Jacobian is part of the likelihood, and a density is that of the number itself:
// log p(x) = log p(t) − log scale − log cosh t.

import type { Column } from '../columns.ts';
import { constant, type Tensor } from '../graph/index.ts';
import {
  abs,
  add,
  clip,
  exp,
  greater,
  log,
  mul,
  neg,
  select,
  sign,
  softplus,
  sqrt,
  square,
  sub,
} from '../ops/index.ts';

/** Beyond it a transformed value's number is no longer finite in float32, whatever the column's scale (sinh 40 is 10¹⁷). */
const farthest = 40;

/** Of some columns side by side: which are transformed (null: none is), and by what. */
interface Transforms {
  readonly transformed: Tensor;
  readonly centers: Tensor;
  readonly scales: readonly number[];
}

function transformsOf(columns: readonly Column[]): Transforms | null {
  const transforms = columns.map(column => (column.type === 'numeric' ? column.transform : undefined));
  if (transforms.every(transform => transform === undefined)) return null;
  return {
    transformed: constant(transforms.map(transform => Number(transform !== undefined))),
    centers: constant(transforms.map(transform => transform?.center ?? 0)),
    scales: transforms.map(transform => transform?.scale ?? 1),
  };
}

/** Numbers [N, columns], those with a transform transformed. NaN stays NaN. */
export function transform(x: Tensor, columns: readonly Column[]): Tensor {
  const known = transformsOf(columns);
  if (known === null) return x;
  const u = mul(sub(x, known.centers), constant(known.scales.map(scale => 1 / scale)));
  const size = abs(u);
  // Where 1 is nothing beside the square, which itself would soon be too large.
  const far = log(mul(2, size));
  const t = mul(sign(u), select(greater(size, 1e9), far, log(add(size, sqrt(add(square(u), 1))))));
  return select(greater(known.transformed, 0), t, x);
}

/** The numbers that `transform` made `t` [N, columns] of. */
export function restore(t: Tensor, columns: readonly Column[]): Tensor {
  const known = transformsOf(columns);
  if (known === null) return t;
  const held = clip(t, -farthest, farthest);
  const sinh = mul(0.5, sub(exp(held), exp(neg(held))));
  return select(greater(known.transformed, 0), add(known.centers, mul(sinh, constant(known.scales))), t);
}

/** log |dx/dt| of `t` [N, columns], by which log-densities of numbers are less than those of t; 0 where none is transformed. */
export function logStretch(t: Tensor, columns: readonly Column[]): Tensor | 0 {
  const known = transformsOf(columns);
  if (known === null) return 0;
  const size = abs(t);
  const logCosh = sub(add(size, softplus(mul(-2, size))), Math.LN2);
  return select(greater(known.transformed, 0), add(logCosh, constant(known.scales.map(Math.log))), 0);
}
