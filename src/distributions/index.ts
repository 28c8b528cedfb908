// Distributions over symbolic tensors.

export { type Bernoulli, bernoulli } from './bernoulli.ts';
export { type Distribution, sumPerExample } from './distribution.ts';
export { klToStandardNormal, type Normal, type NormalWidth, normal } from './normal.ts';
