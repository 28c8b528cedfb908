// Each pixel's level has the mass of a logistic distribution in the level's bin, or of a mixture of logistics (Salimans et
// al. 2017, "PixelCNN++", section 2.1; channels independent, where PixelCNN++ lets a pixel's channels depend on each
// other). A mass, so that bits per dimension mean something.

import { z } from 'zod';
import { discretizedLogistic } from '../../distributions/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { countSchema } from '../../nn/fields.ts';
import { add, logSoftmax, logSumExp, mul, reshape, softmax, square, sub, sum } from '../../ops/index.ts';
import { levelsSchema } from './levels.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition, partsOf } from './likelihood.ts';
import { softClip } from './soft-clip.ts';

export interface DiscretizedLogisticLikelihood {
  readonly type: 'discretizedLogistic';
  /** How many levels [0, 1] is cut into. Default 256; of these each is a byte. Of others it is the nearest that is explained. */
  readonly levels: number;
  /** How many logistics are mixed for each dimension. Default 1. The decoder gives locations, log-scales and, if several, weights. */
  readonly mixtures: number;
}

/** The range of log-scales where data are [−1, 1]. The lowest is PixelCNN++'s; there a level's bin is 9 scales wide. */
const logScaleRange = [-7, 3] as const;

export const discretizedLogisticLikelihood: LikelihoodDefinition<DiscretizedLogisticLikelihood> =
  defineLikelihood<DiscretizedLogisticLikelihood>({
    type: 'discretizedLogistic',
    schema: z.strictObject({
      type: z.literal('discretizedLogistic'),
      levels: levelsSchema,
      mixtures: countSchema.default(1),
    }),
    byName: { type: 'discretizedLogistic', levels: 256, mixtures: 1 },
    binary: false,
    measure: () => 'mass',
    outputsPerChannel: ({ mixtures }) => (mixtures === 1 ? 2 : 3 * mixtures),
    build({ levels, mixtures }) {
      const logistic = (location: Tensor, logScale: Tensor) =>
        discretizedLogistic(location, softClip(logScale, logScaleRange), levels);
      if (mixtures === 1) {
        return factorised(output => {
          const [location, logScale] = partsOf(output, 2);
          return logistic(location!, logScale!);
        });
      }
      /** Locations, log-scales and logits of the weights, each [N, mixtures, channels, ...]. */
      const componentsOf = (output: Tensor): [Tensor, Tensor, Tensor] => {
        const [batch, channels, ...size] = output.shape;
        const shape = [batch!, mixtures, (channels as number) / (3 * mixtures), ...size];
        return partsOf(output, 3).map(part => reshape(part, shape)) as [Tensor, Tensor, Tensor];
      };
      return factorised(output => {
        const [location, logScale, logits] = componentsOf(output);
        const component = logistic(location, logScale);
        const expected = (each: Tensor): Tensor => sum(mul(softmax(logits, 1), each), 1);
        const mean = expected(component.mean);
        return {
          mean,
          variance: sub(expected(add(component.variance, square(component.mean))), square(mean)),
          logProb(x) {
            const [batch, ...rest] = x.shape;
            const each = component.logProb(reshape(x, [batch!, 1, ...rest]));
            return logSumExp(add(each, logSoftmax(logits, 1)), 1);
          },
        };
      });
    },
  });
