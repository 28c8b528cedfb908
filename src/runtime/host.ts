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

/** What belongs to each row of a tensor of data or codes beside its numbers; a conditional model takes it from there. */
export interface Companions {
  /** Class numbers [n]; −1 where the class is not known. */
  readonly label?: HostTensor<'int32'> | undefined;
  /** Real numbers [n, width]. */
  readonly attributes?: HostTensor<'float32'> | undefined;
}

/** A tensor of rows with what belongs to them. */
export type RowTensor<D extends DType = DType> = HostTensor<D> & Companions;

/** A float32 host tensor. */
export function float32(data: Float32Array, shape: readonly number[]): HostTensor<'float32'> {
  return { dtype: 'float32', shape, data };
}

/** An int32 host tensor. */
export function int32(data: Int32Array, shape: readonly number[]): HostTensor<'int32'> {
  return { dtype: 'int32', shape, data };
}
