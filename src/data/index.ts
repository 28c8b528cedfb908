// Data sets: what they are, where they come from, and how they are split.

export type { Column } from '../columns.ts';
export type { ArraysConfig } from './arrays.ts';
export type { AudioConfig } from './audio/loader.ts';
export type { NoisyAudioConfig } from './audio/noisy.ts';
export { binarize } from './binarize.ts';
export {
  type ArraySource,
  arrayDataset,
  classCount,
  type DataSplits,
  type Dataset,
  type Factor,
  type FactorDataset,
  hasFactors,
  type Labels,
  mapRows,
  readRange,
  rowSize,
  subset,
} from './dataset.ts';
export { readFileBytes } from './files.ts';
export { hideLabels } from './hide-labels.ts';
export { hostRows, hostRowsAt, hostTensorOf } from './host-rows.ts';
export { type IdxFiles, loadIdx, readIdx } from './idx.ts';
export type { IdxConfig } from './idx-loader.ts';
export type { ImagesConfig } from './image-folder/config.ts';
export { loadMnist } from './mnist.ts';
export type { SeriesConfig } from './series.ts';
export { shuffled } from './shuffled.ts';
export {
  type DataSource,
  dataNames,
  dataSchema,
  inspectData,
  type LoadedData,
  loadData,
  loaderSummaries,
  readRows,
  recognise,
  type SourceConfig,
} from './sources.ts';
export { type Share, setAside, split } from './split.ts';
export { loadSprites, sprites } from './sprites.ts';
export type { DataSummary } from './summary.ts';
export { checkColumns, type TableRow, type TableSource, tableDataset, tableInput } from './table.ts';
export {
  type ColumnOptions,
  type SettledTable,
  type TableConfig,
  type TableFormat,
  tableCells,
  type WriteOptions,
  writeTable,
} from './tables/index.ts';
export { type RecordReader, recordReader } from './tables/records.ts';
