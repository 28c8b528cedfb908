// Data as it is named on the command line.

import { type DataSource, dataNames, recognise } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';

/** What the command line may add to a source. */
interface SourceFlags {
  /** A file of class numbers, where the data are a file that has none. */
  readonly labels?: string | undefined;
  /** An image that cannot be read is an error. */
  readonly strict?: boolean | undefined;
}

/** The source that a name or a path stands for. */
export async function sourceOf(data: DataSource, { labels, strict }: SourceFlags): Promise<DataSource> {
  if (labels === undefined && !strict) return data;
  const config = typeof data === 'string' && !dataNames.includes(data) ? await recognise(data) : data;
  if (strict && typeof config === 'object' && config.type === 'images') return { ...config, strict };
  if (labels !== undefined && typeof config === 'object' && config.type === 'idx') return { ...config, labels };
  const [flag, expected] = strict
    ? ['--strict', 'a folder of images']
    : ['--labels', 'a file of images or rows to go with the labels'];
  throw new LatentkitError(
    'usage',
    `${flag}: expected ${expected}, got ${typeof data === 'string' ? `"${data}"` : `data of the type ${data.type}`}.`,
  );
}
