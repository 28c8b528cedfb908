// IDX files of one's own as a data source, with labels and a test set where there are files of them.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { absolutePath, readFileBytes } from './files.ts';
import { isGzip } from './gzip.ts';
import { loadIdx } from './idx.ts';
import { defineLoader, type LoaderDefinition } from './loader.ts';
import { rowsOf, type Share, setAside, shareSchema, split } from './split.ts';
import { summarize } from './summary.ts';

/** IDX files and how they are split. */
export interface IdxConfig {
  readonly type: 'idx';
  /** Path of the rows. */
  readonly images: string;
  /** Path of their class numbers. */
  readonly labels?: string | undefined;
  /** What to set aside for validation, by a fixed shuffle; 0.1 by default. */
  readonly validation?: Share | undefined;
  /** What to set aside for the test, or the files of the test set; 0.1 by default. */
  readonly test?: Share | { readonly images: string; readonly labels?: string | undefined } | undefined;
  /** The values that count as 0 and 1: [0, 255] of bytes, else the least and greatest by default. */
  readonly range?: readonly [low: number, high: number] | undefined;
}

const path = z.string().min(1);

export const idxLoader: LoaderDefinition<IdxConfig> = defineLoader<IdxConfig>({
  type: 'idx',
  summary: 'IDX files, gzipped or not, the format of MNIST',
  schema: z.strictObject({
    type: z.literal('idx'),
    images: path.describe('path of an IDX file of images or rows'),
    labels: path.optional().describe('path of an IDX file of class numbers'),
    validation: shareSchema.optional().describe('fraction or number of rows for validation; 0.1 by default'),
    test: z
      .union([shareSchema, z.strictObject({ images: path, labels: path.optional() })])
      .optional()
      .describe('fraction or number of rows for the test, or the files of the test set; 0.1 by default'),
    range: z.tuple([z.number(), z.number()]).optional().describe('the values that count as 0 and 1'),
  }),
  async recognise(path, kind) {
    if (kind !== 'file') return undefined;
    const start = await readFileBytes(path, 4);
    const isIdx = start[0] === 0 && start[1] === 0 && (start[2] ?? 0) >= 8 && (start[3] ?? 0) > 0;
    // A file that is called so and is none is to be told what is wrong with it.
    const isNamed = /\.idx\d?$/.test(path);
    return isIdx || isNamed || (isGzip(start) && /(ubyte|idx\d?)\.gz$/.test(path))
      ? { type: 'idx', images: path }
      : undefined;
  },
  async load({ validation = 0.1, test = 0.1, ...files }) {
    const known = await loadIdx(files);
    const source: IdxConfig = {
      ...(await absolute(files)),
      validation,
      test: typeof test === 'number' ? test : await absolute(test),
      range: known.range,
    };
    if (typeof test === 'number') return { ...split(known, { validation, test }), source };
    const { kept, aside } = setAside(known, rowsOf(validation, known.size));
    const held = await loadIdx({ ...test, range: known.range, firstPosition: known.size });
    if (held.shape.join() !== known.shape.join() || held.dtype !== known.dtype) {
      throw new LatentkitError(
        'data',
        `${test.images}: expected rows of ${known.dtype} [${known.shape.join(', ')}] as in ${files.images}, got ${held.dtype} [${held.shape.join(', ')}]. Use files of one data set.`,
      );
    }
    return { train: kept, validation: aside, test: held, source };
  },
  read: ({ range }, images) => loadIdx({ images, range }),
  inspect: async ({ images, labels }) => summarize(await loadIdx({ images, labels }), { kind: 'IDX file' }),
});

async function absolute<T extends { readonly images: string; readonly labels?: string | undefined }>(
  files: T,
): Promise<T> {
  const { images, labels } = files;
  return {
    ...files,
    images: await absolutePath(images),
    ...(labels !== undefined && { labels: await absolutePath(labels) }),
  };
}
