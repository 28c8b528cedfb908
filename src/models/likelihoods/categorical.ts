// Each pixel's level has a probability of its own (see distributions/categorical-levels.ts). The decoder gives as many
// channels for each channel of the data as there are levels, so this is for small images.

import { z } from 'zod';
import { categoricalLevels } from '../../distributions/index.ts';
import { reshape } from '../../ops/index.ts';
import { levelsSchema } from './levels.ts';
import { defineLikelihood, factorised, type LikelihoodDefinition } from './likelihood.ts';

export interface CategoricalLikelihood {
  readonly type: 'categorical';
  /** How many levels [0, 1] is cut into. Default 256; of these each is a byte. Of others it is the nearest that is explained. */
  readonly levels: number;
}

export const categoricalLikelihood: LikelihoodDefinition<CategoricalLikelihood> =
  defineLikelihood<CategoricalLikelihood>({
    type: 'categorical',
    schema: z.strictObject({ type: z.literal('categorical'), levels: levelsSchema }),
    byName: { type: 'categorical', levels: 256 },
    binary: false,
    measure: () => 'mass',
    outputsPerChannel: ({ levels }) => levels,
    build: ({ levels }) =>
      factorised(output => {
        const [batch, channels, ...size] = output.shape;
        return categoricalLevels(reshape(output, [batch!, levels, (channels as number) / levels, ...size]));
      }),
  });
