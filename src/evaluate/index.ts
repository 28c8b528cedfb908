// Figures of merit, each with its kind and unit.

export { type BoundEstimate, evaluateBound } from './bound.ts';
