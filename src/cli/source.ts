// Data as it is named on the command line.

import { resolve } from 'node:path';
import { type DataSource, dataNames } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { isFile } from './config-file.ts';

/**
 * The source that a name, a folder or a file stands for. Paths become absolute, so that a run finds its data again from
 * any folder.
 *
 * @param labels an IDX file of class numbers, where the data is an IDX file
 */
export async function sourceOf(data: DataSource, labels?: string): Promise<DataSource> {
  if (typeof data !== 'string') {
    const test = typeof data.test === 'object' ? absolute(data.test) : data.test;
    return absolute({ ...data, ...(test !== undefined && { test }), ...(labels !== undefined && { labels }) });
  }
  const named = dataNames.includes(data);
  if (!named && (await isFile(data))) {
    return absolute({ type: 'idx' as const, images: data, ...(labels !== undefined && { labels }) });
  }
  if (labels !== undefined) {
    throw new LatentkitError('usage', `--labels: expected an IDX file of images to go with the labels, got "${data}".`);
  }
  return named || !/[\\/]|^\.+$/.test(data) ? data : resolve(data);
}

function absolute<T extends { readonly images: string; readonly labels?: string | undefined }>(files: T): T {
  const { images, labels } = files;
  return { ...files, images: resolve(images), ...(labels !== undefined && { labels: resolve(labels) }) };
}
