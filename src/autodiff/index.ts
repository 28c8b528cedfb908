// Derivatives of graphs.

export { grad } from './grad.ts';
