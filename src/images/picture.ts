// Pictures as bytes: what PNG files, grids and previews are made of, and how model outputs become them.

import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';

/** A grey (one channel) or RGB (three) picture: rows from the top, channels last, 0 to 255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/**
 * The images of a batch [n, height, width, channels]: bytes as they are, floats from 0 to 1 (beyond, they are clipped).
 * @throws LatentkitError `shape` where the tensor is not a batch of grey or RGB images, uint8 or float32.
 */
export function picturesOf(images: HostTensor): Picture[] {
  const [count, height, width, channels, ...rest] = images.shape;
  const fits = (channels === 1 || channels === 3) && rest.length === 0;
  if (!fits || !count || !height || !width || (images.dtype !== 'uint8' && images.dtype !== 'float32')) {
    throw new LatentkitError(
      'shape',
      `expected images as uint8 or float32 [n, height, width, 1 or 3], got ${images.dtype} [${images.shape.join(', ')}]. Give a model's rows the shape of its data set first.`,
    );
  }
  const bytes = images.dtype === 'uint8' ? Uint8Array.from(images.data) : toBytes(images.data);
  const size = height * width * channels;
  return Array.from({ length: count }, (_, i) => ({
    width,
    height,
    channels,
    data: bytes.subarray(i * size, (i + 1) * size),
  }));
}

function toBytes(values: ArrayLike<number>): Uint8Array {
  return new Uint8Array(Uint8ClampedArray.from(values, value => value * 255).buffer);
}
