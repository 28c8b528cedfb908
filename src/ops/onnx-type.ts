// ONNX's numbers for element types (TensorProto.DataType).

import type { DType } from '../graph/index.ts';

export const onnxType: Readonly<Record<DType | 'int64', number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
};
