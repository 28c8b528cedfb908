import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatentkitError } from '../errors.ts';
import { decodeWav, encodeWav, mono } from './wav.ts';

/** A chunk, padded to an even length. */
function chunk(id: string, bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(bytes.length, 4);
  return Buffer.concat([head, bytes, Buffer.alloc(bytes.length % 2)]);
}

function riff(...chunks: Buffer[]): Uint8Array {
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));
}

function format(code: number, bits: number, { channels = 1, rate = 8000 } = {}): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt16LE(channels, 2);
  bytes.writeUInt32LE(rate, 4);
  bytes.writeUInt32LE((rate * channels * bits) / 8, 8);
  bytes.writeUInt16LE((channels * bits) / 8, 12);
  bytes.writeUInt16LE(bits, 14);
  return chunk('fmt ', bytes);
}

const data = (values: ArrayBufferView): Buffer =>
  chunk('data', new Uint8Array(values.buffer, values.byteOffset, values.byteLength));

describe('decodeWav', () => {
  it.each<[string, number, number, ArrayBufferView, number[]]>([
    ['8 bits', 1, 8, Uint8Array.of(128, 0, 255, 192), [0, -1, 127 / 128, 0.5]],
    ['16 bits', 1, 16, Int16Array.of(0, -32_768, 32_767, 16_384), [0, -1, 32_767 / 32_768, 0.5]],
    [
      '24 bits',
      1,
      24,
      Uint8Array.of(0, 0, 0, 0, 0, 0x80, 0xff, 0xff, 0x7f, 1, 0, 0x40),
      [0, -1, 1 - 2 ** -23, 0.5 + 2 ** -23],
    ],
    ['32 bits', 1, 32, Int32Array.of(0, -(2 ** 31), 2 ** 30, -(2 ** 29)), [0, -1, 0.5, -0.25]],
    ['floats of 32 bits', 3, 32, Float32Array.of(0, -1.5, 0.25, 1), [0, -1.5, 0.25, 1]],
    ['floats of 64 bits', 3, 64, Float64Array.of(0, -1.5, 0.25, 1), [0, -1.5, 0.25, 1]],
  ])('reads %s, after a chunk that it does not know', (_, code, bits, samples, expected) => {
    const file = riff(chunk('LIST', Buffer.from('odd')), format(code, bits), data(samples));
    const { rate, channels } = decodeWav(file, 'a.wav');
    expect(rate).toBe(8000);
    expect(channels.map(values => [...values])).toEqual([expected.map(Math.fround)]);
  });

  it('reads the extensible format, and channels side by side', () => {
    const extensible = Buffer.concat([format(0xfffe, 16, { channels: 2, rate: 44_100 }).subarray(8), Buffer.alloc(24)]);
    extensible.writeUInt16LE(1, 24);
    const file = riff(chunk('fmt ', extensible), data(Int16Array.of(8192, -8192, 16_384, 0)));
    const sound = decodeWav(file, 'a.wav');
    expect(sound).toEqual({ rate: 44_100, channels: [Float32Array.of(0.25, 0.5), Float32Array.of(-0.25, 0)] });
    expect(mono(sound)).toEqual(Float32Array.of(0, 0.25));
  });

  const whole = riff(format(1, 16), data(Int16Array.of(1, 2, 3)));
  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', new Uint8Array(), /a\.wav: expected a WAV file .*, got an empty file/],
    ['another file', Buffer.from('OggS and so on, not RIFF'), /begins with "OggS"/],
    ['no samples', riff(format(1, 16), data(new Int16Array())), /expected samples, got a file of length zero/],
    [
      'a file that is cut off',
      whole.subarray(0, whole.length - 2),
      /expected 6 bytes of data, got 4\. The file is cut off/,
    ],
    ['a file that ends before the samples', whole.subarray(0, 40), /expected a chunk of samples, got none/],
    ['no format', riff(data(Int16Array.of(1))), /expected the format before the samples/],
    ['half a frame', riff(format(1, 16, { channels: 2 }), data(Int16Array.of(1, 2, 3))), /whole frames of 2 × 2 bytes/],
    ['µ-law', riff(format(7, 8), data(Uint8Array.of(1, 2))), /expected PCM .*, got format 7 of 8 bits\. Convert/],
    ['a rate of nothing', riff(format(1, 16, { rate: 0 }), data(Int16Array.of(1))), /1 channels at 0 Hz/],
    ['NaN', riff(format(3, 32), data(Float32Array.of(0, Number.NaN))), /expected finite samples, got NaN at sample 1/],
  ])('refuses %s', (_, file, message) => {
    expect(() => decodeWav(file, 'a.wav')).toThrow(expect.objectContaining({ code: 'data' }));
    expect(() => decodeWav(file, 'a.wav')).toThrow(message);
  });

  it('answers any damage with a LatentkitError or sound', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1 }), fc.nat(), (damage, cut) => {
        const file = Uint8Array.from(whole);
        for (const [at, value] of damage) file[at % file.length] = value;
        try {
          decodeWav(file.subarray(0, cut % 2 ? file.length : cut % file.length), 'a.wav');
        } catch (error) {
          expect(error).toBeInstanceOf(LatentkitError);
        }
      }),
    );
  });
});

describe('encodeWav', () => {
  it.each([
    ['int16', 2 ** -16],
    ['int24', 2 ** -24],
    ['float32', 0],
  ] as const)('gives back %s to half a step', (format, error) => {
    const samples = fc.float32Array({ min: -1, max: Math.fround(0.9999), noNaN: true, minLength: 1 });
    fc.assert(
      fc.property(samples, fc.constantFrom(1, 2), (values, count) => {
        const channels = Array.from({ length: count }, (_, i) => values.map(value => (i ? -value * 0.5 : value)));
        const sound = decodeWav(encodeWav({ rate: 16_000, channels }, format), 'a.wav');
        expect(sound.rate).toBe(16_000);
        for (const [channel, got] of sound.channels.entries()) {
          for (const [i, value] of got.entries()) {
            expect(Math.abs(value - channels[channel]![i]!)).toBeLessThanOrEqual(error);
          }
        }
      }),
    );
  });

  it('clips what integers cannot hold', () => {
    const file = encodeWav({ rate: 8000, channels: [Float32Array.of(-2, 2)] });
    expect([...decodeWav(file, 'a.wav').channels[0]!]).toEqual([-1, 32_767 / 32_768]);
  });
});
