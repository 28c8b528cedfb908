// Host tensors in the outputs of tasks.

import { z } from 'zod';
import type { HostTensor } from '../runtime/index.ts';

/** The schema of a float32 host tensor. */
export const float32Tensor: z.ZodType<HostTensor<'float32'>> = z.object({
  dtype: z.literal('float32'),
  shape: z.array(z.int()),
  data: z.instanceof(Float32Array),
});

/** The schema of an int32 host tensor. */
export const int32Tensor: z.ZodType<HostTensor<'int32'>> = z.object({
  dtype: z.literal('int32'),
  shape: z.array(z.int()),
  data: z.instanceof(Int32Array),
});

/** The schema of a host tensor of bytes. */
export const uint8Tensor: z.ZodType<HostTensor<'uint8'>> = z.object({
  dtype: z.literal('uint8'),
  shape: z.array(z.int()),
  data: z.instanceof(Uint8Array),
});
