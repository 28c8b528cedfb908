// Which images a folder holds, and what its subfolders say of them: `train/`, `validation/` and `test/` are splits where
// there is a `train/`; below them, or else at the top, a subfolder is a class.

import { statSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LatentkitError } from '../../errors.ts';
import { explained } from '../../io-error.ts';

/** An image file by its name and what the file system says of it. */
export interface ImageFile {
  /** Relative to the root, with `/`. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modified: number;
  readonly split: 'train' | 'validation' | 'test' | undefined;
  /** The subfolder that may be a class. */
  readonly folder: string | undefined;
}

/** The images of a folder, in the order of their names. */
export interface Listing {
  readonly root: string;
  readonly files: readonly ImageFile[];
  /** How many files are no images by the ending of their name, or lie beside `train/`. */
  readonly others: number;
}

const endings = /\.(png|jpe?g|jpe|jfif|webp|avif|gif)$/i;
const splits: Readonly<Record<string, ImageFile['split']>> = {
  train: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  test: 'test',
};

/** Whether a file's name ends as that of an image. */
export function isImageName(name: string): boolean {
  return endings.test(name) && !name.startsWith('.');
}

/**
 * Lists the images of a folder and its subfolders, or a single file. Hidden files and folders are passed over; links are
 * followed.
 * @throws LatentkitError `io` where there is no such path, `data` where there is no image.
 */
export async function listImages(path: string): Promise<Listing> {
  const isFolder = await explained(path, 'read', async () => (await stat(path)).isDirectory());
  const found = new Found();
  if (isFolder) await explained(path, 'list', () => walk(path, '', found));
  else if (isImageName(basename(path))) found.add(dirname(path), basename(path));
  if (found.files.length === 0) {
    throw new LatentkitError(
      'data',
      `${path}: expected images (.png, .jpg, .webp, .avif, .gif), got ${isFolder ? `a folder with ${found.others} other files` : 'another file'}. ` +
        'Name the folder that the images lie in.',
    );
  }
  const files = found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const hasSplits = files.some(file => file.path.startsWith('train/'));
  const placed = files.map((file): ImageFile => {
    const [first = '', ...rest] = file.path.split('/').slice(0, -1);
    return hasSplits
      ? { ...file, split: splits[first], folder: rest[0] }
      : { ...file, split: undefined, folder: first || undefined };
  });
  const kept = placed.filter(({ split }) => !hasSplits || split !== undefined);
  return {
    root: isFolder ? path : dirname(path),
    files: kept,
    others: found.others + placed.length - kept.length,
  };
}

class Found {
  readonly files: Pick<ImageFile, 'path' | 'size' | 'modified'>[] = [];
  others = 0;
  /** Folders that were walked through, so that links cannot lead round in a circle. */
  readonly folders = new Set<string>();

  /** One call of the system a file; by way of a promise it would take ten times as long. */
  add(root: string, path: string): void {
    const { size, mtimeMs } = statSync(join(root, path));
    this.files.push({ path, size, modified: mtimeMs });
  }
}

async function walk(root: string, folder: string, found: Found): Promise<void> {
  const real = await realpath(join(root, folder));
  if (found.folders.has(real)) return;
  found.folders.add(real);
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = folder + entry.name;
    const target = entry.isSymbolicLink() ? statSync(join(root, path), { throwIfNoEntry: false }) : entry;
    if (target?.isDirectory()) await walk(root, `${path}/`, found);
    else if (target?.isFile() && isImageName(entry.name)) found.add(root, path);
    else found.others++;
  }
}
