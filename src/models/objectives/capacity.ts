// Controlled capacity (Burgess et al. 2018, "Understanding disentangling in β-VAE", equation 8): reconstruction +
// γ·|KL − C|, where C, the nats that the code may carry, grows in the course of training.

import { z } from 'zod';
import { abs, add, batchSize, mul, sub, sum } from '../../ops/index.ts';
import { boundTerms } from './bound.ts';
import { needsDensity } from './needs.ts';
import { defineObjective, type ObjectiveDefinition, type Position } from './objective.ts';
import { type Duration, line, nonNegative, positive, stepsOf } from './schedule.ts';

/** How the capacity grows: linearly from `from` to `to` nats within so many epochs or steps. */
export type CapacityCourse = Duration & { readonly from: number; readonly to: number };

export interface CapacityObjective {
  readonly type: 'capacity';
  /** γ. */
  readonly weight: number;
  readonly capacity: CapacityCourse;
}

const ends = { from: nonNegative, to: nonNegative };

export const courseSchema: z.ZodType<CapacityCourse> = z.union([
  z.strictObject({ epochs: positive, ...ends }),
  z.strictObject({ steps: positive, ...ends }),
]);

/** The nats at a training step. */
export function capacityAt(course: CapacityCourse, position: Position): number {
  return line(course.from, course.to, position.step, stepsOf(course, position));
}

export const capacity: ObjectiveDefinition<CapacityObjective> = defineObjective<CapacityObjective>({
  type: 'capacity',
  schema: z.strictObject({
    type: z.literal('capacity'),
    weight: nonNegative.optional(),
    capacity: courseSchema.optional(),
  }),
  defaults: { weight: 1000, capacity: { from: 0, to: 25, epochs: 20 } },
  scalars: ({ capacity }, position) => ({ capacity: capacityAt(capacity, position) }),
  refuse: (_, posterior) => needsDensity(posterior),
  build({ weight }, inference, scalar) {
    const { reconstruction, kl } = boundTerms(inference, inference.posterior.sample());
    // Of the batch's mean KL, times the batch size.
    const distance = abs(sub(sum(kl), mul(batchSize(), scalar('capacity'))));
    return { loss: add(sum(reconstruction), mul(weight, distance)), reconstruction, kl };
  },
});
