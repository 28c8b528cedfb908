// Rows of bytes on disk, each decoded once: a file of rows, and a file of marks that says which are there. A mark is the
// checksum of its row and is written after it, so what a killed process or a failing disk left undone is noticed.

import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LatentkitError } from '../../errors.ts';
import { codeOf, explained } from '../../io-error.ts';
import { sha256Hex } from '../../sha256.ts';
import { cacheFolder } from '../cache-folder.ts';

/** What the rows are made of. */
interface CacheKey {
  /** Which data, and how they are made into rows. */
  readonly source: string;
  /** In which state; rows of another state of the same source are removed. */
  readonly state: string;
  readonly count: number;
  /** Bytes of a row. */
  readonly width: number;
}

/** Nobody is told that a data set is not needed any more; its files are closed when nothing can read it. */
const closing = new FinalizationRegistry<readonly number[]>(files => {
  for (const file of files) closeSync(file);
});

export class RowCache {
  readonly #width: number;
  /** Checksums of the rows that are there; 0 of others. */
  readonly #marks: Uint32Array;
  /** Rows whose checksum was seen to be right, by this process. */
  readonly #trusted: Uint8Array;
  readonly #rowsFile: number;
  readonly #marksFile: number;
  readonly #where: string;

  /**
   * Opens the rows of a key, or begins with none.
   * @throws LatentkitError `io` where the cache cannot be written.
   */
  static async open(key: CacheKey): Promise<RowCache> {
    const where = join(await cacheFolder('rows'), sha256Hex(key.source).slice(0, 32));
    return inCache(where, async () => new RowCache(where, key));
  }

  private constructor(where: string, { state, count, width }: CacheKey) {
    this.#where = where;
    this.#width = width;
    this.#marks = new Uint32Array(count);
    this.#trusted = new Uint8Array(count);
    mkdirSync(where, { recursive: true });
    const name = sha256Hex(JSON.stringify([state, count, width])).slice(0, 32);
    for (const other of readdirSync(where)) {
      if (!other.startsWith(name)) rmSync(join(where, other), { force: true });
    }
    this.#rowsFile = openSync(join(where, `${name}.rows`), constants.O_RDWR | constants.O_CREAT);
    this.#marksFile = openSync(join(where, `${name}.marks`), constants.O_RDWR | constants.O_CREAT);
    closing.register(this, [this.#rowsFile, this.#marksFile]);
    const isWhole = fstatSync(this.#rowsFile).size === count * width && fstatSync(this.#marksFile).size === 4 * count;
    if (isWhole) readSync(this.#marksFile, this.#marks, 0, 4 * count, 0);
    else {
      writeSync(this.#marksFile, this.#marks, 0, 4 * count, 0);
      ftruncateSync(this.#marksFile, 4 * count);
      ftruncateSync(this.#rowsFile, count * width);
    }
  }

  /** Whether a row is there, and is what was written. */
  has(row: number): boolean {
    if (this.#trusted[row]) return true;
    if (this.#marks[row] === 0) return false;
    const bytes = new Uint8Array(this.#width);
    this.#read(row, bytes);
    if (checksum(bytes) !== this.#marks[row]) this.#marks[row] = 0;
    else this.#trusted[row] = 1;
    return this.#trusted[row] === 1;
  }

  /** @throws LatentkitError `io` where there is no room for it. */
  async write(row: number, bytes: Uint8Array): Promise<void> {
    await inCache(this.#where, async () => {
      writeSync(this.#rowsFile, bytes, 0, this.#width, row * this.#width);
      this.#marks[row] = checksum(bytes);
      writeSync(this.#marksFile, this.#marks, 4 * row, 4, 4 * row);
    });
    this.#trusted[row] = 1;
  }

  /** Copies rows that are there, one after another, to the start of `into`. Rows that follow one another are read at once. */
  read(rows: ArrayLike<number>, into: Uint8Array): void {
    for (let start = 0, end = 1; start < rows.length; start = end++) {
      while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++;
      this.#read(rows[start]!, into.subarray(start * this.#width, end * this.#width));
    }
  }

  #read(row: number, into: Uint8Array): void {
    const read = readSync(this.#rowsFile, into, 0, into.length, row * this.#width);
    if (read === into.length) return;
    throw new LatentkitError('io', `cannot read ${this.#where}: it was cut off meanwhile. Start again.`);
  }
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, which 0 is none of. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0 || 1;
}

async function inCache<T>(where: string, action: () => Promise<T>): Promise<T> {
  try {
    return await explained(where, 'write', action);
  } catch (cause) {
    if (!(cause instanceof LatentkitError) || codeOf(cause.cause) === undefined) throw cause;
    throw new LatentkitError(
      'io',
      `${cause.message} What is decoded is kept there; the environment variable LATENTKIT_CACHE names another folder for it.`,
      { cause },
    );
  }
}
