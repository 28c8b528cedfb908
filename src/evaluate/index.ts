// Figures of merit, each with its kind and unit.

export { type BoundEstimate, evaluateBound } from './bound.ts';
export { estimateNll, type NllEstimate, type NllOptions, rowNlls } from './nll.ts';
