import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { binarize } from './binarize.ts';
import { arrayDataset, hasFactors, readRange, subset } from './dataset.ts';
import { loadData } from './sources.ts';
import { split } from './split.ts';
import { loadSprites, sprites } from './sprites.ts';

type Numbers = readonly [shape: number, scale: number, rotation: number, x: number, y: number];

const rowAt = ([shape, scale, rotation, x, y]: Numbers): number =>
  (((shape * 6 + scale) * 40 + rotation) * 32 + x) * 32 + y;

const picture = (...numbers: Numbers): Uint8Array => {
  const into = new Uint8Array(64 * 64);
  sprites.read([rowAt(numbers)], into);
  return into;
};

const area = (pixels: Uint8Array): number => pixels.reduce((sum, value) => sum + value / 255, 0);

/** The picture whose pixel [row, column] is `from(row, column)`'s; what lies outside is black. */
const moved = (pixels: Uint8Array, from: (row: number, column: number) => readonly [number, number]): Uint8Array =>
  pixels.map((_, i) => {
    const [row, column] = from(Math.floor(i / 64), i % 64);
    return row < 0 || row > 63 || column < 0 || column > 63 ? 0 : pixels[row * 64 + column]!;
  });

const everyShape = [0, 1, 2] as const;

describe('sprites', () => {
  it('are every combination of their factors, in the order of dSprites', () => {
    expect(sprites.factors.map(({ name, values }) => [name, values.length])).toEqual([
      ['shape', 3],
      ['scale', 6],
      ['rotation', 40],
      ['x', 32],
      ['y', 32],
    ]);
    expect(sprites).toMatchObject({ size: 737_280, shape: [64, 64, 1], dtype: 'uint8', range: [0, 255] });
    const numbers = [2, 1, 33, 4, 30] as const;
    const into = new Uint8Array(15);
    sprites.readFactors([0, rowAt(numbers), sprites.size - 1], into);
    expect([...into]).toEqual([0, 0, 0, 0, 0, ...numbers, 2, 5, 39, 31, 31]);
  });

  it('are black or white, whole, and centred at x and y', () => {
    for (const shape of everyShape) {
      const middle = area(picture(shape, 5, 5, 16, 16));
      for (const [x, y] of [
        [0, 0],
        [31, 0],
        [0, 31],
        [31, 31],
      ] as const) {
        const pixels = picture(shape, 5, 5, x, y);
        expect(new Set(pixels)).toEqual(new Set([0, 255]));
        expect(area(pixels)).toBe(middle);
      }
    }
    // No shape reaches beyond the 16 pixels that the places leave it.
    for (const shape of everyShape) {
      for (let rotation = 0; rotation < 40; rotation++) {
        const pixels = picture(shape, 5, rotation, 16, 16);
        const lit = [...pixels.keys()].filter(i => pixels[i] === 255);
        expect(Math.max(...lit.map(i => Math.hypot((i % 64) - 32, Math.floor(i / 64) - 32)))).toBeLessThan(16);
      }
    }
    const pixels = picture(1, 3, 7, 9, 22);
    const lit = [...pixels.keys()].filter(i => pixels[i] === 255);
    const mean = (of: (i: number) => number) => lit.reduce((sum, i) => sum + of(i) + 0.5, 0) / lit.length;
    expect(mean(i => i % 64)).toBeCloseTo(sprites.factors[3]!.values[9] as number, 10);
    expect(mean(i => Math.floor(i / 64))).toBeCloseTo(sprites.factors[4]!.values[22] as number, 10);
  });

  it.each(everyShape)('of shape %i move by a pixel with x and y', shape => {
    const pixels = picture(shape, 4, 11, 12, 20);
    expect(picture(shape, 4, 11, 13, 20)).toEqual(moved(pixels, (row, column) => [row, column - 1]));
    expect(picture(shape, 4, 11, 12, 21)).toEqual(moved(pixels, (row, column) => [row - 1, column]));
  });

  it.each(everyShape)('of shape %i turn clockwise: ten steps are a quarter', shape => {
    const pixels = picture(shape, 5, 3, 16, 16);
    // The centre is the pixel [32, 32]: what was above it is then to its right.
    expect(picture(shape, 5, 13, 16, 16)).toEqual(moved(pixels, (row, column) => [64 - column, row]));
    // The same picture turned, and not the same picture: but for the square, after less than a quarter.
    expect(picture(shape, 5, 4, 16, 16)).not.toEqual(pixels);
    expect(Math.abs(area(picture(shape, 5, 4, 16, 16)) / area(pixels) - 1)).toBeLessThan(0.05);
  });

  it('have the areas of their shapes, which grow with the square of the scale', () => {
    // Side 1.32, and half axes 1/√1.1 and 1/√3.5; the heart curve's area is 3.6616 by quadrature, its unit 1/1.36.
    const areas = [1.32 ** 2, Math.PI / Math.sqrt(1.1 * 3.5), 3.6616 / 1.36 ** 2];
    for (const shape of everyShape) {
      for (const [i, scale] of (sprites.factors[1]!.values as readonly number[]).entries()) {
        const drawn = Array.from({ length: 10 }, (_, turn) => area(picture(shape, i, turn, 8, 8)));
        const mean = drawn.reduce((a, b) => a + b) / drawn.length;
        expect(mean / (areas[shape]! * (16 * scale) ** 2)).toBeCloseTo(1, 1.4);
      }
    }
  });

  it('are of three shapes, which are the labels', () => {
    const [square, ellipse, heart] = everyShape.map(shape => picture(shape, 5, 0, 16, 16));
    expect(square).not.toEqual(ellipse);
    expect(ellipse).not.toEqual(heart);
    // Upright, a heart has a notch at its top and a point at its foot.
    const row = (pixels: Uint8Array, y: number) => pixels.subarray(y * 64, y * 64 + 64);
    const lit = (pixels: Uint8Array, y: number) => [...row(pixels, y).keys()].filter(i => row(pixels, y)[i] === 255);
    const rows = Array.from({ length: 64 }, (_, y) => lit(heart!, y)).filter(list => list.length > 0);
    expect(rows[0]).not.toContain(32);
    expect(rows.at(-1)).toEqual([32]);
    expect(sprites.labels!.names).toEqual(['square', 'ellipse', 'heart']);
    expect([0, 245_759, 245_760, 737_279].map(i => sprites.labels!.values[i])).toEqual([0, 0, 1, 2]);
  });

  it('are the same everywhere and always', () => {
    const rows = Array.from({ length: 400 }, (_, i) => (i * 1843 + 17) % sprites.size);
    const into = new Uint8Array(400 * 4096);
    sprites.read(rows, into);
    expect(createHash('sha256').update(into).digest('hex')).toBe(
      '0b2fcb7274e556c9097496fd8136285eb0cb207cf97398482dcc0c32a956ee3e',
    );
    expect(sprites.fingerprint).toBe('d2f8bb4d3cb13de1af5a9cc6f415ff820c1ef510aba53bc5f744ce5a5702b6a7');
  });

  it('have what makes them as attributes, of a subset too', () => {
    const { names, read } = subset(sprites, [rowAt([1, 5, 10, 31, 0]), rowAt([2, 0, 20, 0, 31])]).attributes!;
    expect(names).toEqual(['square', 'ellipse', 'heart', 'scale', 'cosine', 'sine', 'x', 'y']);
    const into = new Float32Array(16);
    read([1, 0], into);
    expect([...into]).toEqual([0, 0, 1, 0, -1, 0, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0]);
  });

  it('refuse rows that do not exist and buffers that do not fit', () => {
    const room = new Uint8Array(4096);
    expect(() => sprites.read([sprites.size], room)).toThrow(`a row from 0 to 737279, got row ${sprites.size}`);
    expect(() => sprites.read([0.5], room)).toThrow('got row 0.5');
    expect(() => sprites.read([0, 1], room)).toThrow('at least 8192 values for 2 rows');
    expect(() => sprites.read([0], new Float32Array(4096))).toThrow('expected a uint8 buffer');
    expect(() => sprites.readFactors([0, 1], new Uint8Array(9))).toThrow('expected room for 10 numbers');
    expect(() => sprites.position(-1)).toThrow('got row -1');
  });

  it('are read into the start of a longer buffer, whatever was there', () => {
    const into = new Uint8Array(3 * 4096).fill(7);
    sprites.read([rowAt([2, 5, 0, 16, 16]), 0], into);
    expect(into.subarray(0, 4096)).toEqual(picture(2, 5, 0, 16, 16));
    expect(into.subarray(4096, 8192)).toEqual(picture(0, 0, 0, 0, 0));
    expect(new Set(into.subarray(8192))).toEqual(new Set([7]));
  });
});

describe('the splits of sprites', () => {
  it('hold each row once, the same at each call, and know its factors', async () => {
    const { train, validation, test } = await loadSprites();
    expect([train.size, validation.size, test.size]).toEqual([722_280, 5000, 10_000]);
    const seen = new Uint8Array(sprites.size);
    for (const part of [train, validation, test]) {
      for (let row = 0; row < part.size; row++) seen[part.position(row)]! += 1;
      const factors = new Uint8Array(5);
      part.readFactors([123], factors);
      expect(rowAt([...factors] as unknown as Numbers)).toBe(part.position(123));
      expect(part.labels!.values[123]).toBe(factors[0]);
      expect(readRange(part, 123, 124)).toEqual(readRange(sprites, part.position(123), part.position(123) + 1));
    }
    expect(seen.every(count => count === 1)).toBe(true);
    const again = (await loadData('sprites')).test;
    expect(again.fingerprint).toBe(test.fingerprint);
    expect(test.fingerprint).toBe('957aac4e1a6a9ed1b6701cb455158121b3cc24cdfa62d900e8a2afa0ee155181');
    expect(new Set([train, validation, test, sprites].map(part => part.fingerprint)).size).toBe(4);
    expect(new Set(test.labels!.values.subarray(0, 30))).toEqual(new Set([0, 1, 2]));
  });

  it('can be cut further', () => {
    const part = subset(sprites, [rowAt([2, 5, 0, 16, 16]), 5]);
    expect(readRange(part, 0, 1)).toEqual(picture(2, 5, 0, 16, 16));
    expect([...part.labels!.values]).toEqual([2, 0]);
  });

  it('keep their factors when they are cut, binarised and split', () => {
    const part = binarize(subset(subset(sprites, 700_000, 700_100), [7, 99, 3]), 0);
    const { test } = split(part, { validation: 1, test: 1 });
    for (const data of [part, test]) {
      if (!hasFactors(data)) throw new Error('the factors are lost');
      expect(data.factors).toBe(sprites.factors);
      const into = new Uint8Array(5);
      data.readFactors([data.size - 1], into);
      expect(rowAt([...into] as unknown as Numbers)).toBe(data.position(data.size - 1));
    }
    expect(() => part.readFactors?.([3], new Uint8Array(5))).toThrow('sprites: expected a row from 0 to 2, got row 3');
    expect(hasFactors(arrayDataset({ name: 'plain', data: new Uint8Array(4), shape: [4] }))).toBe(false);
  });
});
