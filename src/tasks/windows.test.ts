import { describe, expect, it } from 'vitest';
import { float32, type HostTensor } from '../runtime/index.ts';
import { byWindows } from './windows.ts';

const image = (height: number, width: number, channels: number): HostTensor<'float32'> =>
  float32(
    Float32Array.from({ length: height * width * channels }, (_, i) => (i * 37) % 101),
    [height, width, channels],
  );

describe.each([
  [8, 8],
  [9, 20],
  [3, 30],
  [5, 4],
  [17, 8],
])('an image of %d×%d', (height, width) => {
  it('is whole again where nothing is done to its windows', async () => {
    const whole = image(height, width, 3);
    const again = await byWindows(whole, [8, 8], async windows => windows);
    expect(again.shape).toEqual([height, width, 3]);
    expect([...again.data]).toEqual([...whole.data].map(value => expect.closeTo(value, 3)));
  });

  it('is cut into windows of one size that show what is there, and cover it', async () => {
    const whole = image(height, width, 1);
    const seen = new Set<number>();
    await byWindows(whole, [8, 8], async windows => {
      expect(windows.shape.slice(1)).toEqual([8, 8, 1]);
      for (const value of windows.data) seen.add(value);
      return windows;
    });
    expect(seen).toEqual(new Set(whole.data));
  });
});

it('lets no seam be seen: what differs from window to window changes by degrees', async () => {
  const whole = float32(new Float32Array(8 * 64), [8, 64, 1]);
  const stepped = await byWindows(whole, [8, 8], async windows => {
    const [count = 0] = windows.shape;
    return float32(
      Float32Array.from(windows.data, (_, i) => Math.floor(i / 64) / count),
      windows.shape,
    );
  });
  const row = [...stepped.data.subarray(0, 64)];
  const leaps = row.slice(1).map((value, i) => value - row[i]!);
  expect(Math.min(...leaps)).toBeGreaterThanOrEqual(-1e-6);
  // A window's own step is 1/15; over its four columns of overlap it comes by degrees.
  expect(Math.max(...leaps)).toBeLessThan(0.5 / 15);
});
