// PNG files of the simplest kind (ISO/IEC 15948): 8 bits, grey or RGB, not interlaced, with nothing that changes how their
// values look. Folders of small images are mostly such files, and a general decoder takes ten times as long for one.

import { unzlibSync } from 'fflate';
import type { Picture } from './picture.ts';

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Chunks that make pixels look otherwise than their bare values: transparency, colour profiles, orientation. */
const looksOtherwise = ['tRNS', 'iCCP', 'cICP', 'eXIf'];

/** What the header of a PNG file says. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Without transparency. */
  readonly channels: 1 | 3;
  /** Whether `decodePlainPng` is for it. */
  readonly isPlain: boolean;
  /** Whether it says how it is to be turned. */
  readonly hasOrientation: boolean;
}

/** Reads the header; undefined where the file is no PNG. */
export function pngHeader(file: Uint8Array): PngHeader | undefined {
  if (file.length < 33 || signature.some((byte, i) => file[i] !== byte)) return undefined;
  const view = viewOf(file);
  const [depth, color, , , interlace] = file.subarray(24, 29);
  const types = chunksOf(file).map(({ type }) => type);
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    channels: color === 0 || color === 4 ? 1 : 3,
    isPlain:
      depth === 8 &&
      (color === 0 || color === 2) &&
      interlace === 0 &&
      !types.some(type => looksOtherwise.includes(type)),
    hasOrientation: types.includes('eXIf'),
  };
}

/** The pixels of a plain PNG. Throws an Error where the file is damaged or cut off. */
export function decodePlainPng(file: Uint8Array, { width, height, channels }: PngHeader): Picture {
  const view = viewOf(file);
  const parts: Uint8Array[] = [];
  const chunks = chunksOf(file);
  for (const { type, start, end } of chunks) {
    if (end + 4 > file.length) throw new Error('the file is cut off');
    if (crc32(file.subarray(start - 4, end)) !== view.getUint32(end)) throw new Error(`wrong checksum of ${type}`);
    if (type === 'IDAT') parts.push(file.subarray(start, end));
  }
  if (chunks.at(-1)?.type !== 'IEND') throw new Error('the file is cut off');
  const stride = width * channels;
  const length = (stride + 1) * height;
  const compressed = parts.length === 1 ? parts[0]! : joined(parts);
  // Deflate makes nothing an eighth larger. So the time that a hostile file takes is bounded.
  if (compressed.length > 1.125 * length + 1024) throw new Error('it holds more than its pixels');
  const filtered = unzlibSync(compressed, { out: new Uint8Array(length) });
  if (filtered.length < length) throw new Error('pixels are missing');
  return { width, height, channels, data: unfiltered(filtered, stride, channels) };
}

/** Undoes the filter of each line, which its first byte names: what was left out is added back (clause 9). */
function unfiltered(filtered: Uint8Array, stride: number, bytesPerPixel: number): Uint8Array {
  const height = filtered.length / (stride + 1);
  const data = new Uint8Array(stride * height);
  for (let row = 0; row < height; row++) {
    const from = row * (stride + 1) + 1;
    const to = row * stride;
    const filter = filtered[from - 1]!;
    if (filter > 4) throw new Error(`unknown filter ${filter}`);
    for (let i = 0; i < stride; i++) {
      const left = i < bytesPerPixel ? 0 : data[to + i - bytesPerPixel]!;
      const up = row === 0 ? 0 : data[to + i - stride]!;
      const corner = row === 0 || i < bytesPerPixel ? 0 : data[to + i - stride - bytesPerPixel]!;
      data[to + i] = filtered[from + i]! + predicted(filter, left, up, corner);
    }
  }
  return data;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  // Paeth: the nearest to left + up − corner.
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

interface Chunk {
  readonly type: string;
  /** Where its data begin and end. */
  readonly start: number;
  readonly end: number;
}

function chunksOf(file: Uint8Array): Chunk[] {
  const view = viewOf(file);
  const chunks: Chunk[] = [];
  for (let at = signature.length; at + 8 <= file.length; at = chunks.at(-1)!.end + 4) {
    const type = String.fromCharCode(file[at + 4]!, file[at + 5]!, file[at + 6]!, file[at + 7]!);
    chunks.push({ type, start: at + 8, end: at + 8 + view.getUint32(at) });
    if (type === 'IEND') break;
  }
  return chunks;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) c = crcTable[(c ^ bytes[i]!) & 0xff]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
