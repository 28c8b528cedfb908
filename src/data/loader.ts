// A loader reads one kind of data from disk. Its config says where the data are and how they become rows; loading settles
// what was left out (sizes, columns, categories, means), and the settled config is the preprocessing: a run keeps it, and
// whatever the run is asked about later is read by it.

import type { z } from 'zod';
import type { Column } from '../columns.ts';
import type { DataSplits, Dataset } from './dataset.ts';
import type { DataSummary } from './summary.ts';

/** What a model takes, as far as it matters to how data are read. */
export interface ModelInput {
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  readonly range: readonly [low: number, high: number];
  readonly columns?: readonly Column[] | undefined;
}

/** A kind of data source. `C` is its config. */
export interface LoaderDefinition<C extends { readonly type: string }> {
  readonly type: C['type'];
  /** One line: what it reads. */
  readonly summary: string;
  /** The config as people write it; what can be inferred may be left out. */
  readonly schema: z.ZodType<C>;
  /** The config for a path that was merely named, where it holds data of this kind and says so by itself. */
  recognise(path: string, kind: 'file' | 'folder'): Promise<C | undefined>;
  /**
   * Loads the splits. Their `source` is the config with all that was inferred.
   * @throws LatentkitError `data` or `io` that names the file, and the row and column where there is one.
   */
  load(config: C): Promise<DataSplits & { readonly source: C }>;
  /** Whether another path can be read by a settled config; unless told, where `recognise` knows it. */
  accepts?(path: string, kind: 'file' | 'folder'): Promise<boolean>;
  /** Every row of another path, read as a settled config says. */
  read(settled: C, path: string): Promise<Dataset>;
  /** The config by which data become what a model takes that was trained on data of another kind. */
  adapt?(config: C, input: ModelInput): C;
  /** What `latentkit data inspect` says of the data. */
  inspect(config: C): Promise<DataSummary>;
}

export function defineLoader<C extends { readonly type: string }>(
  definition: LoaderDefinition<C>,
): LoaderDefinition<C> {
  return definition;
}
