// For tests of this folder: normal numbers that are the same each time.

import { alignedBytes, createKernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';

/** Standard normals. */
export function normals(count: number, seed = 0): Float32Array {
  const kernels = createKernels(alignedBytes(4 * count));
  const numbers = kernels.float32(count);
  kernels.fillNormal(numbers, { seed, stream: streamOf('latents/testing'), step: 0 });
  return numbers.slice();
}
