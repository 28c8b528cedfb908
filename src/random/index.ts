// Randomness that is a function of its key. Filling tensors is the kernels' part (src/kernels); this folder says how
// draws are keyed, and makes the few that need no kernel.

export { keyWords, type NoiseKey, streamOf } from './key.ts';
export { below, permutation } from './permutation.ts';
export { philox4x32, wordsOf } from './philox.ts';
