// Moving pictures that any page shows: GIF, written here, and WebP, by the library sharp. Both go on for ever.

import type { Gifenc } from 'gifenc';
import { LatentkitError } from '../errors.ts';
import type { Picture } from './picture.ts';
import { loadSharp } from './sharp.ts';

/** How an animation runs. */
export interface AnimationOptions {
  /** Pictures a second, 1 to 50. A GIF holds whole hundredths of a second a picture, so 30 become 33. */
  readonly frameRate: number;
}

/** Colours of a GIF. */
const colors = 256;
/** Pixels that the colours of a moving picture are chosen by, at most. */
const sampled = 2 ** 18;

/**
 * Pictures of one size as the bytes of a GIF file. Grey values are kept exactly; for colours the 256 best for all pictures
 * together are chosen, so that none flickers.
 * @throws LatentkitError `shape` where the pictures are not of one size and kind, `usage` where the frame rate is another.
 */
export async function encodeGif(frames: readonly Picture[], { frameRate }: AnimationOptions): Promise<Uint8Array> {
  const { width, height, channels } = checked(frames, frameRate);
  const gifenc = await loadGifenc();
  const palette = channels === 1 ? greys() : gifenc.quantize(toRgba(sampleOf(frames)), colors);
  const encoder = gifenc.GIFEncoder();
  for (const [i, { data }] of frames.entries()) {
    const index = channels === 1 ? data : gifenc.applyPalette(toRgba(data), palette);
    encoder.writeFrame(index, width, height, { delay: 1000 / frameRate, ...(i === 0 && { palette, repeat: 0 }) });
  }
  encoder.finish();
  return encoder.bytes();
}

/**
 * Pictures of one size as the bytes of a WebP file, without loss.
 * @throws LatentkitError as {@link encodeGif}, and `data` where sharp is not installed.
 */
export async function encodeWebp(frames: readonly Picture[], { frameRate }: AnimationOptions): Promise<Uint8Array> {
  const { width, height, channels } = checked(frames, frameRate);
  const sharp = await loadSharp('writing a WebP file');
  // The frames one below the other, of which sharp is told the height of a single one.
  const column = Buffer.concat(frames.map(({ data }) => data));
  const raw = { width, height: height * frames.length, channels, pageHeight: height };
  const delay = frames.map(() => Math.round(1000 / frameRate));
  return new Uint8Array(await sharp(column, { raw }).webp({ lossless: true, loop: 0, delay }).toBuffer());
}

/** The package is CommonJS: whether its names stand beside `default` or in it depends on who loads it. */
async function loadGifenc(): Promise<Gifenc> {
  const loaded = await import('gifenc');
  return loaded.GIFEncoder === undefined ? loaded.default : loaded;
}

function checked(frames: readonly Picture[], frameRate: number): Picture {
  const [first] = frames;
  const alike = ({ width, height, channels }: Picture): boolean =>
    width === first?.width && height === first.height && channels === first.channels;
  if (first === undefined || !frames.every(alike)) {
    throw new LatentkitError(
      'shape',
      `expected at least one picture, and all of one size and kind, got ${frames.length} pictures${first ? ' that differ' : ''}.`,
    );
  }
  if (frameRate >= 1 && frameRate <= 50) return first;
  throw new LatentkitError('usage', `expected 1 to 50 pictures a second, got ${frameRate}.`);
}

function greys(): number[][] {
  return Array.from({ length: colors }, (_, value) => [value, value, value]);
}

/** Every so-many-th pixel of all frames. */
function sampleOf(frames: readonly Picture[]): Uint8Array {
  const pixels = frames.reduce((sum, { data }) => sum + data.length / 3, 0);
  const step = Math.max(1, Math.ceil(pixels / sampled));
  const kept = frames.flatMap(({ data }) =>
    Array.from({ length: Math.floor(data.length / 3 / step) }, (_, i) => data.subarray(3 * i * step, 3 * i * step + 3)),
  );
  return Uint8Array.from(kept.flatMap(pixel => [...pixel]));
}

function toRgba(rgb: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : rgb[(i >> 2) * 3 + (i % 4)]!,
  );
}
