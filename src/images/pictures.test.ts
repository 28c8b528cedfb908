import fc from 'fast-check';
import { encode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { imageGrid, pairGrid } from './grid.ts';
import { picturesOf } from './picture.ts';
import { decodePng, encodePng } from './png.ts';
import { halfBlocks } from './preview.ts';

const grey = (n: number, height: number, width: number, values: number[]): HostTensor => ({
  dtype: 'uint8',
  shape: [n, height, width, 1],
  data: Uint8Array.from(values),
});

describe('picturesOf', () => {
  it('clips floats to 0 to 1 and rounds them to bytes', () => {
    const data = Float32Array.of(-1, 0, 0.5, 1, 2, 0.999);
    const [first, second] = picturesOf({ dtype: 'float32', shape: [2, 1, 3, 1], data });
    expect([...first!.data, ...second!.data]).toEqual([0, 0, 128, 255, 255, 255]);
  });

  it.each([[[2, 3]], [[1, 2, 3, 2]], [[1, 0, 3, 1]], [[1, 1, 1, 1, 1]]])('refuses shape %j', shape => {
    const images: HostTensor = { dtype: 'uint8', shape, data: new Uint8Array(12) };
    expect(() => picturesOf(images)).toThrow('expected images as uint8 or float32 [n, height, width, 1 or 3]');
  });
});

describe('PNG', () => {
  it('comes back as it was, grey and in colour', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.constantFrom(1 as const, 3 as const), (w, h, channels) => {
        const data = Uint8Array.from({ length: (w + 1) * (h + 1) * channels }, (_, i) => i * 37);
        const picture = { width: w + 1, height: h + 1, channels, data };
        expect(decodePng(encodePng(picture), 'x')).toEqual(picture);
      }),
    );
  });

  it('reads 16 bits, alpha and palettes', () => {
    const deep = encode({ width: 2, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0, 65535) });
    expect(decodePng(deep, 'x')).toEqual({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
    const clear = encode({ width: 2, height: 1, channels: 4, data: Uint8Array.of(9, 9, 9, 0, 10, 20, 30, 255) });
    expect([...decodePng(clear, 'x').data]).toEqual([255, 255, 255, 10, 20, 30]);
    const half = encode({ width: 1, height: 1, channels: 2, data: Uint8Array.of(0, 51) });
    expect(decodePng(half, 'x')).toEqual({ width: 1, height: 1, channels: 1, data: Uint8Array.of(204) });
    const palette = [
      [1, 2, 3],
      [250, 251, 252],
    ];
    const indexed = encode({ width: 2, height: 1, channels: 1, depth: 1, palette, data: Uint8Array.of(0b01000000) });
    expect([...decodePng(indexed, 'x').data]).toEqual([1, 2, 3, 250, 251, 252]);
    const bits = encode({ width: 3, height: 2, channels: 1, depth: 2, data: Uint8Array.of(0b00011000, 0b11000100) });
    expect([...decodePng(bits, 'x').data]).toEqual([0, 85, 170, 255, 0, 85]);
  });

  it('answers damage with a LatentkitError that names the file', () => {
    const whole = encodePng({ width: 3, height: 3, channels: 1, data: new Uint8Array(9) });
    expect(() => decodePng(new Uint8Array(0), 'a.png')).toThrow(/^a\.png: expected a PNG file/);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length - 1), (at, value, cut) => {
        const damaged = whole.slice();
        damaged[at] = value;
        try {
          decodePng(cut % 2 ? damaged : damaged.subarray(0, cut), 'a.png');
        } catch (error) {
          expect(error).toBeInstanceOf(LatentkitError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('imageGrid', () => {
  it('puts scaled tiles between padding', () => {
    const grid = imageGrid(grey(3, 1, 2, [1, 2, 3, 4, 5, 6]), { columns: 2, padding: 1, scale: 2, background: 9 });
    expect([grid.width, grid.height]).toEqual([11, 7]);
    const rows = Array.from({ length: 7 }, (_, y) => [...grid.data.subarray(y * 11, y * 11 + 11)].join(''));
    expect(rows).toEqual([
      '99999999999',
      '91122933449',
      '91122933449',
      '99999999999',
      '95566999999',
      '95566999999',
      '99999999999',
    ]);
  });

  it('makes MNIST digits large enough to see, and large grids not too wide', () => {
    const digits = (n: number) => grey(n, 28, 28, Array(n * 784).fill(0));
    expect(imageGrid(digits(4), { padding: 0 }).width).toBe(2 * 84);
    expect(imageGrid(digits(900), { padding: 0 }).width).toBe(30 * 28);
  });

  it.each([{ columns: 0 }, { scale: 1.5 }, { padding: -1 }])('refuses %j', options => {
    expect(() => imageGrid(grey(1, 1, 1, [0]), options)).toThrow('positive whole number');
  });
});

describe('pairGrid', () => {
  it('puts each reconstruction below its original, and sets the pairs of rows apart', () => {
    const originals = grey(3, 1, 1, [1, 2, 3]);
    const grid = pairGrid(originals, grey(3, 1, 1, [4, 5, 6]), { columns: 2, padding: 1, scale: 1, background: 0 });
    const rows = Array.from({ length: grid.height }, (_, y) =>
      [...grid.data.subarray(y * grid.width, (y + 1) * grid.width)].join(''),
    );
    expect(rows).toEqual([
      '00000',
      '01020',
      '00000',
      '04050',
      '00000',
      '00000',
      '00000',
      '00000',
      '03000',
      '00000',
      '06000',
      '00000',
    ]);
  });

  it('refuses batches that do not belong together', () => {
    expect(() => pairGrid(grey(2, 1, 1, [1, 2]), grey(1, 1, 1, [1]))).toThrow('as many reconstructions as originals');
  });
});

describe('halfBlocks', () => {
  const escapes = (text: string) => text.replaceAll('\u001b', '');
  it('draws two pixels a character, and only says what changes', () => {
    const picture = { width: 3, height: 3, channels: 1 as const, data: Uint8Array.of(0, 0, 255, 9, 9, 9, 7, 7, 7) };
    expect(escapes(halfBlocks(picture))).toBe(
      '[38;2;0;0;0m[48;2;9;9;9m▀▀[38;2;255;255;255m[48;2;9;9;9m▀[0m\n[38;2;7;7;7m[49m▀▀▀[0m\n',
    );
  });

  it('shrinks by averaging', () => {
    const picture = {
      width: 4,
      height: 4,
      channels: 1 as const,
      data: Uint8Array.from({ length: 16 }, (_, i) => i * 10),
    };
    expect(escapes(halfBlocks(picture, { width: 2 }))).toBe(
      '[38;2;25;25;25m[48;2;105;105;105m▀[38;2;45;45;45m[48;2;125;125;125m▀[0m\n',
    );
  });

  it('has greys and colours for terminals of 256 colours', () => {
    const picture = { width: 2, height: 1, channels: 3 as const, data: Uint8Array.of(255, 0, 0, 128, 128, 128) };
    expect(escapes(halfBlocks(picture, { color: '256' }))).toBe('[38;5;196m[49m▀[38;5;244m[49m▀[0m\n');
  });
});
