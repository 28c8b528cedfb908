// Codes of several levels, inferred from both sides (Sønderby et al. 2016, "Ladder Variational Autoencoders", section 2.2):
// deterministic layers lead from the data up and give each level a normal of its own; then, from the top level down, the
// posterior of a level is the product of that normal and the prior's given the levels above. The prior is the other half
// of it. Unlike the paper's, the decoder sees the codes of all levels, as in very deep VAEs (Child 2021).

import { z } from 'zod';
import { type Normal, normal, sumPerExample } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { countSchema } from '../../nn/fields.ts';
import { buildNetwork, dense, relu, type Scope } from '../../nn/index.ts';
import { add, asTensor, mul, sigmoid, softplus, sub } from '../../ops/index.ts';
import { linearHeads } from './heads.ts';
import { chain, type Level, type Links, topDown } from './levels.ts';
import { definePosterior, type PosteriorDefinition } from './posterior.ts';

export interface LadderPosterior {
  readonly type: 'ladder';
  /**
   * The levels, bottom to top; in the code the top level stands first. The encoder's features are those of the bottom
   * level. Default: 24 dimensions below 8, with layers of 256 and 128 units.
   */
  readonly levels: readonly Level[];
}

const defaultLevels: readonly Level[] = [
  { latent: 24, hidden: 256 },
  { latent: 8, hidden: 128 },
];

export const ladder: PosteriorDefinition<LadderPosterior> = definePosterior<LadderPosterior>({
  type: 'ladder',
  schema: z.strictObject({
    type: z.literal('ladder'),
    levels: z
      .array(z.strictObject({ latent: countSchema, hidden: countSchema }))
      .min(1)
      .default([...defaultLevels]),
  }),
  kl: true,
  density: true,
  refuse({ levels }, { latent, prior }) {
    if (prior.type !== 'ladder') return 'shares its way down with the prior "ladder", which it needs';
    const widths = levels.map(level => level.latent);
    const total = widths.reduce((a, b) => a + b);
    if (total === latent) return undefined;
    return `needs levels whose dimensions add up to the code's, but ${widths.join(' + ')} is ${total}`;
  },
  build({ levels }, features, latent, scope) {
    const upward = bottomUp(levels, features, scope).toReversed();
    const links: Links = topDown(levels, scope).map(([width, prior], i) => {
      const evidence = upward[i]!;
      return [width, (above, rows) => (above ? product(evidence, prior(above, rows)) : evidence)];
    });
    const { conditional, sample, mean } = chain(links);
    const center = mean(features.shape[0]!);
    return {
      mean: center,
      outputs: { mean: center, conditionalLogVar: asTensor(conditional(center).logVar) },
      sample: () => sample(scope.noise('noise', [features.shape[0]!, latent], 'normal')),
      logProb: code => sumPerExample(conditional(code).logProb(code)),
      conditional,
    };
  },
});

/** What the data alone say of each level, bottom to top: heads upon features, which layers lead up from level to level. */
function bottomUp(levels: readonly Level[], features: Tensor, scope: Scope): Normal[] {
  let units = features;
  return levels.map(({ latent, hidden }, i) => {
    const own = scope.child(`bottomUp.${i}`);
    if (i > 0) units = buildNetwork([dense(hidden), relu()], units, { name: 'network', scope: own });
    const [mean, logVar] = linearHeads(units, [latent, latent], latent, own) as [Tensor, Tensor];
    return normal(mean, { logVar });
  });
}

/**
 * The normal whose density is the product's: its precision is the sum of the precisions, its mean the mean of both weighed
 * by them (equations 18 and 19). With d = log varₚ − log varₐ the weight of `a` is sigmoid(d).
 */
function product(a: Normal, p: Normal): Normal {
  const logVar = asTensor(p.logVar);
  const d = sub(logVar, a.logVar);
  const mean = add(p.mean, mul(sigmoid(d), sub(a.mean, p.mean)));
  return normal(mean, { logVar: sub(logVar, softplus(d)) });
}
