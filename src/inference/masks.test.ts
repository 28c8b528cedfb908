import { describe, expect, it } from 'vitest';
import { hiddenAtRandom, hiddenBox, hiddenHalf, hiddenStroke } from './masks.ts';

const size = { height: 3, width: 4 };
const drawn = (mask: Uint8Array): string[] =>
  Array.from({ length: size.height }, (_, y) => [...mask.subarray(4 * y, 4 * y + 4)].map(v => '.#'[v]!).join(''));

describe('masks', () => {
  it('hide halves, of an odd number of lines the smaller', () => {
    expect(drawn(hiddenHalf(size, 'top'))).toEqual(['####', '....', '....']);
    expect(drawn(hiddenHalf(size, 'bottom'))).toEqual(['....', '....', '####']);
    expect(drawn(hiddenHalf(size, 'left'))).toEqual(['##..', '##..', '##..']);
    expect(drawn(hiddenHalf(size, 'right'))).toEqual(['..##', '..##', '..##']);
  });

  it('hide boxes, in pixels and in shares', () => {
    expect(drawn(hiddenBox(size, [1, 1, 2, 2]))).toEqual(['....', '.##.', '.##.']);
    expect(drawn(hiddenBox(size, [0.5, 0, 0.5, 1]))).toEqual(['..##', '..##', '..##']);
    expect(drawn(hiddenBox(size, [3, -5, 9, 6]))).toEqual(['...#', '....', '....']);
    expect(() => hiddenBox(size, [4, 0, 2, 2])).toThrow(
      /box: expected .* 4 by 3 pixels, got 4,0,2,2, which hides nothing/,
    );
  });

  it('hide what a brush goes over', () => {
    expect(drawn(hiddenStroke(size, [0.5, 1.5, 3.5, 1.5], 1))).toEqual(['....', '####', '....']);
    expect(drawn(hiddenStroke(size, [0.5, 0.5, 2.5, 2.5], 1))).toEqual(['#...', '.#..', '..#.']);
    expect(drawn(hiddenStroke(size, [2, 1.5], 1.2))).toEqual(['....', '.##.', '....']);
    expect(() => hiddenStroke(size, [1, 2, 3], 1)).toThrow(/strokes: expected .* got 3 numbers/);
  });

  it('hide a share at random, a row alike in any company', () => {
    const places = { rows: 40, count: 100, seed: 1, firstRow: 0 };
    const mask = hiddenAtRandom(0.3, places);
    const share = mask.reduce((a, b) => a + b, 0) / 4000;
    expect(Math.abs(share - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 4000));
    expect(hiddenAtRandom(0.3, { ...places, rows: 1, firstRow: 7 })).toEqual(mask.subarray(700, 800));
    expect(hiddenAtRandom(0.3, { ...places, seed: 2 })).not.toEqual(mask);
  });
});
