// The networks that adversarial objectives play against (Goodfellow et al. 2014, "Generative Adversarial Nets"): a critic
// gives the logit that what it sees is real. Its own loss changes it alone; in the model's losses it is held still. Both are
// terms of one step, and the critic has an optimiser of its own.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { buildNetwork, dense, holding, type Layer, leakyRelu, type Scope } from '../../nn/index.ts';
import { add, mul, neg, softplus, stopGradient, sum } from '../../ops/index.ts';
import type { OptimizerInput } from '../../optim/index.ts';
import { positive } from './schedule.ts';

/** What a critic of codes is, and how it learns. */
export interface Critic {
  /** Hidden layers. */
  readonly layers: number;
  /** Units of each. */
  readonly hidden: number;
  /** Of its Adam, with a first moment's decay of 0.5. */
  readonly learningRate: number;
}

export const criticSchema: z.ZodType<Critic> = z.strictObject({
  layers: z.int().min(1).max(20),
  hidden: z.int().min(1),
  learningRate: positive,
});

export const defaultCritic: Critic = { layers: 3, hidden: 256, learningRate: 2e-4 };

/** How a critic is trained; the decays are those of Kim & Mnih 2018, appendix A. */
export function criticOptimizer({ learningRate }: Critic): OptimizerInput {
  return { type: 'adam', learningRate, beta1: 0.5, beta2: 0.9 };
}

/** The layers of a critic of codes, up to its logit. */
export function codeCritic({ layers, hidden }: Critic): readonly Layer[] {
  return [...Array.from({ length: layers }, () => [dense(hidden), leakyRelu()]).flat(), dense(1)];
}

/** A network that is trained by its own loss (`live`) and judges without being changed (`held`). */
export interface Judge {
  readonly live: (x: Tensor) => Tensor;
  readonly held: (x: Tensor) => Tensor;
}

/** The network of layers under a name, in both roles. */
export function judge(layers: readonly Layer[], name: string, scope: Scope): Judge {
  const own = scope.adversary('objective');
  const by = (inner: Scope) => (x: Tensor) => buildNetwork(layers, x, { name, scope: inner });
  return { live: by(own), held: by(holding(own)) };
}

/** What a critic is charged for logits [rows, 1] of real and of made up rows, summed over them: its cross-entropy. */
export function criticLoss(real: Tensor, ...made: readonly Tensor[]): Tensor {
  return made.reduce((loss, logits) => add(loss, sum(softplus(logits))), sum(softplus(neg(real))));
}

/** What the maker of rows is charged, −log of the critic's probability that they are real, summed over them. */
export function makerLoss(made: Tensor): Tensor {
  return sum(softplus(neg(made)));
}

/** The gradient through x times a factor; the value as it is. */
export function scaleGradient(x: Tensor, factor: number): Tensor {
  return add(mul(factor, x), mul(1 - factor, stopGradient(x)));
}
