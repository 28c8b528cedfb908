// Derivatives of graphs.

export { type CheckOptions, checkGradients } from './check.ts';
export { grad } from './grad.ts';
