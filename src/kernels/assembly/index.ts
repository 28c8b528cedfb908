// The kernels' one entry for the compiler: everything exported here is an export of the WebAssembly module.

export { fillBits, fillNormal, fillUniform } from './random';
export { adam, adamEma, sgd, sgdEma, sumOfSquares } from './optimizer';

/** The first byte that the module's own data do not use: the host's arrays lie from here on. */
export const heapBase: usize = __heap_base;
