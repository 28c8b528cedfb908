// Many small images as one picture that a person can look at: samples in a grid, originals over reconstructions.

import { LatentkitError } from '../errors.ts';
import type { HostTensor } from '../runtime/host.ts';
import { type Picture, picturesOf } from './picture.ts';

/** How a grid is laid out. */
export interface GridOptions {
  /** Images in a row. By default the grid is about square. */
  readonly columns?: number;
  /** Pixels between images and around the grid, after scaling. 2 by default. */
  readonly padding?: number;
  /** Whole factor by which each pixel grows. By default images of up to 64 pixels grow to about 80. */
  readonly scale?: number;
  /** Grey of the padding, 0 to 255. White by default. */
  readonly background?: number;
}

/**
 * A batch of images [n, height, width, channels] as one picture, row by row.
 * @throws LatentkitError `shape` where it is not a batch of images, `usage` where an option is not a whole number.
 * @example encodePng(imageGrid(samples, { columns: 10 }))
 */
export function imageGrid(images: HostTensor, options: GridOptions = {}): Picture {
  const tiles = picturesOf(images);
  const { columns = Math.ceil(Math.sqrt(tiles.length)) } = options;
  return layOut(tiles, columns, () => 0, options);
}

/**
 * Originals over their reconstructions: each row of originals has the reconstructions right below, then comes a gap.
 * @throws LatentkitError `shape` where the two are not batches of equally many images of one size.
 */
export function pairGrid(originals: HostTensor, reconstructions: HostTensor, options: GridOptions = {}): Picture {
  const [above, below] = [picturesOf(originals), picturesOf(reconstructions)];
  if (originals.shape.join() !== reconstructions.shape.join()) {
    throw new LatentkitError(
      'shape',
      `expected as many reconstructions as originals, of one size, got [${originals.shape.join(', ')}] and [${reconstructions.shape.join(', ')}]. Reconstruct the very images that are shown.`,
    );
  }
  const { columns = Math.min(above.length, Math.max(8, Math.ceil(Math.sqrt(2 * above.length)))), padding = 2 } =
    options;
  const tiles: (Picture | undefined)[] = [];
  for (let start = 0; start < above.length; start += columns) {
    for (const row of [above, below]) {
      for (let i = start; i < start + columns; i++) tiles.push(row[i]);
    }
  }
  return layOut(tiles, columns, row => Math.floor(row / 2) * 3 * padding, options);
}

/**
 * Originals, each with its variants in a line beside it: [n, ...] and [n · variants, ...], those of one original together.
 * @throws LatentkitError `shape` where the two are not batches of images of one size.
 */
export function variantGrid(
  originals: HostTensor,
  variants: HostTensor,
  options: Omit<GridOptions, 'columns'> = {},
): Picture {
  const [left, right] = [picturesOf(originals), picturesOf(variants)];
  const each = right.length / left.length;
  if (originals.shape.slice(1).join() !== variants.shape.slice(1).join() || !Number.isInteger(each)) {
    throw new LatentkitError(
      'shape',
      `expected as many variants of each original, of its size, got [${originals.shape.join(', ')}] and [${variants.shape.join(', ')}].`,
    );
  }
  const tiles = left.flatMap((original, i) => [original, ...right.slice(i * each, (i + 1) * each)]);
  return layOut(tiles, 1 + each, () => 0, options, 4 * (options.padding ?? 2));
}

/** Enlarges small images to about 80 pixels, less where the grid would get wider than 1600. */
function visibleScale({ width, height }: Picture, columns: number): number {
  const wanted = Math.round(80 / Math.max(width, height));
  return Math.max(1, Math.min(wanted, Math.floor(1600 / (columns * width))));
}

/**
 * Tiles row by row; `extraAbove` says how many pixels a row is moved down to set it apart, `afterFirst` how many all
 * columns but the first are moved to the right.
 */
function layOut(
  tiles: readonly (Picture | undefined)[],
  columns: number,
  extraAbove: (row: number) => number,
  options: GridOptions,
  afterFirst = 0,
): Picture {
  const first = tiles[0]!;
  const { padding = 2, background = 255, scale = visibleScale(first, columns) } = options;
  const wrong = Object.entries({ columns, scale, padding }).find(
    ([name, n]) => !Number.isInteger(n) || n < (name === 'padding' ? 0 : 1),
  );
  if (wrong) throw new LatentkitError('usage', `expected ${wrong[0]} as a positive whole number, got ${wrong[1]}.`);
  const { channels } = first;
  const rows = Math.ceil(tiles.length / columns);
  const [cellWidth, cellHeight] = [first.width * scale + padding, first.height * scale + padding];
  const width = columns * cellWidth + padding + afterFirst;
  const height = rows * cellHeight + padding + extraAbove(rows - 1);
  const data = new Uint8Array(width * height * channels).fill(background);
  for (const [i, tile] of tiles.entries()) {
    if (tile === undefined) continue;
    const row = Math.floor(i / columns);
    const column = i % columns;
    const left = padding + column * cellWidth + (column > 0 ? afterFirst : 0);
    const top = padding + row * cellHeight + extraAbove(row);
    paste(tile, scale, { width, height, channels, data }, left, top);
  }
  return { width, height, channels, data };
}

/** Copies a tile into a picture of as many channels, each pixel as a square of `scale`. */
function paste(tile: Picture, scale: number, into: Picture, left: number, top: number): void {
  const { channels } = into;
  for (let y = 0; y < tile.height * scale; y++) {
    const source = Math.floor(y / scale) * tile.width;
    const target = (top + y) * into.width + left;
    for (let x = 0; x < tile.width * scale; x++) {
      const from = (source + Math.floor(x / scale)) * channels;
      for (let c = 0; c < channels; c++) into.data[(target + x) * channels + c] = tile.data[from + c]!;
    }
  }
}
