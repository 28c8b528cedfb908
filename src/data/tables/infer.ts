// What the columns of a table are, by the cells of some of its rows: their types, categories, ranges and scales. Each rule
// says what it did where a user could have expected something else.

import { type Column, columnsSchema, type DateFormat, type NumericColumn, transformed } from '../../columns.ts';
import { LatentkitError } from '../../errors.ts';
import type { ColumnOptions, SettledTable, TableConfig } from './config.ts';
import { dateOf, dayOf, daysSince, hasTime } from './dates.ts';
import { type Cell, numberOf, textOf } from './readers.ts';

/**
 * Numbers are seen through asinh where it makes a normal density of them better by so many nats a value (Box and Cox 1964,
 * "An Analysis of Transformations"): for log-normal ones that is 0.14 at a deviation of 0.6, for exponential ones the same,
 * for normal ones −0.08.
 */
const heavyTails = 0.05;
/** A text column has at most so many categories; the rest are pooled. */
const mostCategories = 100;
/** Texts of which more than half are different are names or remarks, not categories, if there are more than so many. */
const fewTexts = 20;
/** If so many of a column's texts are numbers, it is one of numbers, and the others are faults. */
const mostlyNumbers = 0.9;

/** Cells of a table, field by field. */
export interface Sample {
  readonly path: string;
  readonly fields: readonly string[];
  readonly cells: readonly (readonly Cell[])[];
}

interface Inference extends SettledTable {
  /** What was decided, in sentences. */
  readonly notes: readonly string[];
}

/** The values of a column that are not missing, as texts with their numbers. */
interface Given {
  readonly name: string;
  readonly texts: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly options: ColumnOptions;
  readonly config: TableConfig;
  readonly note: (sentence: string) => void;
}

/**
 * Decides what each field is.
 * @throws LatentkitError `data` where no column is left, or where a column is neither of numbers nor of texts.
 */
export function inferTable(
  { path, fields, cells }: Sample,
  config: TableConfig,
  missing: ReadonlySet<string>,
): Inference {
  const notes: string[] = [];
  const ignored = new Set(config.ignore);
  const columns: Column[] = [];
  let label: SettledTable['label'];
  fields.forEach((name, field) => {
    const options = config.columns?.[name] ?? {};
    if (ignored.has(name) || options.type === 'ignore') return;
    const texts = cells[field]!.flatMap(cell => (cell === null ? [] : [textOf(cell)])).filter(
      text => !missing.has(text),
    );
    const counts = countsOf(texts);
    const note = (sentence: string): void => void notes.push(`column ${JSON.stringify(name)}: ${sentence}.`);
    if (name === config.label) {
      label = { name, classes: sorted([...counts.keys()]) };
      return;
    }
    const column = columnOf({ name, texts, counts, options, config, note }, path);
    if (column) columns.push(column);
  });
  if (columns.length === 0) {
    throw new LatentkitError('data', [`${path}: expected a column to learn from, got none.`, ...notes].join(' '));
  }
  // Parsed, so that what is known of a column stands in one order: fingerprints of a table, inferred or settled, are the same.
  return { columns: columnsSchema.parse(columns), ...(label && { label }), notes };
}

function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** Numbers by size, all else by text. */
function sorted(texts: readonly string[]): string[] {
  const numbers = texts.every(text => numberOf(text) !== undefined);
  return [...texts].sort((a, b) => (numbers ? Number(a) - Number(b) : a < b ? -1 : 1));
}

function columnOf(given: Given, path: string): Column | undefined {
  const { texts, counts, options, note } = given;
  if (texts.length === 0 && options.type === undefined) {
    note('left out, since nothing stands in it');
    return undefined;
  }
  const type = options.type ?? typeOf(given, path);
  if (type === 'numeric' || type === 'integer') return numericOf(given, type === 'integer' || isWhole(counts));
  if (type === 'date') return dateColumnOf(given);
  if (type === 'binary') return binaryOf(given);
  if (type === 'categorical' || type === 'ordinal') return categoricalOf(given, type === 'ordinal');
  return undefined;
}

/** The type of a column of which nothing was said. */
function typeOf(given: Given, path: string): ColumnOptions['type'] {
  const { name, texts, counts, options, note } = given;
  const distinct = [...counts.keys()];
  if (options.categories) return 'categorical';
  const numbers = distinct.filter(text => numberOf(text) !== undefined);
  if (numbers.length === distinct.length) return distinct.length === 2 && isWhole(counts) ? 'binary' : 'numeric';
  if (distinct.length === 1) {
    note(`left out, since it is ${JSON.stringify(distinct[0])} in every row that was looked at`);
    return 'ignore';
  }
  if (distinct.length === 2) return 'binary';
  if (distinct.every(text => dateOf(text) !== undefined)) return 'date';
  const share = numbers.reduce((sum, text) => sum + counts.get(text)!, 0) / texts.length;
  if (share >= mostlyNumbers && numbers.length > fewTexts) {
    const other = distinct.find(text => numberOf(text) === undefined);
    const column = JSON.stringify(name);
    throw new LatentkitError(
      'data',
      `${path}: column ${column}: expected numbers, as most of its values are, got ${JSON.stringify(other)} too. If that ` +
        `stands for a missing value, add it to "missing"; else say what the column is, such as columns: { ${column}: ` +
        '{ type: "categorical" } }.',
    );
  }
  if (distinct.length > fewTexts && distinct.length > texts.length / 2) {
    note(`left out as names or remarks: ${distinct.length} different texts in ${texts.length} rows`);
    return 'ignore';
  }
  return 'categorical';
}

function isWhole(counts: ReadonlyMap<string, number>): boolean {
  return [...counts.keys()].every(text => Number.isSafeInteger(Number(text)));
}

/** Of nothing: a number between 0 and 1, as good as any. */
function numericOf(given: Given, integer: boolean): NumericColumn {
  const { name, texts, options, note } = given;
  const values = texts.map(text => numberOf(text) ?? Number.NaN).filter(value => Number.isFinite(Math.fround(value)));
  const column: NumericColumn = { name, type: 'numeric', ...(integer && { integer }) };
  return measured(column, values, options, note);
}

function dateColumnOf({ name, texts, options, note }: Given): NumericColumn {
  const times = texts.flatMap(text => dateOf(text) ?? []);
  const date: DateFormat = { origin: dayOf(least(times) ?? 0), time: times.some(hasTime) };
  const days = times.map(time => daysSince(time, date));
  return measured({ name, type: 'numeric', date }, days, options, note);
}

function measured(
  column: NumericColumn,
  values: readonly number[],
  { transform }: ColumnOptions,
  note: Given['note'],
): NumericColumn {
  const [min = 0, max = 0] = [least(values), greatest(values)];
  const range = { min, max };
  if (min === max) {
    note(
      `${values.length === 0 ? 'nothing stands in it' : `it is ${min} in every row that was looked at`}, so its deviation is taken as 1`,
    );
    return { ...column, mean: min, deviation: 1, ...range };
  }
  const plain = { ...column, ...momentsOf(values), ...range };
  if (transform === 'none') return plain;
  const center = quantile(values, 0.5);
  // Half the distance between the quartiles; where they are one, half of the values' distances that there are.
  const spread = (quantile(values, 0.75) - quantile(values, 0.25)) / 2;
  const distances = values.map(value => Math.abs(value - center)).filter(distance => distance > 0);
  const asinh = { type: 'asinh', center, scale: spread > 0 ? spread : quantile(distances, 0.5) } as const;
  const changed = values.map(value => transformed(value, { ...column, transform: asinh }));
  const moments = momentsOf(changed);
  // log p(x) of the normal upon the transform, less that of the normal upon x: d asinh(u) / dx = 1 / (scale cosh(asinh u)).
  const stretch = changed.reduce((sum, value) => sum + Math.log(asinh.scale * Math.cosh(value)), 0) / values.length;
  const gain = Math.log(plain.deviation / moments.deviation) - stretch;
  if (transform === undefined) {
    if (gain <= heavyTails) return plain;
    note(
      `heavy tails (a normal density is ${gain.toFixed(2)} nats a value better after asinh), so it is seen through asinh`,
    );
  }
  return { ...column, transform: asinh, ...moments, ...range };
}

function momentsOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

function quantile(values: readonly number[], share: number): number {
  const order = Float64Array.from(values).sort();
  const at = share * (order.length - 1);
  const below = order[Math.floor(at)]!;
  return below + (at - Math.floor(at)) * (order[Math.ceil(at)]! - below);
}

function least(values: readonly number[]): number | undefined {
  return values.reduce<number | undefined>((low, value) => (low === undefined || value < low ? value : low), undefined);
}

function greatest(values: readonly number[]): number | undefined {
  return values.reduce<number | undefined>(
    (high, value) => (high === undefined || value > high ? value : high),
    undefined,
  );
}

/** What stands for the lack of something is 0. */
const noes: ReadonlySet<string> = new Set(['false', 'no', 'n', 'f', 'off', 'absent', 'negative']);

function binaryOf({ name, counts, options, note }: Given): Column {
  const distinct = options.categories ?? sorted([...counts.keys()]);
  const [first = '0', second = first === '1' ? '0' : '1', ...more] = distinct;
  if (more.length > 0) {
    throw new LatentkitError(
      'data',
      `column ${JSON.stringify(name)}: expected two values, since it was said to be binary, got ${distinct.length}: ${distinct.slice(0, 8).join(', ')}. Say that it is categorical.`,
    );
  }
  if (distinct.length < 2) note('it has fewer than two values in the rows that were looked at');
  const swapped =
    options.categories === undefined && (noes.has(second.toLowerCase()) || (first === '1' && second === '0'));
  return { name, type: 'binary', labels: swapped ? [second, first] : [first, second] };
}

function categoricalOf({ name, counts, options, config, note }: Given, ordered: boolean): Column {
  const order = ordered && { ordered };
  const kept = options.categories ?? frequent(counts, config.rare ?? 5);
  const pooled = [...counts].filter(([text]) => !kept.includes(text));
  if (pooled.length === 0 && kept.length >= 2) return { name, type: 'categorical', categories: kept, ...order };
  // A column needs two categories; the pool is one.
  const pool = poolName(counts);
  if (pooled.length > 0) {
    const rows = pooled.reduce((sum, [, count]) => sum + count, 0);
    note(
      `${pooled.length} rare categories, of ${rows} rows that were looked at, are pooled as ${JSON.stringify(pool)}`,
    );
  }
  const categories = kept.length === 0 ? ['all', pool] : [...kept, pool];
  return { name, type: 'categorical', categories, ...order, pooled: Object.fromEntries(pooled) };
}

/** The categories that were seen often enough, and not more of them than a column is to have. */
function frequent(counts: ReadonlyMap<string, number>, rare: number): string[] {
  const enough = [...counts].filter(([, count]) => count >= rare);
  const most = enough.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, mostCategories);
  return sorted(most.map(([text]) => text));
}

/** A name for what is pooled that no category has. */
function poolName(counts: ReadonlyMap<string, number>): string {
  let name = 'other';
  while (counts.has(name)) name += '*';
  return name;
}
