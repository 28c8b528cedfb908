// The images of a folder as rows: decoded when they are first asked for, and kept in the cache.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LatentkitError } from '../../errors.ts';
import { decodeImage } from '../../images/decode.ts';
import { explained } from '../../io-error.ts';
import { sha256Hex } from '../../sha256.ts';
import { readFileBytes } from '../files.ts';
import { formatOf, type SettledConfig } from './config.ts';
import { inParallel } from './in-parallel.ts';
import type { Listing } from './listing.ts';
import { RowCache } from './row-cache.ts';

/** Changes whenever the same file would become other pixels: part of every fingerprint, and of the cache's key. */
const RECIPE = 'latentkit images 1';

export class ImageRows {
  readonly listing: Listing;
  readonly config: SettledConfig;
  /** Of settings, names and contents. */
  readonly fingerprint: string;
  /** What is wrong with those that do not decode, by their place in the listing. */
  readonly damaged: Map<number, string> = new Map();
  readonly #cache: RowCache;

  /** @throws LatentkitError `io` where the cache cannot be written. */
  static async open(listing: Listing, digest: string, config: SettledConfig): Promise<ImageRows> {
    const format = formatOf(config);
    const made = JSON.stringify([RECIPE, format.size, format.channels, format.fit, format.background]);
    const cache = await RowCache.open({
      source: JSON.stringify([resolve(config.path), made]),
      state: JSON.stringify(listing.files.map(({ path, size, modified }) => [path, size, modified])),
      count: listing.files.length,
      width: format.size[0] * format.size[1] * format.channels,
    });
    return new ImageRows(listing, config, sha256Hex(`${made} ${digest}`), cache);
  }

  private constructor(listing: Listing, config: SettledConfig, fingerprint: string, cache: RowCache) {
    this.listing = listing;
    this.config = config;
    this.fingerprint = fingerprint;
    this.#cache = cache;
  }

  /** Whether an image can be read at once. */
  has(place: number): boolean {
    return this.#cache.has(place);
  }

  /**
   * Decodes those images that are not there yet. What cannot be decoded is noted in `damaged`.
   * @throws LatentkitError `data` about the first such file, where the config is strict.
   */
  async decode(places: ArrayLike<number>): Promise<void> {
    const missing = Array.from(places).filter(place => !this.#cache.has(place) && !this.damaged.has(place));
    await inParallel([...new Set(missing)], async place => {
      const { path: name, size } = this.listing.files[place]!;
      const path = join(this.listing.root, name);
      let pixels: Uint8Array;
      try {
        pixels = await decodeImage(await bytesOf(path, size), path, formatOf(this.config));
      } catch (error) {
        if (this.config.strict || !(error instanceof LatentkitError)) throw error;
        this.damaged.set(place, error.message);
        return;
      }
      await this.#cache.write(place, pixels);
    });
  }

  /** Copies images that are there, one after another, to the start of `into`. */
  read(places: ArrayLike<number>, into: Uint8Array): void {
    this.#cache.read(places, into);
  }
}

/** Small files are read on the spot; by way of a promise they would take ten times as long. */
function bytesOf(path: string, size: number): Promise<Uint8Array> {
  return size > 2 ** 16 ? readFileBytes(path) : explained(path, 'read', async () => readFileSync(path));
}
