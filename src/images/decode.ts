// Image files of any kind and size as pixels of one kind and size: what models take. Whatever looks the same to a person
// comes out the same: turned as its camera says (EXIF), in sRGB, and with what is transparent laid over a ground.

import { decode } from 'fast-png';
import { LatentkitError } from '../errors.ts';
import { explained } from '../io-error.ts';
import type { HostTensor } from '../runtime/host.ts';
import { loadSharp } from './sharp.ts';

/** What pixels come out. */
export interface ImageFormat {
  /** Height and width. */
  readonly size: readonly [height: number, width: number];
  /** Grey (the luminance of colours) or RGB. */
  readonly channels: 1 | 3;
  /** Where the proportions are others: `cover` crops what stands out, `contain` pads with the ground, `fill` distorts. */
  readonly fit: 'cover' | 'contain' | 'fill';
  /** The ground below what is transparent and around what is padded: `#rrggbb`, or a colour's name in CSS. */
  readonly background: string;
}

/** Larger images are refused by their header, before they fill the memory. */
export const largestImage = 100_000_000;

/**
 * The pixels [height, width, channels] of an image file: PNG, JPEG, WebP, AVIF or GIF, of moving ones the first frame.
 * An image of the wished size keeps its pixels as they are; others are resampled (Lanczos). 16 bits become 8.
 *
 * @param name the file that errors name
 * @throws LatentkitError `data` where the file is none of these, is damaged or larger than {@link largestImage} pixels.
 */
export async function decodeImage(file: Uint8Array, name: string, format: ImageFormat): Promise<Uint8Array> {
  if (isPlainPng(file, format)) return decodePlainPng(file, name, format);
  const { size, channels, fit, background } = format;
  const [height, width] = size;
  const pixels = await decoding(name, async sharp =>
    sharp(file, options)
      .autoOrient()
      .flatten({ background })
      .resize({ height, width, fit, background })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer(),
  );
  return new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
}

/**
 * Height and width of an image file as it is seen, from its header.
 * @throws LatentkitError `data` where there is none.
 */
export async function imageSize(file: Uint8Array, name: string): Promise<readonly [height: number, width: number]> {
  if (isPng(file)) {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    if (file.length >= 33 && !chunksOf(file).includes('eXIf')) return [view.getUint32(20), view.getUint32(16)];
  }
  return decoding(name, async sharp => {
    const { height, width } = (await sharp(file, options).metadata()).autoOrient;
    return [height, width] as const;
  });
}

/**
 * Reads an image file as uint8 [height, width, channels], by default RGB in its own size, transparent parts white.
 * @throws LatentkitError `io` where the file cannot be read, `data` where it is no image.
 * @example const mask = await readImage('hidden.png', { size: [28, 28], channels: 1, fit: 'fill' });
 */
export async function readImage(path: string, format: Partial<ImageFormat> = {}): Promise<HostTensor<'uint8'>> {
  const { readFile } = await import('node:fs/promises');
  const file = await explained(path, 'read', () => readFile(path));
  const { channels = 3, fit = 'cover', background = 'white' } = format;
  const size = format.size ?? (await imageSize(file, path));
  const data = await decodeImage(file, path, { size, channels, fit, background });
  return { dtype: 'uint8', shape: [...size, channels], data };
}

/** Damaged pixels are an error, harmless oddities are not. */
const options = { failOn: 'error', limitInputPixels: largestImage } as const;

async function decoding<T>(
  name: string,
  decode: (sharp: Awaited<ReturnType<typeof loadSharp>>) => Promise<T>,
): Promise<T> {
  const sharp = await loadSharp(`reading ${name}`);
  try {
    return await decode(sharp);
  } catch (cause) {
    throw undecodable(name, cause);
  }
}

function undecodable(name: string, cause: unknown): LatentkitError {
  const detail = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]?.trim();
  return new LatentkitError(
    'data',
    detail?.includes('pixel limit')
      ? `${name}: expected an image of at most ${largestImage / 1e6} million pixels, got a larger one. Make it smaller.`
      : `${name}: expected a PNG, JPEG, WebP, AVIF or GIF image, got a file that does not decode (${detail}). Save or copy it again.`,
    { cause },
  );
}

/** Chunks that make a PNG look otherwise than its bare values: transparency, colour profiles, orientation. */
const looksOtherwise = ['tRNS', 'iCCP', 'cICP', 'eXIf'];

/**
 * Whether a file is a PNG whose values are the wished pixels: of that size, 8 bits, grey or RGB, not interlaced. Data
 * sets of small images are mostly such files, and sharp takes five times as long for one.
 */
function isPlainPng(file: Uint8Array, { size, channels }: ImageFormat): boolean {
  if (!isPng(file) || file.length < 33) return false;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const [depth, color, , , interlace] = file.subarray(24, 29);
  return (
    view.getUint32(16) === size[1] &&
    view.getUint32(20) === size[0] &&
    depth === 8 &&
    (color === 0 || (color === 2 && channels === 3)) &&
    interlace === 0 &&
    !chunksOf(file).some(type => looksOtherwise.includes(type))
  );
}

function isPng(file: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, i) => file[i] === byte);
}

/** The types of a PNG's chunks. */
function chunksOf(file: Uint8Array): string[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const types: string[] = [];
  for (let at = 8; at + 8 <= file.length; at += 12 + view.getUint32(at)) {
    types.push(String.fromCharCode(...file.subarray(at + 4, at + 8)));
  }
  return types;
}

function decodePlainPng(file: Uint8Array, name: string, { size, channels }: ImageFormat): Uint8Array {
  const count = size[0] * size[1];
  try {
    const { data, channels: given } = decode(file, { checkCrc: true });
    if (data.length !== count * given) throw new Error('its pixels are cut off');
    if (given === channels) return Uint8Array.from(data);
    const spread = new Uint8Array(count * channels);
    for (let i = 0; i < spread.length; i++) spread[i] = data[Math.floor(i / channels)]!;
    return spread;
  } catch (cause) {
    throw undecodable(name, cause);
  }
}
