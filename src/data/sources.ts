// Where data come from, by what users write in a config or on the command line: a name, a path, or a loader's config.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import { parseSpec } from '../schema.ts';
import { didYouMean } from '../suggest.ts';
import { type ArraysConfig, arraysLoader } from './arrays.ts';
import { type AudioConfig, audioLoader } from './audio/loader.ts';
import { type NoisyAudioConfig, noisyAudioLoader } from './audio/noisy.ts';
import type { DataSplits, Dataset } from './dataset.ts';
import { absolutePath, kindOf, namesInFolder } from './files.ts';
import { type IdxConfig, idxLoader } from './idx-loader.ts';
import type { ImagesConfig } from './image-folder/config.ts';
import { imagesLoader } from './image-folder/loader.ts';
import type { LoaderDefinition, ModelInput } from './loader.ts';
import { loadMnist } from './mnist.ts';
import { loadQuadruple } from './quadruple.ts';
import { type SeriesConfig, seriesLoader } from './series.ts';
import { loadSprites } from './sprites.ts';
import { type DataSummary, summarize } from './summary.ts';
import { type TableConfig, tableLoader } from './tables/index.ts';

/** The config of a loader. */
export type SourceConfig =
  | ArraysConfig
  | AudioConfig
  | IdxConfig
  | ImagesConfig
  | TableConfig
  | NoisyAudioConfig
  | SeriesConfig;

/** A data source: a name of {@link dataNames}, a path, or a loader's config. */
export type DataSource = string | SourceConfig;

/** Splits that know where they come from. */
export interface LoadedData extends DataSplits {
  /** With all that was inferred on the way: the preprocessing, which a run keeps. */
  readonly source: DataSource;
}

type Loaders = { readonly [T in SourceConfig['type']]: LoaderDefinition<Extract<SourceConfig, { readonly type: T }>> };

/** All loaders by type, in the order in which a path is offered to them; one that is missing here does not compile. */
const loaders: Loaders = {
  arrays: arraysLoader,
  audio: audioLoader,
  noisyAudio: noisyAudioLoader,
  idx: idxLoader,
  images: imagesLoader,
  table: tableLoader,
  series: seriesLoader,
};

/** What can be read, one line a loader. */
export const loaderSummaries: readonly string[] = Object.values(loaders).map(({ summary }) => summary);

const name = z.string().min(1).describe('a data set by name (mnist, fashion-mnist, sprites), or the path of data');

/** Checks a data source; its JSON Schema is what configs are documented with. */
export const dataSchema: z.ZodType<DataSource> = z.union([
  name,
  ...(Object.values(loaders).map(({ schema }) => schema) as z.ZodType<SourceConfig>[]),
]);

const FASHION_FOLDERS = ['/usr/share/datasets/fashion-mnist', '/usr/share/dataset-fashion-mnist'];
const FASHION_NAMES = 'T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot'.split(
  ', ',
);

const named: Readonly<Record<string, () => Promise<DataSplits>>> = {
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
export const dataNames: readonly string[] = Object.keys(named);

/**
 * Loads a data set with its splits, whose `source` is what was settled on the way.
 * @throws LatentkitError `spec` where the source makes no sense, `data` or `io` where its files do not.
 * @example await loadData('mnist'); await loadData('./photos'); await loadData({ type: 'table', path: 'people.csv' });
 */
export async function loadData(source: DataSource): Promise<LoadedData> {
  if (typeof source === 'string' && Object.hasOwn(named, source)) return { ...(await named[source]!()), source };
  if (typeof source === 'string' && (await isQuadruple(source))) {
    return { ...(await loadQuadruple(source, { name: nameOf(source) })), source: await absolutePath(source) };
  }
  const config = typeof source === 'string' ? await recognise(source) : checked(source);
  return loaderOf(config).load(config);
}

/**
 * Every row of a path, as a model takes them: by the preprocessing of what it was trained on, where the path holds data of
 * that kind, else by what fits its input.
 *
 * @param settled the source of the data that the model was trained on.
 * @throws LatentkitError `spec`, `data` or `io`, as {@link loadData}.
 */
export async function readRows(path: string, input: ModelInput, settled: DataSource | undefined): Promise<Dataset> {
  const kind = await kindOf(path);
  if (typeof settled === 'object' && kind) {
    const { accepts, recognise, read } = loaderOf(settled);
    if (await (accepts ?? recognise)(path, kind)) return read(settled, path);
  }
  const config = await recognise(path);
  const { adapt, read } = loaderOf(config);
  return read(adapt?.(config, input) ?? config, path);
}

/**
 * The config for a path, by the first loader that knows what is there.
 * @throws LatentkitError `spec` where nothing is there, or nothing that can be read.
 */
export async function recognise(path: string): Promise<SourceConfig> {
  const kind = await kindOf(path);
  if (kind === undefined) {
    throw new LatentkitError(
      'spec',
      `data: expected ${dataNames.join(', ')} or the path of a file or folder, got "${path}".` +
        (didYouMean(path, dataNames) || ' Check the path.'),
    );
  }
  for (const { recognise } of Object.values(loaders)) {
    const config = await recognise(path, kind);
    if (config !== undefined) return config;
  }
  const names = kind === 'folder' ? await namesInFolder(path) : undefined;
  if (names?.length === 0) {
    throw new LatentkitError('data', `${path}: expected files of data, got an empty folder. Name another.`);
  }
  throw new LatentkitError(
    'spec',
    `${path}: expected data of a kind that is known, got a ${kind} of none${names ? ` (${names.slice(0, 5).join(', ')})` : ''}. ` +
      `Convert the data, or name their kind by a config with "type". Known are: ${loaderSummaries.join('; ')}.`,
  );
}

/** What there is to say of a source before anything is trained on it. */
export async function inspectData(source: DataSource): Promise<DataSummary> {
  if (typeof source === 'string' && (Object.hasOwn(named, source) || (await isQuadruple(source)))) {
    const { train, validation, test } = await loadData(source);
    const counts = [train, validation, test].map(({ size }) => size.toLocaleString('en')).join(', ');
    return summarize(train, { kind: 'IDX files', facts: [['train, validation, test', counts]] });
  }
  const config = typeof source === 'string' ? await recognise(source) : checked(source);
  return loaderOf(config).inspect(config);
}

/** A config checked by its own loader's schema: a union's errors would not say which member was meant. */
function checked(source: SourceConfig): SourceConfig {
  if (!Object.hasOwn(loaders, source.type)) {
    const types = Object.keys(loaders);
    throw new LatentkitError(
      'spec',
      `data: type: expected one of: ${types.join(', ')}, got "${source.type}".${didYouMean(String(source.type), types)}`,
    );
  }
  return parseSpec(loaderOf(source).schema, source, 'data');
}

function loaderOf({ type }: SourceConfig): LoaderDefinition<SourceConfig> {
  return loaders[type] as LoaderDefinition<SourceConfig>;
}

/** Whether a path is a folder with the four files of MNIST and its relatives, or some of them. */
async function isQuadruple(path: string): Promise<boolean> {
  const names = (await namesInFolder(path)) ?? [];
  return names.some(name => /^(train|t10k)-(images|labels)-idx/.test(name));
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
}
