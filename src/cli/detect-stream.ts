// latentkit detect RUN --stream: NDJSON in, an answer a line out, in their order. Lines are judged in batches of what is there;
// while one batch is scored the next is read. A line that is no row is answered by an error, and the stream goes on.

import { once } from 'node:events';
import { type RecordReader, recordReader } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { float32, type RowTensor } from '../runtime/index.ts';
import { type Judge, type OpenedRun, openJudge, type VerdictInput } from '../tasks/index.ts';
import { count } from './format.ts';
import type { Io } from './io.ts';
import { arrivingLines } from './lines.ts';

/** Rows of one scoring at most. */
const batchRows = 4096;

/** A line that is not empty, which is a row of the batch or wrong. */
interface Line {
  /** Counted from 1. */
  readonly number: number;
  readonly error?: string;
}

interface Batch {
  /** Where in the bytes the next batch begins. */
  readonly end: number;
  /** The number of its last line. */
  readonly lastLine: number;
  readonly lines: readonly Line[];
  readonly rows: RowTensor;
}

/** Answers all lines of standard input; what came of them goes to standard error. */
export async function detectStream(run: OpenedRun, input: VerdictInput, io: Io, quiet = false): Promise<void> {
  const judge = await openJudge(run, input);
  const totals = { rows: 0, anomaly: 0, unsure: 0, normal: 0, errors: 0 };
  const reader = rowReader(run);
  const answerBatch = async ({ lines, rows }: Batch): Promise<void> => {
    const judged = rows.shape[0] === 0 ? undefined : await judge.judge(rows);
    let text = '';
    let row = 0;
    for (const { number, error } of lines) {
      if (error !== undefined || judged === undefined) {
        totals.errors++;
        text += `{"line":${number},"error":${JSON.stringify(error)}}\n`;
        continue;
      }
      const verdict = judged.verdicts[row]!;
      totals[verdict]++;
      text += `{"line":${number},"score":${jsonNumber(judged.scores[row]!)},"pValue":${judged.pValues[row]!},"verdict":"${verdict}"}\n`;
      row++;
    }
    totals.rows += row;
    if (text !== '' && !io.stdout.write(text)) await once(io.stdout, 'drain');
  };
  try {
    let line = 0;
    let answered: Promise<void> = Promise.resolve();
    for await (const bytes of arrivingLines(io.stdin)) {
      for (let at = 0; at < bytes.length; ) {
        const batch = readBatch(bytes, at, line, reader);
        at = batch.end;
        line = batch.lastLine;
        await answered;
        answered = answerBatch(batch);
        // It is awaited before the next batch, and fails there; until then nobody listens.
        answered.catch(() => undefined);
      }
    }
    await answered;
  } finally {
    await judge.dispose();
  }
  if (!quiet) io.stderr.write(`${summary(totals, judge, reader)}\n`);
}

const newline = 0x0a;
const decoder = new TextDecoder();

/** Reads lines from a place on: as many as make a batch, or all. */
function readBatch(bytes: Uint8Array, from: number, lastLine: number, reader: RowReader): Batch {
  const lines: Line[] = [];
  const width = reader.shape.reduce((a, b) => a * b, 1);
  const data = new (reader.dtype === 'uint8' ? Uint8Array : Float32Array)(batchRows * width);
  let rows = 0;
  let number = lastLine;
  let start = from;
  while (start < bytes.length && lines.length < batchRows) {
    const at = bytes.indexOf(newline, start);
    const next = at < 0 ? bytes.length : at;
    const end = bytes[next - 1] === 0x0d && next > start ? next - 1 : next;
    number++;
    const found = readLine(bytes.subarray(start, end), reader, data, rows * width);
    if (found !== 'empty') lines.push({ number, ...(found !== 'row' && found) });
    if (found === 'row') rows++;
    start = next + 1;
  }
  const shape = [rows, ...reader.shape];
  const used = data.subarray(0, rows * width);
  const x: RowTensor = used instanceof Uint8Array ? { dtype: 'uint8', shape, data: used } : float32(used, shape);
  return { lines, rows: x, end: start, lastLine: number };
}

/** Reads one line as a row; what is wrong with it, or that nothing stands in it. */
function readLine(
  line: Uint8Array,
  reader: RowReader,
  data: Uint8Array | Float32Array,
  at: number,
): 'row' | 'empty' | { readonly error: string } {
  if (data instanceof Float32Array && reader.readJson?.(line, 0, line.length, data, at)) return 'row';
  const text = decoder.decode(line);
  if (text.trim() === '') return 'empty';
  try {
    reader.read(JSON.parse(text), data, at);
    return 'row';
  } catch (error) {
    if (!(error instanceof LatentkitError || error instanceof SyntaxError)) throw error;
    return { error: error instanceof SyntaxError ? `expected JSON: ${error.message}` : error.message };
  }
}

/** Reads what a line says as a row of what the model takes. */
interface RowReader {
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  read(value: unknown, into: Uint8Array | Float32Array, at: number): void;
  /** A fast way that may decline. */
  readonly readJson?: RecordReader['readJson'];
  readonly taken?: RecordReader['taken'];
}

function rowReader({ config }: OpenedRun): RowReader {
  const { shape, dtype, columns } = config.model.input;
  if (columns === undefined) return { shape, dtype, read: arrayReader(shape, dtype) };
  const { source } = config.data;
  const missing = typeof source === 'object' && source.type === 'table' ? source.missing : undefined;
  const { read, readJson, taken } = recordReader(columns, missing);
  return { shape, dtype, readJson, taken, read: (value, into, at) => read(value, into as Float32Array, at) };
}

/** Numbers in a list, nested as the model's rows are or flat. */
function arrayReader(shape: readonly number[], dtype: 'uint8' | 'float32'): RowReader['read'] {
  const width = shape.reduce((a, b) => a * b, 1);
  const expected = dtype === 'uint8' ? 'whole numbers from 0 to 255' : 'finite numbers';
  return (value, into, at) => {
    const numbers: unknown[] = Array.isArray(value) ? value.flat(shape.length - 1) : [];
    const fits = (one: unknown): one is number =>
      dtype === 'uint8'
        ? Number.isInteger(one) && (one as number) >= 0 && (one as number) <= 255
        : typeof one === 'number' && Number.isFinite(Math.fround(one));
    const wrong = numbers.length === width ? numbers.find(one => !fits(one)) : undefined;
    if (numbers.length !== width || wrong !== undefined) {
      const got =
        numbers.length === width ? JSON.stringify(wrong) : Array.isArray(value) ? `${numbers.length}` : 'none';
      throw new LatentkitError('data', `expected a list of ${width} ${expected}, got ${got}.`);
    }
    into.set(numbers as number[], at);
  };
}

/** A number that JSON can hold. */
function jsonNumber(value: number): string {
  return Number.isFinite(value) ? String(value) : 'null';
}

type Totals = Readonly<Record<'rows' | 'anomaly' | 'unsure' | 'errors', number>>;

function summary({ rows, anomaly, unsure, errors }: Totals, { threshold, score }: Judge, { taken }: RowReader): string {
  const { unseen, infinite } = taken?.() ?? { unseen: 0, infinite: 0 };
  return [
    `${count(rows)} rows: ${count(anomaly)} anomalies${unsure > 0 ? `, ${count(unsure)} unsure` : ''} (${score} above ${threshold.anomalyAbove.toPrecision(5)})`,
    ...(errors > 0 ? [`${count(errors)} lines could not be read`] : []),
    ...(unseen > 0 ? [`${count(unseen)} values of unseen categories, taken as missing`] : []),
    ...(infinite > 0 ? [`${count(infinite)} infinite values, taken as missing`] : []),
    ...threshold.notes,
  ].join('\n');
}
