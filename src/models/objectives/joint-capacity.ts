// Controlled capacity of codes with choices (Dupont 2018, "Learning Disentangled Joint Continuous and Discrete
// Representations", equation 7): reconstruction + γ·|KL of the numbers − C| + γ·|KL of the choices − C′|. Both capacities
// grow in the course of training, so that neither part of the code is left unused.

import { z } from 'zod';
import type { Tensor } from '../../graph/index.ts';
import { abs, add, batchSize, minimum, mul, slice, sub, sum } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { type CapacityCourse, capacityAt, courseSchema } from './capacity.ts';
import { defineObjective, type ObjectiveDefinition } from './objective.ts';
import { nonNegative } from './schedule.ts';

export interface JointCapacityObjective {
  readonly type: 'jointCapacity';
  /** γ. */
  readonly weight: number;
  /** Of the code's numbers, C. */
  readonly continuous: CapacityCourse;
  /** Of the code's choices, C′. It grows to Σ log(categories) at most, which is all that they can carry. */
  readonly discrete: CapacityCourse;
}

export const jointCapacity: ObjectiveDefinition<JointCapacityObjective> = defineObjective<JointCapacityObjective>({
  type: 'jointCapacity',
  schema: z.strictObject({
    type: z.literal('jointCapacity'),
    weight: nonNegative.optional(),
    continuous: courseSchema.optional(),
    discrete: courseSchema.optional(),
  }),
  // The paper's for MNIST, but for the time: there it is 25,000 steps of 64 rows, or 27 epochs.
  defaults: { weight: 30, continuous: { from: 0, to: 5, epochs: 20 }, discrete: { from: 0, to: 5, epochs: 20 } },
  scalars: ({ continuous, discrete }, position) => ({
    capacity: capacityAt(continuous, position),
    discreteCapacity: capacityAt(discrete, position),
  }),
  refuse: (_, posterior) =>
    posterior.type === 'gumbelSoftmax'
      ? undefined
      : 'holds numbers and categories each to a capacity, so it needs the posterior "gumbelSoftmax"',
  build({ weight }, inference, scalar) {
    const { reconstruction, kl, klPerDimension } = boundTerms(inference, inference.posterior.sample());
    const { choices = [] } = inference.posterior;
    const numbers = (klPerDimension.shape[1] as number) - choices.length;
    // Of the batch's mean KL, times the batch size.
    const distance = (part: Tensor, capacity: Tensor): Tensor => abs(sub(sum(part), mul(batchSize(), capacity)));
    const most = choices.reduce((nats, categories) => nats + Math.log(categories), 0);
    const ofChoices = distance(slice(klPerDimension, 1, numbers), minimum(scalar('discreteCapacity'), most));
    const ofNumbers = numbers > 0 ? distance(slice(klPerDimension, 1, 0, numbers), scalar('capacity')) : 0;
    return { loss: add(sum(reconstruction), mul(weight, add(ofNumbers, ofChoices))), reconstruction, kl };
  },
});
