// What a config leaves open, from a sample of the images: their size, and whether they are grey.

import { join } from 'node:path';
import { decodeImage, imageSize } from '../../images/decode.ts';
import { readFileBytes } from '../files.ts';
import { spread } from '../summary.ts';
import type { ImagesConfig, SettledConfig } from './config.ts';
import { inParallel } from './in-parallel.ts';
import type { Listing } from './listing.ts';

/** So many images are looked into, spread over all. */
const sampleSize = 128;
/** Images that are all of one size keep it up to this side; beyond, few models would learn from them in reasonable time. */
const largestCommon = 128;
/** The longer side that others get, at most. */
const largestInferred = 64;

/** A settled config, and what was seen on the way. */
export interface Settlement {
  readonly config: SettledConfig;
  /** The sizes of the images, in words; not known where nothing was left to settle. */
  readonly sizes?: string | undefined;
  /** What was decided for the user, if it changes the images. */
  readonly remark?: string | undefined;
}

/**
 * Settles a config by the images that are there.
 * @throws LatentkitError `data` where no image of the sample can be read.
 */
export async function settle(
  config: ImagesConfig,
  { root, files }: Listing,
  suspects: ReadonlySet<number>,
): Promise<Settlement> {
  const sound = files.filter((_, place) => !suspects.has(place));
  const candidates = sound.length > 0 ? sound : files;
  const sample = spread(candidates.length, sampleSize).map(i => join(root, candidates[i]!.path));
  const sizes = await ofReadable(sample, imageSize);
  const size =
    typeof config.size === 'number' ? ([config.size, config.size] as const) : (config.size ?? fitting(sizes));
  const { fit = 'cover', background = 'white', strict = false } = config;
  const isGrey = async (file: Uint8Array, name: string): Promise<boolean> =>
    allGrey(await decodeImage(file, name, { size, channels: 3, fit, background: '#808080' }));
  const channels = config.channels ?? ((await ofReadable(sample, isGrey)).every(grey => grey) ? 1 : 3);
  const range = describe(sizes);
  const resized = config.size === undefined && sizes.some(([height, width]) => height !== size[0] || width !== size[1]);
  return {
    config: { ...config, size, channels, fit, background, strict },
    sizes: sizes.length < files.length ? `${range} (of ${sizes.length} sampled)` : range,
    remark: resized
      ? `Images of ${range} are brought to ${size[1]}×${size[0]} (fit: ${fit}). Give \`size\` for another.`
      : undefined,
  };
}

/** What is found in those images that can be read. Where none can, the error about the first. */
async function ofReadable<T>(
  paths: readonly string[],
  find: (file: Uint8Array, name: string) => Promise<T>,
): Promise<T[]> {
  const results = await inParallel(paths, async path =>
    readFileBytes(path)
      .then(file => find(file, path))
      .then(
        value => ({ value }),
        (error: unknown) => ({ error }),
      ),
  );
  const found = results.flatMap(result => ('value' in result ? [result.value] : []));
  for (const result of results) if (found.length === 0 && 'error' in result) throw result.error;
  return found;
}

/** The size that all have, if it is not too large; else the median's proportions within the largest inferred side. */
function fitting(
  sizes: readonly (readonly [height: number, width: number])[],
): readonly [height: number, width: number] {
  const [first] = sizes;
  const areAlike = sizes.every(([height, width]) => height === first![0] && width === first![1]);
  if (areAlike && Math.max(...first!) <= largestCommon) return first!;
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!;
  const [height, width] = [median(sizes.map(([height]) => height)), median(sizes.map(([, width]) => width))];
  const scale = Math.min(1, largestInferred / Math.max(height, width));
  const floored = (side: number): number => Math.max(8, Math.floor((side * scale) / 8) * 8);
  return [floored(height), floored(width)];
}

/** Widths and heights, as people say them. */
function describe(sizes: readonly (readonly [height: number, width: number])[]): string {
  const extreme = (of: (...values: number[]) => number): string =>
    `${of(...sizes.map(([, width]) => width))}×${of(...sizes.map(([height]) => height))}`;
  const [least, most] = [extreme(Math.min), extreme(Math.max)];
  return least === most ? `${least} pixels` : `${least} to ${most} pixels`;
}

function allGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false;
  return true;
}
