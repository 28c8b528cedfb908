// WAV files (Microsoft and IBM 1991, "Multimedia Programming Interface and Data Specifications 1.0"; WAVE_FORMAT_EXTENSIBLE
// of 1999): linear PCM of 8 to 32 bits and floats. A file is chunks in a RIFF list; what is not `fmt ` or `data` is skipped.

import { LatentkitError } from '../errors.ts';

/** Sound as samples, nominally from −1 to 1, one array a channel; all of one length. */
export interface Sound {
  /** Samples a second. */
  readonly rate: number;
  readonly channels: readonly Float32Array[];
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;

type Fail = (expected: string, got: string, mend?: string) => LatentkitError;

/**
 * Reads a WAV file. Integers are divided by their greatest magnitude: 16 bits by 32,768.
 * @param name the file that errors name
 * @throws LatentkitError `data` where it is no WAV file, is cut off, has no samples, is compressed, or holds a float that is
 * not finite.
 */
export function decodeWav(file: Uint8Array, name: string): Sound {
  const fail: Fail = (expected, got, mend = 'The file is damaged: copy or record it again.') =>
    new LatentkitError('data', `${name}: expected ${expected}, got ${got}. ${mend}`);
  const { format, data } = findChunks(file, fail);
  const { code, channels, rate, bits } = readFormat(format, fail);
  const kind = code === PCM ? 'int' : code === FLOAT ? 'float' : 'other';
  const read = readers.get(`${kind}${bits}`);
  if (read === undefined) {
    throw fail(
      'PCM of 8, 16, 24 or 32 bits, or floats of 32 or 64',
      `format ${code} of ${bits} bits`,
      'Convert it to 16-bit PCM, such as by `ffmpeg -i IN -c:a pcm_s16le OUT.wav`.',
    );
  }
  if (data.byteLength === 0) throw fail('samples', 'a file of length zero', 'Leave it out, or record it again.');
  const bytes = bits / 8;
  const count = data.byteLength / (bytes * channels);
  if (!Number.isInteger(count)) {
    throw fail(`whole frames of ${channels} × ${bytes} bytes`, `${data.byteLength} bytes of samples`);
  }
  const values = Array.from({ length: channels }, (_, channel) =>
    Float32Array.from({ length: count }, (_, i) => read(data, (i * channels + channel) * bytes)),
  );
  for (const [channel, samples] of values.entries()) {
    const wrong = samples.findIndex(sample => !Number.isFinite(sample));
    if (wrong >= 0) {
      throw fail('finite samples', `${samples[wrong]} at sample ${wrong} of channel ${channel}`, 'Mend the recording.');
    }
  }
  return { rate, channels: values };
}

/** How a sample is stored: `int16` is the most common, `float32` keeps what lies beyond −1 and 1. */
export type SampleFormat = 'int16' | 'int24' | 'float32';

/**
 * Sound as the bytes of a WAV file. Integers are rounded, and clipped at their ends.
 * @throws LatentkitError `data` where the channels are not of one length.
 */
export function encodeWav({ rate, channels }: Sound, format: SampleFormat = 'int16'): Uint8Array {
  const [{ length } = new Float32Array()] = channels;
  const odd = channels.find(channel => channel.length !== length);
  if (odd)
    throw new LatentkitError('data', `expected channels of one length, got ${length} and ${odd.length} samples.`);
  const bytes = format === 'int16' ? 2 : format === 'int24' ? 3 : 4;
  const size = length * channels.length * bytes;
  const file = new DataView(new ArrayBuffer(44 + size + (size % 2)));
  const text = (at: number, letters: string): void => {
    for (const [i, letter] of [...letters].entries()) file.setUint8(at + i, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  file.setUint32(4, file.byteLength - 8, true);
  text(8, 'WAVEfmt ');
  file.setUint32(16, 16, true);
  file.setUint16(20, format === 'float32' ? FLOAT : PCM, true);
  file.setUint16(22, channels.length, true);
  file.setUint32(24, rate, true);
  file.setUint32(28, rate * channels.length * bytes, true);
  file.setUint16(32, channels.length * bytes, true);
  file.setUint16(34, 8 * bytes, true);
  text(36, 'data');
  file.setUint32(40, size, true);
  const write = writers[format];
  for (const [channel, samples] of channels.entries()) {
    for (let i = 0; i < length; i++) write(file, 44 + (i * channels.length + channel) * bytes, samples[i]!);
  }
  return new Uint8Array(file.buffer);
}

/** The mean of all channels: what a single microphone in the middle would have heard. */
export function mono({ channels }: Sound): Float32Array {
  const [first = new Float32Array()] = channels;
  if (channels.length === 1) return first;
  return first.map((_, i) => channels.reduce((sum, samples) => sum + samples[i]!, 0) / channels.length);
}

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

function findChunks(file: Uint8Array, fail: Fail): { format: DataView; data: DataView } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const text = (at: number): string => String.fromCharCode(...file.subarray(at, at + 4));
  if (file.length < 12 || text(0) !== 'RIFF' || text(8) !== 'WAVE') {
    throw fail(
      'a WAV file (RIFF … WAVE)',
      file.length === 0 ? 'an empty file' : `one that begins with ${JSON.stringify(text(0))}`,
      'Convert it to WAV.',
    );
  }
  let format: DataView | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const [id, size] = [text(at), view.getUint32(at + 4, true)];
    if (id === 'data' || id === 'fmt ') {
      if (at + 8 + size > file.length) {
        throw fail(
          `${size} bytes of ${id.trim()}`,
          `${file.length - at - 8}`,
          'The file is cut off: copy or record it again.',
        );
      }
      const chunk = new DataView(file.buffer, file.byteOffset + at + 8, size);
      if (id === 'fmt ') format = chunk;
      else if (format) return { format, data: chunk };
      else throw fail('the format before the samples', 'samples of unknown format');
    }
    // Chunks begin at even places.
    at += 8 + size + (size % 2);
  }
  throw fail(
    `a chunk of ${format ? 'samples' : 'the format'}`,
    'none',
    'The file is cut off: copy or record it again.',
  );
}

function readFormat(chunk: DataView, fail: Fail): Format {
  if (chunk.byteLength < 16) throw fail('at least 16 bytes of format', `${chunk.byteLength}`);
  const [plain, channels] = [chunk.getUint16(0, true), chunk.getUint16(2, true)];
  const [rate, bits] = [chunk.getUint32(4, true), chunk.getUint16(14, true)];
  // The extensible format says in the first bytes of a GUID what the plain one says at once.
  const code = plain === EXTENSIBLE && chunk.byteLength >= 40 ? chunk.getUint16(24, true) : plain;
  if (channels === 0 || rate === 0) throw fail('a channel and a rate', `${channels} channels at ${rate} Hz`);
  return { code, channels, rate, bits };
}

const readers: ReadonlyMap<string, (data: DataView, at: number) => number> = new Map([
  // Of 8 bits, and of these only, silence is in the middle of the unsigned range.
  ['int8', (data: DataView, at: number) => (data.getUint8(at) - 128) / 2 ** 7],
  ['int16', (data: DataView, at: number) => data.getInt16(at, true) / 2 ** 15],
  ['int24', (data: DataView, at: number) => (data.getInt8(at + 2) * 2 ** 16 + data.getUint16(at, true)) / 2 ** 23],
  ['int32', (data: DataView, at: number) => data.getInt32(at, true) / 2 ** 31],
  ['float32', (data: DataView, at: number) => data.getFloat32(at, true)],
  ['float64', (data: DataView, at: number) => data.getFloat64(at, true)],
]);

const writers: Readonly<Record<SampleFormat, (data: DataView, at: number, value: number) => void>> = {
  int16: (data, at, value) => data.setInt16(at, clipped(value, 2 ** 15), true),
  int24: (data, at, value) => {
    const integer = clipped(value, 2 ** 23);
    data.setUint16(at, integer & 0xffff, true);
    data.setInt8(at + 2, integer >> 16);
  },
  float32: (data, at, value) => data.setFloat32(at, value, true),
};

function clipped(value: number, scale: number): number {
  return Math.max(-scale, Math.min(scale - 1, Math.round(value * scale)));
}
