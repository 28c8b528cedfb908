// Random numbers of chains, by the same key as noise leaves have: a function of seed, stream, step and chain alone.

import { alignedBytes, createKernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';

/** Numbers for so many chains, drawn anew at each step. */
export interface ChainNoise {
  /** [chains, width] each. */
  readonly numbers: Float32Array;
  fill(step: number): void;
}

interface Kind {
  readonly name: string;
  readonly distribution: 'normal' | 'uniform';
  /** Numbers a chain. */
  readonly width: number;
}

/** @param first the number of the first chain among all. */
export function chainNoise(kind: Kind, seed: number, { first, count }: { first: number; count: number }): ChainNoise {
  const length = count * kind.width;
  const kernels = createKernels(alignedBytes(4 * length));
  const numbers = kernels.float32(length);
  const stream = streamOf(`infer/${kind.name}`);
  return {
    numbers,
    fill(step) {
      const key = { seed, stream, step, offset: first * kind.width };
      if (kind.distribution === 'normal') kernels.fillNormal(numbers, key);
      else kernels.fillUniform(numbers, key);
    },
  };
}
