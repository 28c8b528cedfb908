// What part of R^latent a model's codes fill, for those who make new ones of old ones.

import type { ModelSpec } from '../models/index.ts';

type Space = Pick<ModelSpec, 'latent' | 'posterior'>;

/** How many of a code's numbers, the first ones, lie about an origin; those after them are choices among categories. */
export function numbersOf({ latent, posterior }: Space): number {
  return posterior.type === 'gumbelSoftmax' ? latent - posterior.categories.reduce((a, b) => a + b) : latent;
}

/** Whether codes lie on the unit sphere. */
export function onSphere({ posterior }: Space): boolean {
  return posterior.type === 'vonMisesFisher';
}

/** Codes [n, latent] laid flat, brought back to the unit sphere where that is where codes lie. */
export function heldOn(space: Space, codes: Float32Array): Float32Array {
  if (!onSphere(space)) return codes;
  const { latent } = space;
  const lengths = Array.from({ length: codes.length / latent }, (_, i) =>
    Math.hypot(...codes.subarray(i * latent, (i + 1) * latent)),
  );
  return codes.map((value, i) => value / (lengths[Math.floor(i / latent)]! || 1));
}
