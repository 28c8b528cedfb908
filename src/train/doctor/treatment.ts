// How a run is changed in the middle of its training. The config stays what was asked for; the treatments, which the
// checkpoint carries, are laid over it, so that a resumed run is changed in the same way.

import type { TrainingConfig, Treatment } from '../../artifact/index.ts';
import type { ModelSpec } from '../../models/index.ts';
import type { Finding } from './diagnosis.ts';

type Changes = Pick<Treatment, 'objective' | 'optimizer'>;

/** What a run trains with. */
export interface Course {
  readonly spec: ModelSpec;
  readonly training: TrainingConfig;
  /** The step from which the objective's courses (warm-up, cycles) count. */
  readonly since: number;
}

/** A run as its treatments have made it. */
export function treated(spec: ModelSpec, training: TrainingConfig, treatments: readonly Treatment[]): Course {
  const course = { spec, training, since: 0 };
  for (const { objective, optimizer, step } of treatments) {
    if (optimizer) {
      const { optimizer: before } = course.training;
      const { learningRate = before.learningRate, clipNorm = before.clipNorm } = optimizer;
      course.training = { ...course.training, optimizer: { ...before, learningRate, clipNorm } };
    }
    if (objective && course.spec.objective.type === 'elbo') {
      course.spec = { ...course.spec, objective: { ...course.spec.objective, ...objective } };
      course.since = step;
    }
  }
  return course;
}

/** The changes of a finding's mends that a model can take, or why it can take none. */
export function changesOf({ mends }: Finding, { objective: { type } }: ModelSpec): Changes | string {
  const objectives = type === 'elbo' ? mends.flatMap(({ objective }) => objective ?? []) : [];
  const optimizers = mends.flatMap(({ optimizer }) => optimizer ?? []);
  if (objectives.length + optimizers.length === 0) {
    return `the objective "${type}" has none of these options; the objective "elbo" has them`;
  }
  return {
    ...(objectives.length > 0 && { objective: Object.assign({}, ...objectives) }),
    ...(optimizers.length > 0 && { optimizer: Object.assign({}, ...optimizers) }),
  };
}
