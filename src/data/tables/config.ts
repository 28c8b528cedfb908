// What is said of a table file: where it lies, what its columns are where that is not to be inferred, and how it is split. A
// settled config also has the columns as models take them, which is the table's preprocessing.

import { z } from 'zod';
import { type Column, columnsSchema } from '../../columns.ts';
import { type Share, shareSchema } from '../split.ts';

/** What a user says of a column; what is left out is inferred. */
export interface ColumnOptions {
  /**
   * - `numeric`, `integer`: numbers; what a model makes up of integers is rounded
   * - `binary`: one of two values
   * - `categorical`, `ordinal`: one of some; the categories of an ordinal column are given in their order
   * - `date`: ISO dates (`2012-03-31`) or timestamps (`2012-03-31T18:05:00Z`; without a zone, UTC)
   * - `ignore`: left out
   */
  readonly type?: 'numeric' | 'integer' | 'binary' | 'categorical' | 'ordinal' | 'date' | 'ignore' | undefined;
  /** Of categorical and ordinal columns, and of binary ones two, the first being 0. Others are pooled with the rare ones, if any. */
  readonly categories?: readonly string[] | undefined;
  /** Of numbers: whether they are seen through asinh; by default, where a normal density fits them better so. */
  readonly transform?: 'asinh' | 'none' | undefined;
}

/** How a table becomes rows. */
export interface SettledTable {
  readonly columns: readonly Column[];
  /** The column whose texts are the rows' classes. */
  readonly label?: { readonly name: string; readonly classes: readonly string[] } | undefined;
}

/** A file of rows: CSV, TSV, NDJSON (all of them gzipped or not) or Parquet. */
export interface TableConfig {
  readonly type: 'table';
  readonly path: string;
  /** By default what the file's name ends with. */
  readonly format?: 'csv' | 'tsv' | 'ndjson' | 'parquet' | undefined;
  /** Of CSV: what stands between values; by default the one of , ; | and tab that the first line has most of. */
  readonly delimiter?: string | undefined;
  /** Of CSV: whether the first line has the columns' names. Default true; else they are `column 1`, `column 2`, ... */
  readonly header?: boolean | undefined;
  /** The texts that stand for a missing value, instead of {@link missingTexts}. */
  readonly missing?: readonly string[] | undefined;
  /** By name; of others everything is inferred. */
  readonly columns?: Readonly<Record<string, ColumnOptions>> | undefined;
  /** The column with the rows' classes, which is then not one of the data. */
  readonly label?: string | undefined;
  /** Columns to leave out. */
  readonly ignore?: readonly string[] | undefined;
  /** Categories that were seen less often are pooled into one. Default 5; 1 pools none. */
  readonly rare?: number | undefined;
  readonly validation?: Share | undefined;
  /** A share of the rows, or another file. */
  readonly test?: Share | string | undefined;
  /** What was inferred, once it was: nothing is inferred again. */
  readonly settled?: SettledTable | undefined;
}

/** The texts that stand for a missing value. */
export const missingTexts: readonly string[] =
  ', NA, N/A, n/a, <NA>, #N/A, NaN, nan, NAN, null, NULL, Null, None, ?'.split(', ');

const text = z.string().min(1);

const columnOptions: z.ZodType<ColumnOptions> = z.strictObject({
  type: z.enum(['numeric', 'integer', 'binary', 'categorical', 'ordinal', 'date', 'ignore']).optional(),
  categories: z.array(z.string()).min(2).optional().describe('the categories, in order where they have one'),
  transform: z.enum(['asinh', 'none']).optional().describe('whether numbers are seen through asinh'),
});

export const tableSchema: z.ZodType<TableConfig> = z.strictObject({
  type: z.literal('table'),
  path: text.describe('a file of rows: .csv, .tsv, .ndjson or .jsonl, gzipped or not, or .parquet'),
  format: z.enum(['csv', 'tsv', 'ndjson', 'parquet']).optional().describe('what the file is, if its name does not say'),
  delimiter: z
    .string()
    .regex(/^[\t -~]$/, 'expected one character, such as ";"')
    .optional()
    .describe('what stands between the values of CSV'),
  header: z.boolean().optional().describe('whether the first line has names; true by default'),
  missing: z.array(z.string()).optional().describe('texts that stand for a missing value'),
  columns: z.record(text, columnOptions).optional().describe('what columns are, by name'),
  label: text.optional().describe('the column with the classes of the rows'),
  ignore: z.array(text).optional().describe('columns to leave out'),
  rare: z.int().min(1).optional().describe('categories seen less often than this are pooled; 5 by default'),
  validation: shareSchema.optional().describe('fraction or number of rows for validation; 0.1 by default'),
  test: z
    .union([shareSchema, text])
    .optional()
    .describe('fraction or number of rows for the test, or another file; 0.1 by default'),
  settled: z
    .strictObject({
      columns: columnsSchema,
      label: z.strictObject({ name: text, classes: z.array(z.string()) }).optional(),
    })
    .optional()
    .describe('what was inferred'),
});
