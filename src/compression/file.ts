// The file that compression writes: `LKZ1`, the length of the header as uint32, the header as deflated JSON, the stack's words
// as uint16, and the first 8 bytes of the SHA-256 of all that. Numbers are little-endian.

import { unzlibSync, zlibSync } from 'fflate';
import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { parseSpec } from '../schema.ts';
import { sha256Hex } from '../sha256.ts';

/** What is needed to decode the words beside the model. */
export interface Header {
  readonly rows: number;
  /** A row's shape. */
  readonly shape: readonly number[];
  /** What the rows are called. */
  readonly names?: readonly string[] | undefined;
  /** SHA-256 of the model's parameters. */
  readonly model: string;
  /** SHA-256 of what the model computes where the file was written. */
  readonly arithmetic: string;
  /** SHA-256 of the rows. */
  readonly content: string;
  /** Random words that were drawn from beneath the stack. */
  readonly drawn: number;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const headerSchema: z.ZodType<Header> = z.object({
  rows: z.int().min(1),
  shape: z.array(z.int().min(1)).min(1),
  names: z.array(z.string()).optional(),
  model: sha256,
  arithmetic: sha256,
  content: sha256,
  drawn: z.int().min(0),
});

const magic = 'LKZ1';
const headerStart = 8;
const checksumBytes = 8;

/** Writes a file. */
export function writeFile(header: Header, words: Uint16Array): Uint8Array {
  const json = zlibSync(new TextEncoder().encode(JSON.stringify(header)), { level: 9 });
  const wordsStart = headerStart + json.length;
  const file = new Uint8Array(wordsStart + 2 * words.length + checksumBytes);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode(magic));
  view.setUint32(4, json.length, true);
  file.set(json, headerStart);
  words.forEach((word, i) => {
    view.setUint16(wordsStart + 2 * i, word, true);
  });
  file.set(checksumOf(file), file.length - checksumBytes);
  return file;
}

/**
 * Reads a file.
 * @throws LatentkitError `data` where it is none, is cut off or damaged.
 */
export function readFile(file: Uint8Array): { readonly header: Header; readonly words: Uint16Array } {
  const start = new TextDecoder('latin1').decode(file.subarray(0, magic.length));
  if (start !== magic) {
    throw new LatentkitError(
      'data',
      `expected a file that \`latentkit compress\` wrote, which begins with "${magic}", got one that ` +
        `${file.length === 0 ? 'is empty' : `begins with ${JSON.stringify(start)}`}. Name another file.`,
    );
  }
  const checksum = file.subarray(-checksumBytes);
  if (file.length < headerStart + checksumBytes || checksumOf(file).some((byte, i) => byte !== checksum[i])) {
    throw new LatentkitError(
      'data',
      'the compressed file is cut off or damaged: its checksum is not that of its content. Copy or download it again.',
    );
  }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const wordsStart = headerStart + view.getUint32(4, true);
  const json = new TextDecoder().decode(unzlibSync(file.subarray(headerStart, wordsStart)));
  const count = (file.length - checksumBytes - wordsStart) / 2;
  return {
    header: parseSpec(headerSchema, JSON.parse(json), 'compressed file'),
    words: Uint16Array.from({ length: count }, (_, i) => view.getUint16(wordsStart + 2 * i, true)),
  };
}

/** Of all but the checksum itself. */
function checksumOf(file: Uint8Array): Uint8Array {
  const hex = sha256Hex(file.subarray(0, file.length - checksumBytes));
  return Uint8Array.from({ length: checksumBytes }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
