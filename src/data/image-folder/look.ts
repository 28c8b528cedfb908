// A look at the ends of every file: enough to know one folder from another, and to notice most of the files that are cut
// off or are no images, without decoding anything. A hundred thousand files take a second.

import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { createSha256 } from '../../sha256.ts';
import type { Listing } from './listing.ts';

/** As much of a file is looked at from its start, and as much to its end. */
const reach = 4096;

/** What the look came to. */
interface Look {
  /** SHA-256 of names, sizes and of the first and last 4 KiB of each file. */
  readonly digest: string;
  /** Places in the listing of files that may not decode. */
  readonly suspects: ReadonlySet<number>;
}

export async function lookAt({ root, files }: Listing): Promise<Look> {
  const hash = createSha256();
  const encoder = new TextEncoder();
  const suspects = new Set<number>();
  for (const [place, { path, size }] of files.entries()) {
    const ends = endsOf(join(root, path), size);
    hash.update(encoder.encode(`${path}\0${size}\0`));
    if (ends) hash.update(ends.head);
    if (ends) hash.update(ends.tail);
    if (!ends || !formats.some(looksWhole => looksWhole(ends))) suspects.add(place);
    if (place % 1000 === 999) await new Promise(resolve => setImmediate(resolve));
  }
  return { digest: hash.hex(), suspects };
}

/** The two ends of a file; undefined where it cannot be opened, which is said when it is to be decoded. */
function endsOf(path: string, size: number): Ends | undefined {
  const [head, tail] = [new Uint8Array(Math.min(size, reach)), new Uint8Array(Math.min(size, reach))];
  try {
    const file = openSync(path, 'r');
    try {
      readSync(file, head, 0, head.length, 0);
      readSync(file, tail, 0, tail.length, size - tail.length);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
  return { head, tail, size };
}

interface Ends {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Of the whole file. */
  readonly size: number;
}

/** For each format whether a file begins as one and comes to its end. Of AVIF the end does not show. */
const formats: readonly ((ends: Ends) => boolean)[] = [
  ({ head, tail }) => starts(head, '\x89PNG') && holds(tail, 'IEND'),
  ({ head, tail }) => starts(head, '\xff\xd8\xff') && holds(tail, '\xff\xd9'),
  ({ head, tail }) => starts(head, 'GIF8') && tail.at(-1) === 0x3b,
  ({ head, size }) =>
    starts(head, 'RIFF') &&
    starts(head.subarray(8), 'WEBP') &&
    new DataView(head.buffer).getUint32(4, true) + 8 <= size,
  ({ head }) => starts(head.subarray(4), 'ftyp'),
];

function starts(bytes: Uint8Array, text: string): boolean {
  return Array.from(text).every((letter, i) => bytes[i] === letter.charCodeAt(0));
}

function holds(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(text, 'latin1');
}
