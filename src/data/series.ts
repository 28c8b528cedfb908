// Time series as a data source: a CSV file with a time in each line, cut to windows of steps. A window is a row of a table:
// each of its columns is one quantity at one step, so that values may be missing, each quantity has its own scale, and
// whatever is said of a column (what was expected, what it contributed) is said of a quantity and a step.
//
// A row is laid out quantity by quantity, [quantities, window]. After columnEmbedding, which says beside each value whether it
// is missing, `reshape(2 · quantities, window)` makes signals of it, as conv1d takes them.

import Papa from 'papaparse';
import { z } from 'zod';
import type { Column } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { didYouMean } from '../suggest.ts';
import { computedDataset } from './computed.ts';
import type { Dataset } from './dataset.ts';
import { absolutePath, readFileBytes } from './files.ts';
import { gunzip, isGzip } from './gzip.ts';
import { defineLoader, type LoaderDefinition } from './loader.ts';
import { rowsOf, type Share, shareSchema } from './split.ts';
import { summarize } from './summary.ts';
import { dateOf } from './tables/dates.ts';

/** What is measured at each step, with the scale of training. */
interface Quantity {
  readonly name: string;
  readonly mean: number;
  readonly deviation: number;
}

/** A file of steps in the order of time. */
export interface SeriesConfig {
  readonly type: 'series';
  /** A CSV file with a header, gzipped or not. */
  readonly path: string;
  /** The column with the times: numbers, or ISO dates and timestamps. */
  readonly time: string;
  /** The columns to take; by default all that hold numbers. Once settled, with their scale. */
  readonly columns?: readonly (string | Quantity)[] | undefined;
  /** Steps of a window. Default 32. */
  readonly window?: number | undefined;
  /** Steps from one window's beginning to the next. Default 1. */
  readonly stride?: number | undefined;
  /** Steps before the test's that validate; 0.1 of all by default. */
  readonly validation?: Share | undefined;
  /** Steps at the end that test; 0.1 of all by default. */
  readonly test?: Share | undefined;
}

const text = z.string().min(1);
const count = z.int().min(1);

export const seriesLoader: LoaderDefinition<SeriesConfig> = defineLoader<SeriesConfig>({
  type: 'series',
  summary: 'windows of a time series in CSV (by a config that names the column of time)',
  schema: z.strictObject({
    type: z.literal('series'),
    path: text.describe('a CSV file with a header'),
    time: text.describe('the column with the times'),
    columns: z
      .array(z.union([text, z.strictObject({ name: text, mean: z.number(), deviation: z.number().gt(0) })]))
      .min(1)
      .optional()
      .describe('the columns to take; all that hold numbers by default'),
    window: count.optional().describe('steps of a window; 32 by default'),
    stride: count.optional().describe('steps from one window to the next; 1 by default'),
    validation: shareSchema
      .optional()
      .describe('fraction or number of steps, before the test, that validate; 0.1 by default'),
    test: shareSchema.optional().describe('fraction or number of steps, at the end, that test; 0.1 by default'),
  }),
  recognise: async () => undefined,
  accepts: async (path, kind) => kind === 'file' && /\.(csv|tsv|txt)(\.gz)?$/i.test(path),
  async load(config) {
    const { window = 32, stride = 1, validation = 0.1, test = 0.1 } = config;
    const series = await readSeries(config, config.path);
    const steps = series.times.length;
    const ends = [steps - rowsOf(validation, steps) - rowsOf(test, steps), steps - rowsOf(test, steps), steps] as const;
    const columns = series.names.map((name, i): Quantity => {
      const given = config.columns?.find(column => typeof column !== 'string' && column.name === name);
      return typeof given === 'object'
        ? given
        : { name, ...scaleOf(series.values[i]!.subarray(0, Math.max(0, ends[0]))) };
    });
    const source = { ...config, columns, window, stride, validation, test };
    const part = (start: number, end: number): Dataset => windows(series, source, { start, end });
    return {
      train: part(0, ends[0]),
      validation: part(ends[0], ends[1]),
      test: part(ends[1], ends[2]),
      source: { ...source, path: await absolutePath(config.path) },
    };
  },
  async read(settled, path) {
    const series = await readSeries(settled, path);
    const columns = series.names.map((name, i): Quantity => {
      const known = settled.columns?.find(column => typeof column !== 'string' && column.name === name);
      return typeof known === 'object' ? known : { name, ...scaleOf(series.values[i]!) };
    });
    const { window = 32, stride = 1 } = settled;
    return windows(series, { columns, window, stride }, { start: 0, end: series.times.length });
  },
  async inspect(config) {
    const series = await readSeries(config, config.path);
    const { window = 32, stride = 1 } = config;
    const columns = series.names.map((name, i): Quantity => ({ name, ...scaleOf(series.values[i]!) }));
    const { times, texts, values, notes } = series;
    const rows = windows(series, { columns, window, stride }, { start: 0, end: times.length });
    const summary = await summarize(rows, {
      kind: 'time series',
      facts: [
        ['steps', `${times.length}, from ${texts[0]} to ${texts.at(-1)}`],
        ['windows', `of ${window} steps, every ${stride}`],
      ],
    });
    return {
      ...summary,
      facts: summary.facts.filter(([name]) => name !== 'values'),
      warnings: notes,
      columns: columns.map(({ name, mean, deviation }, i) => ({
        column: name,
        mean: mean.toPrecision(4),
        deviation: deviation.toPrecision(4),
        missing: `${values[i]!.filter(Number.isNaN).length}`,
      })),
    };
  },
});

/** A file's steps. */
interface Series {
  readonly path: string;
  /** As numbers that grow, and as they are written. */
  readonly times: readonly number[];
  readonly texts: readonly string[];
  readonly names: readonly string[];
  /** The values of each of the columns; NaN where they are missing. */
  readonly values: readonly Float32Array[];
  readonly notes: readonly string[];
}

const missing: ReadonlySet<string> = new Set(['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'None', '?']);

async function readSeries({ time, columns }: SeriesConfig, path: string): Promise<Series> {
  const fail = (expected: string, got: string, mend: string): LatentkitError =>
    new LatentkitError('data', `${path}: expected ${expected}, got ${got}. ${mend}`);
  const bytes = await readFileBytes(path);
  const { data: lines, errors } = Papa.parse<string[]>(
    new TextDecoder().decode(isGzip(bytes) ? gunzip(bytes, path) : bytes),
    { skipEmptyLines: 'greedy' },
  );
  const [fields = [], ...steps] = lines.map(line => line.map(cell => cell.trim()));
  const broken = errors.find(({ type }) => type === 'Quotes');
  if (broken) throw fail('quotes in pairs', `one alone in step ${broken.row ?? 0}`, 'Mend the line.');
  const place = (name: string): number => {
    const index = fields.indexOf(name);
    if (index >= 0) return index;
    throw fail(
      `a column "${name}"`,
      `the columns ${fields.join(', ')}`,
      didYouMean(name, fields).trim() || 'Name another.',
    );
  };
  const timeField = place(time);
  const ragged = steps.findIndex(step => step.length !== fields.length);
  if (ragged >= 0) {
    throw fail(`${fields.length} values in step ${ragged + 1}`, `${steps[ragged]!.length}`, 'Mend the line.');
  }
  const texts = steps.map(step => step[timeField]!);
  const times = texts.map(timeOf);
  const wrong = times.findIndex((value, i) => Number.isNaN(value) || (i > 0 && value <= times[i - 1]!));
  if (wrong >= 0) {
    const expected = Number.isNaN(times[wrong]) ? 'a number or a date' : `a time after ${texts[wrong - 1]}`;
    throw fail(
      `${expected} in step ${wrong + 1}, column "${time}"`,
      JSON.stringify(texts[wrong]),
      'Sort the file by time, each time once.',
    );
  }
  const wanted = columns?.map(column => (typeof column === 'string' ? column : column.name));
  const others = fields.filter(name => name !== time);
  const left = wanted ? [] : others.filter(name => firstText(steps, place(name)) !== undefined);
  const names = wanted ?? others.filter(name => !left.includes(name));
  if (names.length === 0)
    throw fail('a column of numbers beside the time', others.join(', ') || 'none', 'Name another file.');
  const values = names.map(name => {
    const field = place(name);
    const bad = firstText(steps, field);
    if (bad !== undefined) {
      throw fail(
        `a number in step ${bad + 1}, column "${name}"`,
        JSON.stringify(steps[bad]![field]),
        'Mend it, or leave it empty.',
      );
    }
    return Float32Array.from(steps, step => numberOf(step[field]!));
  });
  const notes = left.length > 0 ? [`columns that do not hold numbers are left out: ${left.join(', ')}.`] : [];
  return { path, times, texts, names, values, notes: [...notes, ...unevenness(times)] };
}

/** The first step whose value in a field is neither a number nor missing. */
function firstText(steps: readonly (readonly string[])[], field: number): number | undefined {
  const step = steps.findIndex(cells => !missing.has(cells[field]!) && Number.isNaN(Number(cells[field])));
  return step < 0 ? undefined : step;
}

/** NaN for what is missing or infinite, which no density explains. */
function numberOf(cell: string): number {
  const value = missing.has(cell) ? Number.NaN : Math.fround(Number(cell));
  return Number.isFinite(value) ? value : Number.NaN;
}

function timeOf(cell: string): number {
  if (cell === '') return Number.NaN;
  const number = Number(cell);
  return Number.isNaN(number) ? (dateOf(cell) ?? Number.NaN) : number;
}

/** A window takes steps for evenly spaced: what is to be said where they are not. */
function unevenness(times: readonly number[]): string[] {
  const steps = times.slice(1).map((time, i) => time - times[i]!);
  const sorted = [...steps].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1] ?? 0;
  const odd = steps.filter(step => Math.abs(step - middle) > 0.01 * middle).length;
  return odd === 0
    ? []
    : [`${odd} of ${steps.length} steps are longer or shorter than the others: windows go across gaps.`];
}

function scaleOf(values: Float32Array): { mean: number; deviation: number } {
  const given = values.filter(value => !Number.isNaN(value));
  const meanOf = (of: (value: number) => number): number =>
    given.reduce((sum, value) => sum + of(value), 0) / Math.max(1, given.length);
  const mean = meanOf(value => value);
  // What never changes has no deviation; in its own unit it is then 0.
  return { mean, deviation: Math.sqrt(meanOf(value => (value - mean) ** 2)) || 1 };
}

interface Windows {
  readonly columns: readonly Quantity[];
  readonly window: number;
  readonly stride: number;
}

/** All windows that lie wholly within some steps. The position of a window is its first step's place in the file. */
function windows(
  { path, values, notes }: Series,
  { columns, window, stride }: Windows,
  { start, end }: { readonly start: number; readonly end: number },
): Dataset {
  if (end - start < window) {
    throw new LatentkitError(
      'data',
      `${path}: expected at least ${window} steps, a window, in each part, got ${Math.max(0, end - start)}. Take shorter windows, or give more steps.`,
    );
  }
  const steps = Array.from({ length: window }, (_, i) => (i === window - 1 ? 'now' : `−${window - 1 - i}`));
  const cells = columns.flatMap(({ name, mean, deviation }) =>
    steps.map((step): Column => ({ name: `${name} ${step}`, type: 'numeric', mean, deviation })),
  );
  return computedDataset(
    {
      name: path,
      size: Math.floor((end - start - window) / stride) + 1,
      shape: [cells.length],
      dtype: 'float32',
      range: [0, 1],
      columns: cells,
      notes,
      position: row => start + row * stride,
    },
    (row, into) => {
      const first = start + row * stride;
      for (const [i, column] of values.entries()) into.set(column.subarray(first, first + window), i * window);
    },
  );
}
