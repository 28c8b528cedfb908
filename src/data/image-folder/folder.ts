// A folder of image files as train, validation and test, or as rows of another run.

import { opendir } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { LatentkitError } from '../../errors.ts';
import { permutation, streamOf } from '../../random/index.ts';
import type { DataSplits, Dataset } from '../dataset.ts';
import { rowsOf, setAside } from '../split.ts';
import type { DataSummary } from '../summary.ts';
import type { ImagesConfig } from './config.ts';
import { imageDataset } from './dataset.ts';
import { type ImageFile, isImageName } from './listing.ts';
import { type OpenImages, openImages } from './open.ts';
import { summarizeImages } from './summarize.ts';

/** Whether a path is an image, or most of the first files below it are. */
export async function holdsImages(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  if (kind === 'file') return isImageName(basename(path));
  let [seen, images] = [0, 0];
  for await (const entry of await opendir(path, { recursive: true })) {
    if (entry.isDirectory() || entry.name.startsWith('.')) continue;
    seen++;
    if (isImageName(entry.name)) images++;
    if (seen === 1000) break;
  }
  return images > 0 && 2 * images >= seen;
}

/** The splits of a folder, and the config with all that was inferred. */
export async function loadImages(config: ImagesConfig): Promise<DataSplits & { readonly source: ImagesConfig }> {
  const opened = await openImages(config, { whole: false });
  const source: ImagesConfig = {
    ...config,
    ...opened.rows.config,
    path: resolve(config.path),
    classes: opened.classes ?? false,
    ...(typeof config.test === 'string' && { test: resolve(config.test) }),
  };
  return { ...(await splitImages(opened, config)), source };
}

/** What there is to say of a folder. All images are decoded for it. */
export async function inspectFolder(config: ImagesConfig): Promise<DataSummary> {
  const opened = await openImages(config, { whole: true });
  return summarizeImages(opened, await splitImages(opened, config));
}

/** All images of a path that can be read. They are decoded at once: none may stand in for another where rows are judged. */
export async function readImages(config: ImagesConfig, path: string, firstPosition = 0): Promise<Dataset> {
  const named = typeof config.classes === 'object' ? config.classes : undefined;
  const { rows, places, classes, notes } = await openImages({ ...config, path, classes: named }, { whole: true });
  return imageDataset({ name: basename(resolve(path)), rows, places, classes, notes, firstPosition });
}

/**
 * The folder's own splits, and by a fixed shuffle those that it has not. Rows of each are in the order of another, so that
 * the first ones, of which pictures and some figures are made, are like all, and not of one class.
 */
async function splitImages({ rows, places, classes, notes }: OpenImages, config: ImagesConfig): Promise<DataSplits> {
  const name = basename(resolve(config.path));
  const part = (of: Uint32Array): Dataset => {
    const order = permutation(of.length, { seed: 0, stream: streamOf('data/images'), step: 0 });
    return imageDataset({ name, rows, places: order.map(i => of[i]!), classes, notes });
  };
  const placesOf = ({ size, position }: Dataset): Uint32Array =>
    Uint32Array.from({ length: size }, (_, i) => position(i)).sort();
  const own = (split: ImageFile['split']): Uint32Array =>
    places.filter(place => rows.listing.files[place]!.split === split);
  const { validation = 0.1, test = 0.1 } = config;
  const hasSplits = rows.listing.files.some(({ split }) => split !== undefined);
  const known = part(hasSplits ? own('train') : places);
  const least = hasSplits ? 2 : 3;
  if (known.size < least) {
    throw new LatentkitError(
      'data',
      `${config.path}: expected at least ${least} images, to train on some and hold some back, got ${known.size}. Add images.`,
    );
  }
  const aside = (dataset: Dataset, share: number): { kept: Dataset; aside: Dataset } => {
    // Of a few images, one at least.
    const parts = setAside(dataset, Math.max(1, rowsOf(share, known.size)));
    return { kept: part(placesOf(parts.kept)), aside: part(placesOf(parts.aside)) };
  };
  let train = known;
  let held: Dataset;
  if (typeof test === 'string') {
    const settled = { ...config, ...rows.config, classes: classes ?? false };
    held = await readImages(settled, test, rows.listing.files.length);
  } else if (own('test').length > 0) held = part(own('test'));
  else ({ kept: train, aside: held } = aside(known, test));
  if (own('validation').length > 0) return { train, validation: part(own('validation')), test: held };
  const parts = aside(train, validation);
  return { train: parts.kept, validation: parts.aside, test: held };
}
