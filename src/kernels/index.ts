// The WebAssembly kernels behind typed arrays: noise (Philox, see src/random/key.ts) and the fused optimiser steps
// (see src/optim/optimizer.ts for their equations). The sources are in assembly/, compiled by scripts/build-kernels.mjs.

import { LatentkitError } from '../errors.ts';
import { keyWords, type NoiseKey } from '../random/index.ts';
import { createAllocator, createMemory } from './memory.ts';
import { wasmBase64 } from './wasm.generated.ts';

export { alignedBytes } from './memory.ts';

/** What one Adam step is, element by element: m = beta1 m + rate1 g; v = beta2 v + (rate2 g)²; p = decay p - stepSize m / (√v + epsilon). */
export interface AdamScalars {
  readonly beta1: number;
  readonly beta2: number;
  readonly rate1: number;
  readonly rate2: number;
  readonly stepSize: number;
  readonly epsilon: number;
  readonly decay: number;
}

/** What one SGD step is, element by element: u = momentum u + scale g; p -= ofGradient scale g + ofVelocity u. */
export interface SgdScalars {
  readonly scale: number;
  readonly momentum: number;
  readonly ofGradient: number;
  readonly ofVelocity: number;
}

/** A moving average of the parameters, taken in the same pass: average += rate (parameter - average). */
export interface Averaging {
  readonly average: Float32Array;
  readonly rate: number;
}

/** Arrays in the kernels' own memory, and what can be done to them. An array of other memory is refused (`internal`). */
export interface Kernels {
  /** New arrays, zeroed and 64-byte aligned, for the life of these kernels. Throw `internal` where the memory is full. */
  float32(length: number): Float32Array;
  int64(length: number): BigInt64Array;
  uint32(length: number): Uint32Array;
  uint8(length: number): Uint8Array;

  /** Fills with Philox's raw words. */
  fillBits(out: Uint32Array, key: NoiseKey): void;
  /** Fills with uniforms in [0, 1): the upper 24 bits of each word. */
  fillUniform(out: Float32Array, key: NoiseKey): void;
  /** Fills with standard normals (Box and Muller 1958), |z| < 6.6, the same bits on every machine. */
  fillNormal(out: Float32Array, key: NoiseKey): void;

  /** Σ x², accumulated in float64. */
  sumOfSquares(x: Float32Array): number;
  /** Whether no element is infinite or NaN. */
  allFinite(x: Float32Array): boolean;

  /** One Adam or AdamW step over flat buffers of one length. */
  adam(
    parameters: Float32Array,
    gradients: Float32Array,
    firstMoment: Float32Array,
    secondMoment: Float32Array,
    scalars: AdamScalars,
    averaging?: Averaging,
  ): void;
  /** One step of stochastic gradient descent with momentum over flat buffers of one length. */
  sgd(
    parameters: Float32Array,
    gradients: Float32Array,
    velocity: Float32Array,
    scalars: SgdScalars,
    averaging?: Averaging,
  ): void;
}

type Numbers = (...values: number[]) => void;

interface Exports {
  readonly heapBase: WebAssembly.Global;
  readonly fillBits: Numbers;
  readonly fillUniform: Numbers;
  readonly fillNormal: Numbers;
  readonly sumOfSquares: (at: number, length: number) => number;
  readonly adam: Numbers;
  readonly adamEma: Numbers;
  readonly sgd: Numbers;
  readonly sgdEma: Numbers;
}

let compiled: WebAssembly.Module | undefined;

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(wasmBase64), c => c.charCodeAt(0)));
  return compiled;
}

/**
 * Kernels with a memory of their own that has room for `bytes` of arrays; {@link alignedBytes} says what each takes.
 * The memory never grows, so views of it stay valid and may be wrapped by other libraries.
 *
 * @example
 * const kernels = createKernels(alignedBytes(4 * 1024));
 * const noise = kernels.float32(1024);
 * kernels.fillNormal(noise, { seed: 1, stream: streamOf('z'), step: 0 });
 */
export function createKernels(bytes: number): Kernels {
  const memory = createMemory(bytes);
  const wasm = new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports as unknown as Exports;
  const { buffer } = memory;
  const allocate = createAllocator(memory, wasm.heapBase.value);

  const place = (view: ArrayBufferView): number => {
    if (view.buffer === buffer) return view.byteOffset;
    throw new LatentkitError('internal', `expected an array in the kernels' memory, got one elsewhere`);
  };
  const places = (views: readonly Float32Array[], length: number): number[] =>
    views.map(view => {
      if (view.length === length) return place(view);
      throw new LatentkitError('internal', `expected an array of ${length} elements, got ${view.length}`);
    });
  const filler =
    (fill: Numbers) =>
    (out: Float32Array | Uint32Array, key: NoiseKey): void => {
      const { key0, key1, step, stream, firstLow, firstHigh } = keyWords(key);
      fill(place(out), out.length, firstLow, firstHigh, step, stream, key0, key1);
    };
  const sumOfSquares = (x: Float32Array): number => wasm.sumOfSquares(place(x), x.length);

  return {
    float32: length => new Float32Array(buffer, allocate(4 * length), length),
    int64: length => new BigInt64Array(buffer, allocate(8 * length), length),
    uint32: length => new Uint32Array(buffer, allocate(4 * length), length),
    uint8: length => new Uint8Array(buffer, allocate(length), length),
    fillBits: filler(wasm.fillBits),
    fillUniform: filler(wasm.fillUniform),
    fillNormal: filler(wasm.fillNormal),
    sumOfSquares,
    allFinite: x => Number.isFinite(sumOfSquares(x)),
    adam(parameters, gradients, firstMoment, secondMoment, scalars, averaging) {
      const { length } = parameters;
      const { beta1, beta2, rate1, rate2, stepSize, epsilon, decay } = scalars;
      const buffers = places([parameters, gradients, firstMoment, secondMoment], length);
      const values = [...buffers, length, beta1, beta2, rate1, rate2, stepSize, epsilon, decay];
      if (averaging === undefined) wasm.adam(...values);
      else wasm.adamEma(...values, ...places([averaging.average], length), averaging.rate);
    },
    sgd(parameters, gradients, velocity, scalars, averaging) {
      const { length } = parameters;
      const { scale, momentum, ofGradient, ofVelocity } = scalars;
      const buffers = places([parameters, gradients, velocity], length);
      const values = [...buffers, length, scale, momentum, ofGradient, ofVelocity];
      if (averaging === undefined) wasm.sgd(...values);
      else wasm.sgdEma(...values, ...places([averaging.average], length), averaging.rate);
    },
  };
}
