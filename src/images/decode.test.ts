import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { encode } from 'fast-png';
import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeImage, type ImageFormat, imageSize, readImage } from './decode.ts';

const scratch = await mkdtemp(join(tmpdir(), 'latentkit-decode-'));
afterAll(() => rm(scratch, { recursive: true }));

const format: ImageFormat = { size: [12, 16], channels: 3, fit: 'cover', background: 'white' };
/** Smooth, different in each corner and channel. */
const colours = Uint8Array.from({ length: 12 * 16 * 3 }, (_, i) => {
  const [x, y, c] = [Math.floor(i / 3) % 16, Math.floor(i / 48), i % 3];
  return [x * 16, y * 20, 128 + x * 4 - y * 4][c]!;
});
const greys = Uint8Array.from({ length: 12 * 16 }, (_, i) => (i * 7) % 256);
const picture = (): Sharp => sharp(colours, { raw: { width: 16, height: 12, channels: 3 } });
const greatest = (a: Uint8Array, b: Uint8Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** A chunk of a PNG file. */
function chunk(type: string, data: Buffer): Buffer {
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  const body = Buffer.concat([Buffer.from(type), data]);
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

describe('decodeImage', () => {
  it.each([
    ['png', {}, 0],
    ['webp', { lossless: true }, 0],
    ['jpeg', { quality: 100, chromaSubsampling: '4:4:4' }, 4],
    ['avif', { quality: 95 }, 8],
    ['gif', {}, 16],
  ] as const)('reads %s', async (kind, settings, tolerance) => {
    const file = await picture().toFormat(kind, settings).toBuffer();
    const pixels = await decodeImage(file, `a.${kind}`, format);
    expect(pixels).toHaveLength(colours.length);
    expect(greatest(pixels, colours)).toBeLessThanOrEqual(tolerance);
    expect(await imageSize(file, `a.${kind}`)).toEqual([12, 16]);
  });

  it.each([
    ['grey as grey', greys, 1, 1],
    ['grey as colour', greys, 1, 3],
    ['colour as colour', colours, 3, 3],
  ] as const)('reads plain PNG files of %s as sharp does', async (_, data, given, channels) => {
    const file = encode({ width: 16, height: 12, channels: given, depth: 8, data });
    const pixels = await decodeImage(file, 'a.png', { ...format, channels });
    const space = channels === 1 ? 'b-w' : 'srgb';
    expect(Buffer.from(pixels)).toEqual(await sharp(file).toColourspace(space).raw().toBuffer());
  });

  it('undoes every filter of PNG lines as sharp does, ties among them', async () => {
    // Neighbours differ by little, so that the predictions of the fourth filter tie.
    for (const channels of [1, 3] as const) {
      const stride = 16 * channels;
      const lines = Uint8Array.from({ length: 12 * (stride + 1) }, (_, i) =>
        i % (stride + 1) === 0 ? Math.min(4, Math.floor(i / (stride + 1))) : (Math.imul(i, 2654435761) >>> 30) - 1,
      );
      const header = [0, 0, 0, 16, 0, 0, 0, 12, 8, channels === 1 ? 0 : 2, 0, 0, 0];
      const compressed = deflateSync(lines);
      const parts = [compressed.subarray(0, 99), compressed.subarray(99)].map(part => chunk('IDAT', part));
      const start = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
      const file = Buffer.concat([start, chunk('IHDR', Buffer.from(header)), ...parts, chunk('IEND', Buffer.alloc(0))]);
      const pixels = await decodeImage(file, 'a.png', { ...format, channels });
      const space = channels === 1 ? 'b-w' : 'srgb';
      expect(Buffer.from(pixels)).toEqual(await sharp(file).toColourspace(space).raw().toBuffer());
    }
  });

  it('makes a colour grey by its luminance', async () => {
    const brightness = await Promise.all(
      ['#00f', '#f00', '#0f0', '#fff'].map(async background => {
        const file = await sharp({ create: { width: 16, height: 12, channels: 3, background } })
          .png()
          .toBuffer();
        return (await decodeImage(file, 'a.png', { ...format, channels: 1 }))[0]!;
      }),
    );
    expect(brightness).toEqual(brightness.toSorted((a, b) => a - b));
    expect(brightness[0]).toBeLessThan(90);
    expect(brightness[2]).toBeGreaterThan(150);
    expect(brightness[3]).toBe(255);
  });

  it('turns an image as its camera says', async () => {
    for (const kind of ['jpeg', 'png'] as const) {
      // Orientation 6: what is stored has to be turned clockwise by a quarter.
      const stored = await picture()
        .rotate(-90)
        .toFormat(kind, kind === 'jpeg' ? { quality: 100, chromaSubsampling: '4:4:4' } : {})
        .withMetadata({ orientation: 6 })
        .toBuffer();
      expect(await imageSize(stored, 'a')).toEqual([12, 16]);
      expect(greatest(await decodeImage(stored, 'a', format), colours)).toBeLessThanOrEqual(kind === 'png' ? 0 : 4);
    }
  });

  it('lays what is transparent over the ground', async () => {
    // Transparent red, half transparent black (values are cut off, not rounded), opaque blue.
    const data = Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 128, 0, 0, 255, 255);
    const file = await sharp(data, { raw: { width: 3, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    const on = (background: string): Promise<Uint8Array> =>
      decodeImage(file, 'a.png', { ...format, size: [1, 3], background });
    expect([...(await on('white'))]).toEqual([255, 255, 255, 127, 127, 127, 0, 0, 255]);
    expect([...(await on('#204060'))]).toEqual([32, 64, 96, 15, 31, 47, 0, 0, 255]);
    const palette = await sharp(data, { raw: { width: 3, height: 1, channels: 4 } })
      .png({ palette: true })
      .toBuffer();
    expect((await decodeImage(palette, 'a.png', { ...format, size: [1, 3] })).subarray(0, 3)).toEqual(
      Uint8Array.of(255, 255, 255),
    );
  });

  it('crops, pads or distorts images of other proportions', async () => {
    // Black with a white left half, twice as wide as high.
    const data = Uint8Array.from({ length: 32 * 16 }, (_, i) => (i % 32 < 16 ? 255 : 0));
    const file = encode({ width: 32, height: 16, channels: 1, depth: 8, data });
    const as = async (fit: ImageFormat['fit']): Promise<number[][]> => {
      const pixels = await decodeImage(file, 'a.png', { size: [8, 8], channels: 1, fit, background: '#808080' });
      return [0, 4].map(row => [0, 2, 5, 7].map(column => pixels[row * 8 + column]!));
    };
    const [high, low] = [expect.closeTo(255, -1.5), expect.closeTo(0, -1.5)];
    expect(await as('cover')).toEqual([
      [high, high, low, low],
      [high, high, low, low],
    ]);
    expect(await as('fill')).toEqual(await as('cover'));
    expect(await as('contain')).toEqual([
      [128, 128, 128, 128],
      [high, high, low, low],
    ]);
  });

  it('brings 16 bits to 8', async () => {
    for (const channels of [1, 3] as const) {
      const data = Uint16Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels) * 257);
      const file = encode({ width: 16, height: 16, channels, depth: 16, data });
      const pixels = await decodeImage(file, 'a.png', { ...format, size: [16, 16], channels });
      expect(pixels).toEqual(Uint8Array.from(data, value => value / 257));
    }
  });

  it('brings CMYK to sRGB', async () => {
    const red = sharp({ create: { width: 16, height: 12, channels: 3, background: '#c83214' } });
    const file = await red.toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    expect((await sharp(file).metadata()).space).toBe('cmyk');
    const [r, g, b] = await decodeImage(file, 'a.jpg', format);
    expect([r! - 200, g! - 50, b! - 20].every(difference => Math.abs(difference) < 40)).toBe(true);
  });

  it('takes the first frame of what moves', async () => {
    const frames = await Promise.all(
      ['#ff0000', '#0000ff'].map(background =>
        sharp({ create: { width: 16, height: 12, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    for (const kind of ['gif', 'webp'] as const) {
      const file = await sharp(frames, { join: { animated: true } })
        .toFormat(kind, { lossless: true })
        .toBuffer();
      expect((await sharp(file).metadata()).pages).toBe(2);
      expect([...(await decodeImage(file, 'a', format)).subarray(0, 3)]).toEqual([255, 0, 0]);
      expect(await imageSize(file, 'a')).toEqual([12, 16]);
    }
  });
});

describe('files that are not what they should be', () => {
  const noise = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const noisy = (): Sharp => sharp(noise, { raw: { width: 64, height: 64, channels: 3 } });
  const refused = async (file: Uint8Array, message: RegExp): Promise<void> => {
    for (const size of [format.size, [64, 64]] as const) {
      await expect(decodeImage(file, 'dir/a.png', { ...format, size })).rejects.toMatchObject({
        name: 'LatentkitError',
        code: 'data',
        message: expect.stringMatching(message),
      });
    }
  };

  it.each(['png', 'jpeg', 'webp', 'avif', 'gif'] as const)('refuses a %s that is cut off', async kind => {
    const file = await noisy().toFormat(kind).toBuffer();
    for (const share of [0.1, 0.5, 0.9]) {
      await refused(
        file.subarray(0, share * file.length),
        /^dir\/a\.png: expected a PNG, .* does not decode .* again\.$/,
      );
    }
  });

  it('refuses a PNG of which a byte is wrong', async () => {
    const file = Buffer.from(encode({ width: 64, height: 64, channels: 3, depth: 8, data: noise }));
    file[2000]! ^= 1;
    await refused(file, /does not decode/);
  });

  it('refuses empty files and other files', async () => {
    await refused(new Uint8Array(0), /does not decode/);
    await refused(new TextEncoder().encode('<html>not found</html>'), /does not decode/);
  });

  it('refuses a decompression bomb by its header', async () => {
    // An image of one pixel whose header says 60,000 × 60,000; the checksum of the header is made anew.
    const bomb = Buffer.from(encode({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0) }));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await refused(bomb, /^dir\/a\.png: expected an image of at most 100 million pixels, got a larger one/);
  });

  it('says which path is missing', async () => {
    await expect(readImage(join(scratch, 'none.png'))).rejects.toMatchObject({ code: 'io' });
  });
});

it('reads an image file in its own size, or in another', async () => {
  const path = join(scratch, 'a.png');
  await writeFile(path, await picture().png().toBuffer());
  expect(await readImage(path)).toEqual({ dtype: 'uint8', shape: [12, 16, 3], data: colours });
  expect(await readImage(path, { size: [4, 4], channels: 1 })).toMatchObject({ shape: [4, 4, 1] });
});
