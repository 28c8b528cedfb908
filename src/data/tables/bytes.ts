// A file's bytes by position, so that a table can be larger than memory. A gzipped file is unpacked into memory.

import { LatentkitError } from '../../errors.ts';
import { explained } from '../../io-error.ts';
import { readFileBytes } from '../files.ts';
import { gunzip, isGzip } from '../gzip.ts';

export interface ByteSource {
  readonly size: number;
  /** SHA-256 of the bytes. */
  sha256(): Hasher;
  /**
   * The bytes from `start` to `end`, in an array of their own.
   * @throws LatentkitError `data` where the file has changed since it was opened.
   */
  read(start: number, end: number): Uint8Array<ArrayBuffer>;
}

/** What takes a file's bytes one after another. */
interface Hasher {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/**
 * Opens a file for reading; nothing stays open between two reads.
 * @param gzip whether to unpack a file that begins as gzipped ones do.
 */
export async function openBytes(path: string, { gzip = true }: { readonly gzip?: boolean } = {}): Promise<ByteSource> {
  const [fs, { createHash }] = await Promise.all([import('node:fs'), import('node:crypto')]);
  const { size, mtimeMs } = await explained(path, 'read', () => fs.promises.stat(path));
  const sha256 = (): Hasher => {
    const hash = createHash('sha256');
    return { update: bytes => void hash.update(bytes), hex: () => hash.digest('hex') };
  };
  const changed = (): LatentkitError =>
    new LatentkitError('data', `${path}: the file has changed since it was opened. Load it again.`);
  const read = (start: number, end: number): Uint8Array<ArrayBuffer> => {
    const file = fs.openSync(path, 'r');
    try {
      const now = fs.fstatSync(file);
      if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed();
      // A buffer, since it finds a byte several times faster than other arrays; in memory of its own.
      const bytes = Buffer.allocUnsafeSlow(end - start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = fs.readSync(file, bytes, filled, bytes.length - filled, start + filled);
        if (count === 0) throw changed();
        filled += count;
      }
      return bytes;
    } finally {
      fs.closeSync(file);
    }
  };
  if (!gzip || !isGzip(read(0, Math.min(2, size)))) return { size, sha256, read };
  const unpacked = Uint8Array.from(gunzip(await readFileBytes(path), path));
  return { size: unpacked.length, sha256, read: (start, end) => unpacked.subarray(start, end) };
}
