// PNG files from pictures and back.

import { convertIndexedToRgb, type DecodedPng, decode, encode } from 'fast-png';
import { LatentkitError } from '../errors.ts';
import type { Picture } from './picture.ts';

/** A picture as the bytes of an 8-bit PNG file. */
export function encodePng(picture: Picture): Uint8Array {
  return encode({ ...picture, depth: 8 }, { zlib: { level: 9 } });
}

/**
 * Reads a PNG file of any kind as 8-bit grey or RGB. What is transparent shows white.
 * @param name the file that errors name
 * @throws LatentkitError `data` where the file is not a PNG or is damaged.
 */
export function decodePng(bytes: Uint8Array, name: string): Picture {
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
    if (png.palette) {
      const data = convertIndexedToRgb(png);
      png = { ...png, data, channels: data.length / (png.width * png.height), depth: 8 };
    } else if (png.depth < 8) {
      png = { ...png, data: unpackBits(png), depth: 8 };
    }
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : cause;
    throw new LatentkitError(
      'data',
      `${name}: expected a PNG file, got one that does not decode (${detail}). Save or download the picture again.`,
      { cause },
    );
  }
  return flatten(png);
}

/** Grey values of 1, 2 or 4 bits, several to a byte and each row starting a new one, spread to 0 to 255. */
function unpackBits({ data, width, height, depth }: DecodedPng): Uint8Array {
  const perByte = 8 / depth;
  const stride = Math.ceil(width / perByte);
  const greatest = 2 ** depth - 1;
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const x = i % width;
    const byte = data[Math.floor(i / width) * stride + Math.floor(x / perByte)] ?? 0;
    return (((byte >> (8 - depth * ((x % perByte) + 1))) & greatest) * 255) / greatest;
  });
}

/** Eight bits a channel, and any alpha channel (the second of grey, the fourth of RGB) laid over white. */
function flatten({ data, width, height, channels: given, depth }: DecodedPng): Picture {
  const channels = given < 3 ? 1 : 3;
  const greatest = 2 ** depth - 1;
  const hasAlpha = given !== channels;
  const flat = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const at = Math.floor(i / channels) * given;
    const value = data[at + (i % channels)]! / greatest;
    const alpha = hasAlpha ? data[at + channels]! / greatest : 1;
    return Math.round(255 * (value * alpha + 1 - alpha));
  });
  return { width, height, channels, data: flat };
}
