// p(k₁) Π p(kₜ | k₁ … kₜ₋₁) over the numbers of a codebook, position by position (van den Oord et al. 2017, section 3.3), by
// a small transformer (Vaswani et al. 2017; normalised before each part as in Radford et al. 2019). It learns beside the rest
// of the model: since choices have no gradient, the encoder does not notice. Drawing takes one pass a position, each of
// which keeps the keys and values of those before.

import { z } from 'zod';
import { categories, sumPerExample } from '../../distributions/index.ts';
import { LatentkitError } from '../../errors.ts';
import { constant, type Dim, type Tensor } from '../../graph/index.ts';
import { type Scope, weightInitial } from '../../nn/index.ts';
import {
  add,
  broadcastTo,
  concat,
  div,
  gather,
  logSoftmax,
  matmul,
  mean,
  mul,
  neg,
  oneHot,
  relu,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  sum,
  transpose,
} from '../../ops/index.ts';
import { codebookIn, nearestCodes } from '../posteriors/codebook.ts';
import { definePrior, type PriorDefinition } from './prior.ts';

export interface AutoregressivePrior {
  readonly type: 'autoregressive';
  /** Default 2. */
  readonly layers: number;
  /** Numbers that stand for a position within the network; a multiple of `heads`. Default 128. */
  readonly hidden: number;
  /** Default 4. */
  readonly heads: number;
}

export const autoregressive: PriorDefinition<AutoregressivePrior> = definePrior<AutoregressivePrior>({
  type: 'autoregressive',
  schema: z.strictObject({
    type: z.literal('autoregressive'),
    layers: z.int().min(1).max(24).default(2),
    hidden: z.int().min(1).default(128),
    heads: z.int().min(1).default(4),
  }),
  learned: true,
  refuse({ hidden, heads }, { posterior }) {
    if (posterior.type !== 'vectorQuantized') {
      return 'is of the numbers of a codebook, for which it needs the posterior "vectorQuantized"';
    }
    return hidden % heads === 0 ? undefined : `divides ${hidden} hidden numbers among ${heads} heads, which cannot be`;
  },
  build(spec, latent, scope, { posterior: { spec: quantizer, scope: shared } }) {
    if (quantizer.type !== 'vectorQuantized') {
      throw new LatentkitError('internal', 'expected the posterior "vectorQuantized"');
    }
    const codebook = codebookIn(shared, quantizer);
    const { codes, width } = quantizer;
    const positions = latent / width;
    const network = transformer({ ...spec, codes, positions }, scope);
    /** log p of each position's number: [rows, positions]. */
    const logProbs = (code: Tensor): Tensor => {
      const rows = code.shape[0]!;
      const numbers = reshape(nearestCodes(code, codebook), [rows, positions]);
      const logits = network.logits(network.embed(numbers));
      return sum(mul(oneHot(numbers, codes), logSoftmax(logits)), 2);
    };
    return {
      kl: (_, code) => neg(logProbs(code)),
      logProb: code => sumPerExample(logProbs(code)),
      sample() {
        const noise = scope.noise('choice', ['N', positions * codes], 'uniform');
        const state = network.start('N');
        const chosen = Array.from({ length: positions }, (_, t) => {
          const one = categories(state.logits()).sample(slice(noise, 1, t * codes, (t + 1) * codes));
          if (t < positions - 1) state.advance(one);
          return matmul(one, codebook);
        });
        return chosen.length === 1 ? chosen[0]! : concat(chosen, 1);
      },
    };
  },
});

/** Keys and values of the positions so far: [rows, heads, positions, hidden / heads]. */
interface Past {
  readonly key: Tensor;
  readonly value: Tensor;
}

interface Shape {
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  readonly codes: number;
  readonly positions: number;
}

function transformer({ layers, hidden, heads, codes, positions }: Shape, scope: Scope) {
  const normal = { type: 'normal', deviation: 0.02 } as const;
  const embedding = scope.parameter('embedding', [codes, hidden], normal);
  const place = scope.parameter('positions', [positions, hidden], normal);
  const first = scope.parameter('start', [1, hidden], normal);
  const blocks = Array.from({ length: layers }, (_, i) => block(hidden, heads, scope.child(`layers.${i}`)));
  const at = (t: number): Tensor => slice(place, 0, t, t + 1);
  /** Logits of the next number after each position [rows, T, hidden]: [rows, T, codes]. */
  const head = (x: Tensor): Tensor => linear(normalized(x, scope.child('norm')), codes, scope.child('output'));
  return {
    /** What the network sees: at each position the number before it, [rows, positions, hidden]. */
    embed(numbers: Tensor): Tensor {
      const rows = numbers.shape[0]!;
      const start = broadcastTo(reshape(first, [1, 1, hidden]), [rows, 1, hidden]);
      const before = positions > 1 ? [gather(embedding, slice(numbers, 1, 0, positions - 1))] : [];
      return add(before.length > 0 ? concat([start, ...before], 1) : start, place);
    },
    /** All positions at once. */
    logits(x: Tensor): Tensor {
      const later = Array.from({ length: positions ** 2 }, (_, i) =>
        i % positions > Math.floor(i / positions) ? -1e9 : 0,
      );
      const mask = constant(later, [positions, positions]);
      return head(blocks.reduce((y, apply) => apply(y, undefined, mask).y, x));
    },
    /** One position after another. */
    start(rows: Dim) {
      const past: (Past | undefined)[] = blocks.map(() => undefined);
      let t = 0;
      let x = add(broadcastTo(reshape(first, [1, 1, hidden]), [rows, 1, hidden]), at(0));
      return {
        logits(): Tensor {
          const y = blocks.reduce((input, apply, i) => {
            const next = apply(input, past[i]);
            past[i] = next.past;
            return next.y;
          }, x);
          return reshape(head(y), [rows, codes]);
        },
        /** Goes on by the number chosen, one-hot [rows, codes]. */
        advance(one: Tensor): void {
          t += 1;
          x = add(reshape(matmul(one, embedding), [rows, 1, hidden]), at(t));
        },
      };
    },
  };
}

type Block = (x: Tensor, past: Past | undefined, mask?: Tensor) => { readonly y: Tensor; readonly past: Past };

/** Attention to what was before, then two dense layers, each added to what it is given. */
function block(hidden: number, heads: number, scope: Scope): Block {
  return (x, past, mask) => {
    const [rows, count] = x.shape as [Dim, number];
    const byHead = (y: Tensor): Tensor => transpose(reshape(y, [rows, count, heads, hidden / heads]), [0, 2, 1, 3]);
    const joined = linear(normalized(x, scope.child('attention.norm')), 3 * hidden, scope.child('attention.input'));
    const part = (i: number): Tensor => byHead(slice(joined, 2, i * hidden, (i + 1) * hidden));
    const query = part(0);
    const key = past ? concat([past.key, part(1)], 2) : part(1);
    const value = past ? concat([past.value, part(2)], 2) : part(2);
    const scores = matmul(mul(query, Math.sqrt(heads / hidden)), key, { transposeB: true });
    const mixed = matmul(softmax(mask ? add(scores, mask) : scores), value);
    const back = reshape(transpose(mixed, [0, 2, 1, 3]), [rows, count, hidden]);
    const attended = add(x, linear(back, hidden, scope.child('attention.output')));
    const units = relu(linear(normalized(attended, scope.child('dense.norm')), 4 * hidden, scope.child('dense.input')));
    return { y: add(attended, linear(units, hidden, scope.child('dense.output'))), past: { key, value } };
  };
}

/** [rows, T, width] to [rows, T, units]. */
function linear(x: Tensor, units: number, scope: Scope): Tensor {
  const [rows, count, width] = x.shape as [Dim, number, number];
  const weight = scope.parameter('weight', [width, units], weightInitial(undefined, { fanIn: width, fanOut: units }));
  const bias = scope.parameter('bias', [units], { type: 'constant', value: 0 });
  return reshape(add(matmul(reshape(x, [-1, width]), weight), bias), [rows, count, units]);
}

/** Layer normalisation over the last axis (Ba et al. 2016). */
function normalized(x: Tensor, scope: Scope): Tensor {
  const width = x.shape.at(-1) as number;
  const centred = sub(x, mean(x, -1, { keepDims: true }));
  const deviation = sqrt(add(mean(square(centred), -1, { keepDims: true }), 1e-5));
  const gain = scope.parameter('weight', [width], { type: 'constant', value: 1 });
  return add(mul(div(centred, deviation), gain), scope.parameter('bias', [width], { type: 'constant', value: 0 }));
}
