// From a path to the images below it that can be read: listed, looked at, and decoded as far as need be at once.

import { LatentkitError } from '../../errors.ts';
import type { ImagesConfig, SettledConfig } from './config.ts';
import { ImageRows } from './image-rows.ts';
import { type Listing, listImages } from './listing.ts';
import { lookAt } from './look.ts';
import { type Settlement, settle } from './settle.ts';

/** Folders within both limits are decoded when they are opened, so that all that is damaged is left out. */
const small = { files: 2048, bytes: 64 * 2 ** 20 };

/** The readable images of a path. */
export interface OpenImages {
  readonly rows: ImageRows;
  /** Their places in the listing, in its order. */
  readonly places: Uint32Array;
  /** What the classes are called; undefined where there are none. */
  readonly classes: readonly string[] | undefined;
  readonly sizes: Settlement['sizes'];
  /** Sentences on what was left out or decided. */
  readonly notes: readonly string[];
}

/**
 * Opens the images of a path, by a config that is settled already or will be by them.
 *
 * @param options.whole decode all images now, however many there are. Otherwise, of a large folder, only those that do not
 * look sound are, and the others when they are read.
 * @throws LatentkitError `io` or `data` where there is no image that can be read, and where the config is strict for each
 * that cannot.
 */
export async function openImages(config: ImagesConfig, options: { readonly whole: boolean }): Promise<OpenImages> {
  const listing = await listImages(config.path);
  const { digest, suspects } = await lookAt(listing);
  const settlement = isSettled(config) ? { config } : await settle(config, listing, suspects);
  const rows = await ImageRows.open(listing, digest, settlement.config);
  const bytes = listing.files.reduce((sum, { size }) => sum + size, 0);
  const isSmall = listing.files.length <= small.files && bytes <= small.bytes;
  const all = listing.files.map((_, place) => place);
  await rows.decode(options.whole || isSmall ? all : [...suspects]);
  const places = Uint32Array.from(all.filter(place => !rows.damaged.has(place)));
  const failures = all.flatMap(place => rows.damaged.get(place) ?? []);
  if (places.length === 0) throw new LatentkitError('data', failures[0]!);
  const damage = failures.length > 0 ? [leftOut(failures, all.length)] : [];
  const notes = [...(settlement.remark ? [settlement.remark] : []), ...damage];
  return { rows, places, classes: classesOf(config, listing), sizes: settlement.sizes, notes };
}

function isSettled(config: ImagesConfig): config is SettledConfig {
  const { size, channels, fit, background, strict } = config;
  const parts = [channels, fit, background, strict];
  return typeof size === 'object' && parts.every(part => part !== undefined);
}

function leftOut(failures: readonly string[], of: number): string {
  const shown = failures.slice(0, 5).join(' ');
  const rest = failures.length > 5 ? ` And ${failures.length - 5} more.` : '';
  return `${failures.length} of ${of} images cannot be read and were left out. ${shown}${rest}`;
}

/** The classes that a config names, or else the subfolders. */
function classesOf({ path, classes }: ImagesConfig, { files }: Listing): readonly string[] | undefined {
  if (classes === false) return undefined;
  if (typeof classes === 'object') return classes;
  const outside = files.find(({ folder }) => folder === undefined);
  if (outside && classes) {
    throw new LatentkitError(
      'data',
      `${path}: expected every image in a subfolder, its class, got ${outside.path}. Move it, or leave out \`classes\`.`,
    );
  }
  const names = [...new Set(files.map(({ folder }) => folder!))].sort();
  return outside || (names.length < 2 && !classes) ? undefined : names;
}
