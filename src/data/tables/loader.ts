// Tables as a data source: CSV, TSV, NDJSON and Parquet. What is inferred (types, categories, scales) is inferred from
// training rows alone, and settled: rows that come later are read in the same way, whatever they are like.

import { LatentkitError } from '../../errors.ts';
import { didYouMean } from '../../suggest.ts';
import { arrayDataset, type DataSplits, type Dataset, type Labels, subset } from '../dataset.ts';
import { absolutePath } from '../files.ts';
import { defineLoader, type LoaderDefinition } from '../loader.ts';
import { rowsOf, type Share, setAside, split } from '../split.ts';
import { type DataSummary, spread } from '../summary.ts';
import { blockDataset } from './blocks.ts';
import { missingTexts, type SettledTable, type TableConfig, tableSchema } from './config.ts';
import { openCsv } from './csv.ts';
import { inferTable, type Sample } from './infer.ts';
import { summarizeTable } from './inspect.ts';
import { openNdjson } from './ndjson.ts';
import { openParquet } from './parquet.ts';
import { type CellReader, cellReader } from './readers.ts';
import { blockCount, type FieldReader, rowsOfBlock, type TableFile } from './table-file.ts';

/** Float32 rows up to this many bytes are kept in memory, and split row by row; others are read and split by blocks. */
const inMemory = 2 ** 26;
/** Types, categories and scales are those of so many cells, in blocks spread over the file; of all rows where those are fewer. */
const sampledCells = 2 ** 20;

type Format = NonNullable<TableConfig['format']>;

const endings: ReadonlyMap<string, Format> = new Map([
  ['csv', 'csv'],
  ['tsv', 'tsv'],
  ['tab', 'tsv'],
  ['ndjson', 'ndjson'],
  ['jsonl', 'ndjson'],
  ['parquet', 'parquet'],
]);

/** What the file's name ends with, before `.gz`. */
function formatOf(path: string): Format | undefined {
  return endings.get(/\.(\w+?)(?:\.gz)?$/.exec(path.toLowerCase())?.[1] ?? '');
}

/** How a file is read, for tests that read small files as if they were large. */
interface Reading {
  /** Rows up to so many bytes are kept in memory. */
  readonly inMemory?: number;
  /** Rows of a block. */
  readonly block?: number;
}

export const tableLoader: LoaderDefinition<TableConfig> = defineLoader<TableConfig>({
  type: 'table',
  summary: 'tables: .csv, .tsv, .ndjson or .jsonl, gzipped or not, and .parquet',
  schema: tableSchema,
  recognise: async (path, kind) =>
    kind === 'file' && formatOf(path) !== undefined ? { type: 'table', path } : undefined,
  load: config => loadTable(config),
  read: (settled, path) => readTable(settled, path),
  inspect: config => inspectTable(config),
});

/** Loads a table with its splits. Throws as the loader does. */
export async function loadTable(
  config: TableConfig,
  reading: Reading = {},
): Promise<DataSplits & { readonly source: TableConfig }> {
  const { validation = 0.1, test = 0.1 } = config;
  const file = await openTable(config, config.path, reading);
  checkNames(file, config);
  const small = isSmall(file, reading);
  const parts = partsOf(file, { validation, test }, small);
  const { notes, ...settled } = config.settled
    ? { ...config.settled, notes: [] }
    : inferTable(await sampleOf(file, parts.train, small), config, missingOf(config));
  const source: TableConfig = {
    ...config,
    path: await absolutePath(config.path),
    validation,
    test: typeof test === 'string' ? await absolutePath(test) : test,
    settled,
  };
  const rows = await openRows(file, { config, settled, small, notes });
  return {
    train: rows(parts.train),
    validation: rows(parts.validation),
    test: parts.test ? rows(parts.test) : await readTable(source, String(test), reading),
    source,
  };
}

/** Every row of a file by a settled config; of a config that is not settled, by what is inferred from all rows of the file. */
async function readTable(config: TableConfig, path: string, reading: Reading = {}): Promise<Dataset> {
  const file = await openTable(config, path, reading);
  const small = isSmall(file, reading);
  const settled = config.settled ?? inferTable(await sampleOf(file, undefined, small), config, missingOf(config));
  const known = new Set([...settled.columns.map(({ name }) => name), settled.label?.name, ...(config.ignore ?? [])]);
  const more = file.fields.filter(field => !known.has(field));
  // A column that was left out in training is here too: only those are told of which the config knows nothing.
  const notes =
    more.length > 0 && config.settled ? [`columns that the model does not know are left out: ${more.join(', ')}.`] : [];
  return (await openRows(file, { config, settled, small, notes }))();
}

async function inspectTable(config: TableConfig): Promise<DataSummary> {
  const file = await openTable(config, config.path);
  checkNames(file, config);
  const sample = await sampleOf(file, undefined, true);
  return summarizeTable(file, sample, config, missingOf(config));
}

function openTable(config: TableConfig, path: string, { block, inMemory }: Reading = {}): Promise<TableFile> {
  const { header, delimiter } = config;
  const format = formatOf(path) ?? config.format;
  const chosen = path === config.path ? (config.format ?? format) : format;
  if (chosen === 'parquet') return openParquet(path, { block, inMemory });
  if (chosen === 'ndjson') return openNdjson(path, { block });
  if (chosen !== undefined)
    return openCsv(path, { delimiter: delimiter ?? (chosen === 'tsv' ? '\t' : undefined), header, block });
  throw new LatentkitError(
    'data',
    `${path}: expected a name that ends with ${[...endings.keys()].map(ending => `.${ending}`).join(', ')}. Rename the file, ` +
      'or say its format, such as format: "csv".',
  );
}

function missingOf({ missing = missingTexts }: TableConfig): ReadonlySet<string> {
  return new Set(missing);
}

function isSmall({ rows, fields }: TableFile, reading: Reading): boolean {
  return 4 * rows * fields.length <= (reading.inMemory ?? inMemory);
}

/** Names that a config says something of are to be the file's. */
function checkNames({ path, fields }: TableFile, { columns = {}, ignore = [], label }: TableConfig): void {
  for (const name of [...Object.keys(columns), ...ignore, ...(label === undefined ? [] : [label])]) {
    if (!fields.includes(name)) throw noSuchColumn(path, fields, name);
  }
}

/** The error about a missing column. One that is `known` under its own name is not what it was renamed to. */
function noSuchColumn(
  path: string,
  fields: readonly string[],
  name: string,
  known: readonly string[] = [],
): LatentkitError {
  return new LatentkitError(
    'data',
    `${path}: expected a column ${JSON.stringify(name)}, got the columns ${fields.slice(0, 50).join(', ')}.` +
      (didYouMean(
        name,
        fields.filter(field => !known.includes(field)),
      ) || ' Name a file that has it; a column whose values are all missing may be empty.'),
  );
}

/** The rows of each split, by number; of a file that is read by blocks, its blocks. */
interface Parts {
  readonly train: Uint32Array;
  readonly validation: Uint32Array;
  readonly test?: Uint32Array | undefined;
}

function partsOf(file: TableFile, shares: { validation: Share; test: Share | string }, small: boolean): Parts {
  const units = small ? file.rows : blockCount(file);
  // A share that is a number of rows becomes that of blocks.
  const share = (given: Share): number =>
    small || given < 1 ? given : Math.ceil(rowsOf(given, file.rows) / file.block);
  const all = arrayDataset({ name: file.path, data: new Uint8Array(units), shape: [1] });
  const numbers = (part: Dataset): Uint32Array => Uint32Array.from({ length: part.size }, (_, i) => part.position(i));
  if (typeof shares.test === 'string') {
    const { kept, aside } = setAside(all, share(shares.validation));
    return { train: numbers(kept), validation: numbers(aside) };
  }
  const { train, validation, test } = split(all, { validation: share(shares.validation), test: share(shares.test) });
  return { train: numbers(train), validation: numbers(validation), test: numbers(test) };
}

/** Cells of some rows (or blocks) of a file, or of all: as many as are looked at. */
async function sampleOf(file: TableFile, part: Uint32Array | undefined, small: boolean): Promise<Sample> {
  const { path, fields, rows, block } = file;
  const blocks = !small && part ? [...part] : Array.from({ length: blockCount(file) }, (_, i) => i);
  const chosen = spread(blocks.length, Math.max(4, Math.floor(sampledCells / fields.length / block))).map(
    i => blocks[i]!,
  );
  const cells = await file.cells(chosen);
  if (!small || !part) return { path, fields, cells };
  const own = new Uint8Array(rows);
  for (const row of part) own[row] = 1;
  const among = chosen.flatMap(index =>
    Array.from({ length: rowsOfBlock(file, index) }, (_, i) => own[index * block + i]),
  );
  return { path, fields, cells: cells.map(column => column.filter((_, i) => among[i] === 1)) };
}

interface RowsOptions {
  readonly config: TableConfig;
  readonly settled: SettledTable;
  readonly small: boolean;
  readonly notes: readonly string[];
}

/** A function that gives the data set of some rows (or blocks) of a file, or of all. */
async function openRows(
  file: TableFile,
  { config, settled, small, notes }: RowsOptions,
): Promise<(part?: Uint32Array) => Dataset> {
  const { columns } = settled;
  const name = file.path.split(/[\\/]/).at(-1) ?? file.path;
  const known = columns.map(({ name }) => name);
  const readers = columns.map((column): FieldReader => {
    const field = file.fields.indexOf(column.name);
    if (field < 0) throw noSuchColumn(file.path, file.fields, column.name, known);
    return { field, reader: cellReader(column, missingOf(config)) };
  });
  const read = await file.open(readers);
  const labels = await labelsOf(file, settled.label, missingOf(config));
  const count = blockCount(file);
  if (!small) {
    const all = Uint32Array.from({ length: count }, (_, i) => i);
    return (blocks = all) => blockDataset({ name, notes, file, columns, blocks, read, labels });
  }
  const data = new Float32Array(file.rows * columns.length);
  for (let index = 0; index < count; index++) data.set(read(index), index * file.block * columns.length);
  const said = [...notes, ...readers.flatMap(({ reader }) => tallied(reader))];
  const whole = arrayDataset({ name, data, shape: [columns.length], columns, labels, notes: said });
  return rows => (rows ? subset(whole, rows) : whole);
}

/** What a reader took as missing though something stood there. */
function tallied({ column, tally }: CellReader): string[] {
  const start = `column ${JSON.stringify(column.name)}: `;
  const { unseen, infinite, first } = tally;
  return [
    ...(unseen === 1
      ? [`${start}1 value, ${JSON.stringify(first)}, is none of its categories and counts as missing.`]
      : []),
    ...(unseen > 1
      ? [
          `${start}${unseen} values, the first ${JSON.stringify(first)}, are none of its categories and count as missing.`,
        ]
      : []),
    ...(infinite === 1 ? [`${start}1 value is infinite and counts as missing.`] : []),
    ...(infinite > 1 ? [`${start}${infinite} values are infinite and count as missing.`] : []),
  ];
}

/** The class of every row, by one pass over the label's column; −1 where it is missing or not one of the classes. */
async function labelsOf(
  file: TableFile,
  label: SettledTable['label'],
  missing: ReadonlySet<string>,
): Promise<Labels | undefined> {
  const field = label ? file.fields.indexOf(label.name) : -1;
  if (label === undefined || field < 0) return undefined;
  const column = { name: label.name, type: 'categorical', categories: label.classes } as const;
  const read = await file.open([{ field, reader: cellReader(column, missing) }]);
  const values = new Int32Array(file.rows);
  for (let index = 0; index < blockCount(file); index++) {
    values.set(
      read(index).map(value => (Number.isNaN(value) ? -1 : value)),
      index * file.block,
    );
  }
  return { values, names: label.classes };
}
