// Image files of any kind and size as pixels of one kind and size: what models take. Whatever looks the same to a person
// comes out the same: turned as its camera says (EXIF), in sRGB, and with what is transparent laid over a ground.

import { LatentkitError } from '../errors.ts';
import { explained } from '../io-error.ts';
import type { HostTensor } from '../runtime/host.ts';
import { decodePlainPng, type PngHeader, pngHeader } from './plain-png.ts';
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
const largestImage = 100_000_000;

/**
 * The pixels [height, width, channels] of an image file: PNG, JPEG, WebP, AVIF or GIF, of moving ones the first frame.
 * An image of the wished size keeps its pixels as they are; others are resampled (Lanczos). 16 bits become 8.
 *
 * @param name the file that errors name
 * @throws LatentkitError `data` where the file is none of these, is damaged or larger than 100 million pixels.
 */
export async function decodeImage(file: Uint8Array, name: string, format: ImageFormat): Promise<Uint8Array> {
  const header = pngHeader(file);
  if (header && isAsWished(header, format)) return decodePlain(file, name, header, format);
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
  const header = pngHeader(file);
  if (header && !header.hasOrientation) return [header.height, header.width];
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

/** Whether a PNG's values are the wished pixels. What is grey can be had in colour, but not the other way round. */
function isAsWished(header: PngHeader, { size, channels }: ImageFormat): boolean {
  const { isPlain, height, width } = header;
  return isPlain && height === size[0] && width === size[1] && channels >= header.channels;
}

function decodePlain(file: Uint8Array, name: string, header: PngHeader, { channels }: ImageFormat): Uint8Array {
  try {
    const { data, channels: given } = decodePlainPng(file, header);
    return given === channels ? data : Uint8Array.from({ length: 3 * data.length }, (_, i) => data[Math.floor(i / 3)]!);
  } catch (cause) {
    throw undecodable(name, cause);
  }
}
