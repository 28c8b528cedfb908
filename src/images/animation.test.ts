import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeGif, encodeWebp } from './animation.ts';
import type { Picture } from './picture.ts';

const [width, height] = [12, 9];
const frames = (count: number, channels: 1 | 3): Picture[] =>
  Array.from({ length: count }, (_, k) => ({
    width,
    height,
    channels,
    // A few colours, so that a palette of 256 holds all of them.
    data: Uint8Array.from({ length: width * height * channels }, (_, i) => 60 * ((i + k) % 5)),
  }));

/** All frames as sharp, another implementation, decodes them: RGB, one below the other. */
async function decoded(file: Uint8Array) {
  const image = sharp(file, { animated: true });
  const { pages, pageHeight, delay, loop, format } = await image.metadata();
  const data = await image.removeAlpha().toColourspace('srgb').raw().toBuffer();
  return { pages, pageHeight, delay, loop, format, data: new Uint8Array(data) };
}

const toRgb = ({ channels, data }: Picture): number[] =>
  channels === 3 ? [...data] : [...data].flatMap(value => [value, value, value]);

describe.each([
  ['gif', encodeGif],
  ['webp', encodeWebp],
] as const)('%s', (format, encode) => {
  it.each([1, 3] as const)('holds every frame, exactly, %i channels', async channels => {
    const given = frames(7, channels);
    const file = await decoded(await encode(given, { frameRate: 20 }));
    expect(file).toMatchObject({ format, pages: 7, pageHeight: height, loop: 0 });
    expect(file.delay).toEqual(new Array(7).fill(50));
    expect([...file.data]).toEqual(given.flatMap(toRgb));
  });

  it('is one still picture where there is one frame', async () => {
    const [frame] = frames(1, 1);
    const { data } = await decoded(await encode([frame!], { frameRate: 10 }));
    expect([...data]).toEqual(toRgb(frame!));
  });

  it('refuses no frames, frames that differ, and a frame rate beyond what files hold', async () => {
    const given = frames(2, 1);
    await expect(encode([], { frameRate: 5 })).rejects.toThrow('got 0 pictures.');
    await expect(encode([given[0]!, frames(1, 3)[0]!], { frameRate: 5 })).rejects.toMatchObject({ code: 'shape' });
    await expect(encode(given, { frameRate: 0 })).rejects.toMatchObject({ code: 'usage' });
    await expect(encode(given, { frameRate: 60 })).rejects.toMatchObject({ code: 'usage' });
  });
});

it('takes the nearest of 256 colours where there are more', async () => {
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => [(i / 3) % 64, Math.floor(i / 192), 32][i % 3]! * 4);
  const picture: Picture = { width: 64, height: 64, channels: 3, data };
  const { data: got } = await decoded(await encodeGif([picture, picture], { frameRate: 20 }));
  const off = data.reduce((sum, value, i) => sum + Math.abs(value - got[i]!), 0) / data.length;
  expect(off).toBeGreaterThan(0);
  expect(off).toBeLessThan(12);
});
