// Random numbers on the host: a function of the seed, the stream's name and each number's place alone.

import { alignedBytes, createKernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';

interface Key {
  readonly seed: number;
  readonly stream: string;
}

/** Standard normals. */
export function normals(count: number, key: Key): Float32Array {
  return filled(count, key, 'fillNormal');
}

/** Uniforms on [0, 1). */
export function uniforms(count: number, key: Key): Float32Array {
  return filled(count, key, 'fillUniform');
}

function filled(count: number, { seed, stream }: Key, fill: 'fillNormal' | 'fillUniform'): Float32Array {
  const kernels = createKernels(alignedBytes(4 * count));
  const numbers = kernels.float32(count);
  kernels[fill](numbers, { seed, stream: streamOf(stream), step: 0 });
  return numbers;
}
