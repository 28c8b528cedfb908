// Where data comes from, by what users write in a config or on the command line: a name, a folder, or IDX files.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import type { DataSplits } from './dataset.ts';
import { namesInFolder } from './files.ts';
import { loadIdx } from './idx.ts';
import { loadMnist } from './mnist.ts';
import { loadQuadruple } from './quadruple.ts';
import { rowsOf, setAside, split } from './split.ts';
import { loadSprites } from './sprites.ts';

/** IDX files and how they are split. A share below 1 is a fraction of the rows, from 1 a number of rows. */
export interface IdxConfig {
  readonly type: 'idx';
  /** Path of the rows. */
  readonly images: string;
  /** Path of their class numbers. */
  readonly labels?: string | undefined;
  /** What to set aside for validation, by a fixed shuffle; 0.1 by default. */
  readonly validation?: number | undefined;
  /** What to set aside for the test, or the files of the test set; 0.1 by default. */
  readonly test?: number | { readonly images: string; readonly labels?: string | undefined } | undefined;
}

/** A data source: a name of {@link dataNames}, a folder with the four IDX files, or IDX files. */
export type DataSource = string | IdxConfig;

const path = z.string().min(1);
const share = z.union([z.number().gt(0).lt(1), z.int().min(1)]);

const name = path.describe('a data set by name (mnist, fashion-mnist, sprites), or a folder with the four IDX files');
const idxConfig: z.ZodType<IdxConfig> = z.strictObject({
  type: z.literal('idx'),
  images: path.describe('path of an IDX file of images or rows'),
  labels: path.optional().describe('path of an IDX file of class numbers'),
  validation: share.optional().describe('fraction or number of rows for validation; 0.1 by default'),
  test: z
    .union([share, z.strictObject({ images: path, labels: path.optional() })])
    .optional()
    .describe('fraction or number of rows for the test, or the files of the test set; 0.1 by default'),
});

/** Checks a data source; its JSON Schema is what configs are documented with. */
export const dataSchema: z.ZodType<DataSource> = z.union([name, idxConfig]);

const FASHION_FOLDERS = ['/usr/share/datasets/fashion-mnist', '/usr/share/dataset-fashion-mnist'];
const FASHION_NAMES = 'T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot'.split(
  ', ',
);

const loaders: Readonly<Record<string, () => Promise<DataSplits>>> = {
  mnist: loadMnist,
  'fashion-mnist': async () => {
    for (const folder of FASHION_FOLDERS) {
      if (await namesInFolder(folder)) {
        return loadQuadruple(folder, { name: 'fashion-mnist', labelNames: FASHION_NAMES });
      }
    }
    throw new LatentkitError(
      'data',
      `fashion-mnist: expected its files in ${FASHION_FOLDERS[0]}, got no such folder. On Debian and Ubuntu run \`apt install dataset-fashion-mnist\`; elsewhere name a folder with the four IDX files.`,
    );
  },
  sprites: loadSprites,
};

/** The data sets that can be loaded by name. */
export const dataNames: readonly string[] = Object.keys(loaders);

/**
 * Loads a data set with its splits.
 * @throws LatentkitError `spec` where the source makes no sense, `data` or `io` where its files do not.
 * @example await loadData('mnist'); await loadData('./my-idx-folder');
 */
export async function loadData(source: DataSource): Promise<DataSplits> {
  // Each of the two has its own schema here, since a union's errors do not say which member was meant.
  const checked = typeof source === 'string' ? name.safeParse(source) : idxConfig.safeParse(source);
  if (!checked.success) throw new LatentkitError('spec', `data: ${z.prettifyError(checked.error)}`);
  return typeof checked.data === 'string' ? loadByName(checked.data) : loadConfig(checked.data);
}

async function loadByName(source: string): Promise<DataSplits> {
  const loader = Object.hasOwn(loaders, source) ? loaders[source] : undefined;
  if (loader) return loader();
  if (await namesInFolder(source)) {
    return loadQuadruple(source, { name: source.split(/[\\/]/).filter(Boolean).at(-1) ?? source });
  }
  throw new LatentkitError(
    'spec',
    `data: expected ${dataNames.join(', ')} or a folder with IDX files, got "${source}".${didYouMean(source, dataNames) || ' Check the path.'}`,
  );
}

async function loadConfig(config: IdxConfig): Promise<DataSplits> {
  const { images, labels, validation = 0.1, test = 0.1 } = config;
  const known = await loadIdx({ images, labels });
  if (typeof test === 'number') return split(known, { validation, test });
  const { kept, aside } = setAside(known, rowsOf(validation, known.size));
  const held = await loadIdx({ ...test, range: known.range, firstPosition: known.size });
  if (held.shape.join() !== known.shape.join() || held.dtype !== known.dtype) {
    throw new LatentkitError(
      'data',
      `${test.images}: expected rows of ${known.dtype} [${known.shape.join(', ')}] as in ${images}, got ${held.dtype} [${held.shape.join(', ')}]. Use files of one data set.`,
    );
  }
  return { train: kept, validation: aside, test: held };
}
