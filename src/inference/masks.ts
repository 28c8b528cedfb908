// What of an image is hidden, said in the ways in which people say it. A mask has a 1 for each hidden pixel, row by row
// from the top.

import { LatentkitError } from '../errors.ts';
import { chainNoise } from './draws.ts';

export const halves = ['top', 'bottom', 'left', 'right'] as const;

/** A half of an image by its name. */
export type Half = (typeof halves)[number];

interface Size {
  readonly height: number;
  readonly width: number;
}

function pixels({ height, width }: Size, hidden: (x: number, y: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: height * width }, (_, i) => Number(hidden(i % width, Math.floor(i / width))));
}

/** A half of the image; of an odd number of lines the middle one stays. */
export function hiddenHalf(size: Size, half: Half): Uint8Array {
  const { height, width } = size;
  const [down, right] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  switch (half) {
    case 'top':
      return pixels(size, (_, y) => y < height - down);
    case 'bottom':
      return pixels(size, (_, y) => y >= down);
    case 'left':
      return pixels(size, x => x < width - right);
    case 'right':
      return pixels(size, x => x >= right);
  }
}

/** Coordinates in pixels: numbers from 0 to 1, if all of them are, are shares of the image's width and height. */
function inPixels(numbers: readonly number[], { height, width }: Size): number[] {
  const areShares = numbers.every(n => n >= 0 && n <= 1);
  return numbers.map((n, i) => (areShares ? n * (i % 2 === 0 ? width : height) : n));
}

/**
 * The pixels whose middle lies in a box.
 * @param box x, y, width and height, in pixels from the top left or in shares of the image's width and height.
 * @throws LatentkitError `usage` where there is none.
 */
export function hiddenBox(size: Size, box: readonly [number, number, number, number]): Uint8Array {
  const [left, top, wide, high] = inPixels(box, size) as [number, number, number, number];
  const mask = pixels(size, (x, y) => {
    const [dx, dy] = [x + 0.5 - left, y + 0.5 - top];
    return dx >= 0 && dx < wide && dy >= 0 && dy < high;
  });
  if (mask.includes(1)) return mask;
  throw new LatentkitError(
    'usage',
    `box: expected x,y,width,height within an image of ${size.width} by ${size.height} pixels, got ${box.join(',')}, which hides nothing.`,
  );
}

/**
 * What a brush goes over: the pixels whose middle is at most half its width away from a line from point to point.
 * @param points x, y, x, y, ... of at least one point, in pixels or in shares of width and height.
 * @param brush the width of the line in pixels.
 */
export function hiddenStroke(size: Size, points: readonly number[], brush: number): Uint8Array {
  if (points.length < 2 || points.length % 2 === 1) {
    throw new LatentkitError('usage', `strokes: expected x,y,x,y,... of each line, got ${points.length} numbers.`);
  }
  const at = inPixels(points, size);
  const corners = Array.from({ length: at.length / 2 }, (_, i) => [at[2 * i]!, at[2 * i + 1]!] as const);
  const segments = corners.map((corner, i) => [corners[Math.max(0, i - 1)]!, corner] as const);
  return pixels(size, (x, y) =>
    segments.some(([[ax, ay], [bx, by]]) => {
      const [px, py, dx, dy] = [x + 0.5 - ax, y + 0.5 - ay, bx - ax, by - ay];
      const along = Math.max(0, Math.min(1, (px * dx + py * dy) / (dx * dx + dy * dy || 1)));
      return Math.hypot(px - along * dx, py - along * dy) <= brush / 2;
    }),
  );
}

/** Each of `count` places of each row with the same probability, by itself: [rows, count]. */
export function hiddenAtRandom(
  share: number,
  {
    rows,
    count,
    seed,
    firstRow,
  }: { readonly rows: number; readonly count: number; readonly seed: number; readonly firstRow: number },
): Uint8Array {
  const range = { first: firstRow, count: rows };
  const noise = chainNoise({ name: 'mask', distribution: 'uniform', width: count }, seed, range);
  noise.fill(0);
  return Uint8Array.from(noise.numbers, u => Number(u < share));
}
