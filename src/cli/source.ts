// Data as it is named on the command line.

import { type DataSource, dataNames, recognise } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';

/**
 * The source that a name or a path stands for.
 * @param labels a file of class numbers, where the data are a file that has none.
 */
export async function sourceOf(data: DataSource, labels?: string): Promise<DataSource> {
  if (labels === undefined) return data;
  const config = typeof data === 'string' && !dataNames.includes(data) ? await recognise(data) : data;
  if (typeof config === 'object' && config.type === 'idx') return { ...config, labels };
  throw new LatentkitError(
    'usage',
    '--labels: expected a file of images or rows to go with the labels, got ' +
      `${typeof data === 'string' ? `"${data}"` : `data of the type ${data.type}`}.`,
  );
}
