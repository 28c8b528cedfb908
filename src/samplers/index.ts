// Samplers: what draws new codes. The model's prior, or a density fitted after training to the codes that the decoder
// knows, for models whose codes do not lie where their prior says (Ghosh et al. 2020).

export { checkDraw, type FittedSampler, fitSampler, openSampler, type SamplerFitOptions } from './fitted.ts';
export type { Tensors } from './sampler.ts';
export { readSampler, writeSampler } from './store.ts';
