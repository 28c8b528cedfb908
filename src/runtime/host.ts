// Tensors as the host holds them: a typed array and its dimensions. The same objects carry data sets, feeds,
// results and parameters; only the runtime adapters turn them into a runtime's own tensors.

import type { DType } from '../graph/shape.ts';

/** The array type that carries each element type; booleans travel as bytes. */
export interface DataOf {
  float32: Float32Array;
  int32: Int32Array;
  uint8: Uint8Array;
  bool: Uint8Array;
}

/** A dense row-major tensor in host memory. The array may be a view of a larger buffer. */
export interface HostTensor<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataOf[D];
}

/** A float32 host tensor. */
export function float32(data: Float32Array, shape: readonly number[]): HostTensor<'float32'> {
  return { dtype: 'float32', shape, data };
}
