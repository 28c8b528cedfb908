// Inverse autoregressive flow (Kingma et al. 2016, "Improved Variational Inference with Inverse Autoregressive Flow",
// equations 11–14): z ← σ ⊙ z + (1 − σ) ⊙ m with σ = sigmoid(s), where [m, s] at dimension i depend on the dimensions
// before i alone, so that log |det| = Σ log σ. They come from a masked network (Germain et al. 2015, "MADE") with one
// hidden layer, to which the encoder's features are added. The order of the dimensions is reversed between steps.

import { z } from 'zod';
import { sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { degreeMask, type Scope, weightInitial } from '../../nn/index.ts';
import { add, elu, matmul, mul, neg, sigmoid, softplus, sub } from '../../ops/index.ts';
import { type FlowStep, flowPosterior } from './flow.ts';
import { linearHeads } from './heads.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface IafPosterior {
  readonly type: 'iaf';
  /** How many maps follow one another. Default 2. */
  readonly steps: number;
  /** Units of each map's hidden layer. Default 128. */
  readonly hidden: number;
}

/** Where s starts: σ near 1 forgets little of z, as section 4 of the paper advises. */
const initialGate = 1.5;

export const iaf: PosteriorDefinition<IafPosterior> = definePosterior<IafPosterior>({
  type: 'iaf',
  schema: z.strictObject({
    type: z.literal('iaf'),
    steps: z.int().min(1).max(100).default(2),
    hidden: z.int().min(1).default(128),
  }),
  kl: true,
  density: true,
  build({ steps, hidden }, features, latent, scope) {
    const maps = Array.from({ length: steps }, (_, i) =>
      iafStep(features, { latent, hidden, reversed: i % 2 === 1 }, scope.child(`flow.${i}`)),
    );
    return flowPosterior(features, latent, scope, maps);
  },
});

interface StepSize {
  readonly latent: number;
  readonly hidden: number;
  readonly reversed: boolean;
}

function iafStep(features: Tensor, size: StepSize, scope: Scope): FlowStep {
  const { latent, hidden } = size;
  const masks = madeMasks(size);
  const [context] = linearHeads(features, [hidden], hidden, scope.child('context')) as [Tensor];
  const layer = (name: string, [fanIn, fanOut]: readonly [number, number], mask: Tensor): Tensor =>
    mul(scope.parameter(name, [fanIn, fanOut], weightInitial('glorotUniform', { fanIn, fanOut })), mask);
  const first = layer('hidden', [latent, hidden], masks.hidden);
  const head = (name: string, start: number): ((x: Tensor) => Tensor) => {
    const weight = layer(`${name}.weight`, [hidden, latent], masks.output);
    const bias = scope.parameter(`${name}.bias`, [latent], { type: 'constant', value: start });
    return x => add(matmul(x, weight), bias);
  };
  const [shift, gate] = [head('shift', 0), head('gate', initialGate)];
  return code => {
    const units = elu(add(matmul(code, first), context));
    const [m, s] = [shift(units), gate(units)];
    const keep = sigmoid(s);
    return {
      z: add(mul(keep, code), mul(sub(1, keep), m)),
      logDeterminant: sumPerExample(neg(softplus(neg(s)))),
    };
  };
}

/**
 * Masks by degrees: dimension i has degree 1 to latent in the step's order, a hidden unit k mod latent. A unit sees
 * dimensions of at most its degree and is seen by those of a larger one; units of degree 0 see the features alone.
 */
function madeMasks({ latent, hidden, reversed }: StepSize): { readonly hidden: Tensor; readonly output: Tensor } {
  const dims = Array.from({ length: latent }, (_, i) => (reversed ? latent - i : i + 1));
  const units = Array.from({ length: hidden }, (_, k) => k % latent);
  return { hidden: degreeMask(dims, units, 'upTo'), output: degreeMask(units, dims, 'below') };
}
