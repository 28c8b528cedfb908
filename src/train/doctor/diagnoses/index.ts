// All diagnoses, once.

import type { Diagnosis } from '../diagnosis.ts';
import { deadUnits } from './dead-units.ts';
import { explodingVariance } from './exploding-variance.ts';
import { ignoredCode } from './ignored-code.ts';
import { learningRate } from './learning-rate.ts';
import { overRegularization } from './over-regularization.ts';
import { posteriorCollapse } from './posterior-collapse.ts';

type DiagnosisName =
  | 'learningRate'
  | 'explodingVariance'
  | 'deadUnits'
  | 'overRegularization'
  | 'posteriorCollapse'
  | 'ignoredCode';

/** All diagnoses by name. */
export const diagnoses: Readonly<Record<DiagnosisName, Diagnosis>> = {
  learningRate,
  explodingVariance,
  deadUnits,
  overRegularization,
  posteriorCollapse,
  ignoredCode,
};
