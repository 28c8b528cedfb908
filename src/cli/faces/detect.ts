// latentkit detect

import { areImages } from '../../artifact/index.ts';
import type { Column } from '../../data/index.ts';
import { encodePng, picturesOf } from '../../images/index.ts';
import { type DetectionReport, detectionReport, type Example, heatMap } from '../../report/index.ts';
import { type HostTensor, nodeRuntime } from '../../runtime/index.ts';
import { parseSpec } from '../../schema.ts';
import { type Detected, type DetectInput, detect, load, type OpenedRun } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { detectStream } from '../detect-stream.ts';
import { columns as aligned, count } from '../format.ts';
import { type Column as CsvColumn, csv, formatOf, writeFile } from '../output.ts';
import { deviceOf } from '../runtime.ts';
import { type Showing, taskCommand } from '../task-command.ts';

/** The options that are the command line's own. */
interface Own {
  readonly out?: string;
  readonly report?: string;
  readonly stream?: boolean;
  readonly quiet?: boolean;
  readonly device?: string;
}

export const define: DefineCommand = taskCommand(detect, {
  argument: { field: 'data', description: 'the rows to judge: a name, a file or a folder (default: those of the run)' },
  options: command => {
    command.option('--out <file>', 'table of scores, p-values and verdicts (.csv, .ndjson)');
    command.option(
      '--report <file>',
      'page with distribution, threshold, curves, and the rows that score highest (.html)',
    );
    command.option('--stream', 'judge NDJSON from standard input, answering line by line');
  },
  async instead(given, { path, values, io }) {
    const { stream, quiet, device } = values as Own;
    if (stream !== true) return false;
    const input: DetectInput = parseSpec(detect.input, given, 'detect') as DetectInput;
    // One thread: batches are small, and the runtime is waited for in any case.
    const run = await load(path, { runtime: await nodeRuntime({ device: deviceOf(device), threads: 1 }) });
    await detectStream(run, input, io, quiet);
    return true;
  },
  async show(result, showing) {
    const { out, report } = showing.values as Own;
    if (out !== undefined) {
      await writeFile(out, formatOf(out, ['csv', 'ndjson']) === 'csv' ? table(result) : lines(result));
    }
    if (report !== undefined) await writeFile(report, detectionReport(reportOf(result, showing)));
    const { rows, counts, threshold, drift, ranking, worst, score, scores, pValues, verdicts } = result;
    const examples = worst.rows.map(row => ({
      row,
      score: scores[score]![row]!,
      pValue: pValues[row]!,
      verdict: verdicts[row]!,
    }));
    const written = [out, report].filter(path => path !== undefined);
    const text = [
      headline(result),
      ...threshold.notes,
      ...(ranking ? [rankingWords(ranking)] : []),
      ...(drift ? [driftWords(drift)] : []),
      '',
      aligned([
        ['row', 'score', 'p', 'verdict', 'most unusual'],
        ...examples.map((one, i) => [
          `${one.row}`,
          shown(one.score),
          shown(one.pValue),
          one.verdict,
          unusual(result, i, showing.run),
        ]),
      ]).trimEnd(),
      ...(written.length > 0 ? [`\nwritten: ${written.join(', ')}`] : []),
    ];
    return {
      text: text.join('\n'),
      json: {
        ...{ data: result.data, rows, score, counts, threshold: finite(threshold) },
        ...(ranking && { ranking: figuresOf(ranking) }),
        ...(drift && { drift }),
        worst: examples,
        files: written,
      },
    };
  },
});

function headline({ rows, counts, score, threshold, data }: Detected): string {
  const unsure = counts.unsure > 0 ? `, ${count(counts.unsure)} unsure` : '';
  return `${count(rows)} rows of ${data}: ${count(counts.anomaly)} anomalies${unsure}. ${promise(threshold)}, ${score} above ${shown(threshold.anomalyAbove)}.`;
}

function promise({ method, falseAlarmRate, falseAlarmDeviation, calibrationRows }: Detected['threshold']): string {
  if (falseAlarmRate === undefined) return `Method ${method}`;
  const spread = falseAlarmDeviation === undefined ? '' : ` ± ${percent(falseAlarmDeviation)}`;
  return `Of normal rows ${percent(falseAlarmRate)}${spread} are expected to be called so (${method}, ${count(calibrationRows)} held-out rows)`;
}

function rankingWords({
  auroc,
  aurocError,
  averagePrecision,
  anomalies,
  rows,
  normal,
}: NonNullable<Detected['ranking']>): string {
  return (
    `AUROC ${auroc.toFixed(4)} ± ${aurocError.toFixed(4)}, average precision ${averagePrecision.toFixed(4)} (a guess has ` +
    `${(anomalies / rows).toFixed(4)}); statistics of ${count(rows)} rows, of which ${count(anomalies)} are not of ${normal.join(', ')}.`
  );
}

function driftWords({ drifted, level, tests, rows, referenceRows }: NonNullable<Detected['drift']>): string {
  const clear = tests
    .filter(({ adjusted }) => adjusted <= level)
    .map(({ name, of }) => (of === 'missing' ? `what is missing of ${name}` : name));
  const named = clear.slice(0, 5).join(', ') + (clear.length > 5 ? ` and ${clear.length - 5} more` : '');
  return drifted
    ? `Drift: these rows do not look like those of training (${named}); ${count(rows)} rows beside ${count(referenceRows)}, at a level of ${percent(level)}.`
    : `No drift: these rows look like those of training, as far as ${count(rows)} rows beside ${count(referenceRows)} can tell.`;
}

/** The columns or places that add the most, in a few words. */
function unusual(result: Detected, i: number, run: OpenedRun): string {
  if (areImages(result.worst.values.shape.slice(1))) return '';
  return contributionsOf(result, i, run, 2)
    .filter(({ excess }) => excess > 0)
    .map(({ name, value, expected }) => `${name} ${value} (expected ${expected})`)
    .join(', ');
}

function contributionsOf({ worst }: Detected, i: number, { config }: OpenedRun, most: number) {
  const { values, expected, excess } = worst;
  const [, ...shape] = values.shape;
  const width = shape.reduce((a, b) => a * b, 1);
  const { columns } = config.model.input;
  const own = ({ data }: HostTensor): ArrayLike<number> => data.subarray(i * width, (i + 1) * width);
  const [value, instead, beyond] = [own(values), own(expected), own(excess)];
  return Array.from({ length: width }, (_, place) => place)
    .sort((a, b) => beyond[b]! - beyond[a]!)
    .slice(0, most)
    .map(place => ({
      name: columns?.[place]?.name ?? placeName(place, shape),
      value: cellText(value[place]!, columns?.[place]),
      expected: cellText(instead[place]!, columns?.[place], true),
      excess: beyond[place]!,
    }));
}

/** [3], or [12, 0] of rows with several axes. */
function placeName(place: number, shape: readonly number[]): string {
  const indices: number[] = [];
  let rest = place;
  for (const dim of shape.toReversed()) {
    indices.unshift(rest % dim);
    rest = Math.floor(rest / dim);
  }
  return `[${indices.join(', ')}]`;
}

/** A value as the table's file has it. What is expected of a binary column is a probability. */
function cellText(value: number, column: Column | undefined, expected = false): string {
  if (Number.isNaN(value)) return 'missing';
  if (column?.type === 'categorical' && typeof column.categories !== 'number') return column.categories[value] ?? '?';
  if (column?.type === 'binary') {
    const [, one] = column.labels ?? ['0', '1'];
    return expected ? `${one}: ${percent(value)}` : (column.labels ?? ['0', '1'])[value]!;
  }
  if (column?.type === 'numeric' && column.date) {
    const { origin, time } = column.date;
    const date = new Date(Date.parse(origin) + value * 86_400_000).toISOString();
    return time ? `${date.slice(0, 19)}Z` : date.slice(0, 10);
  }
  return shown(value);
}

function reportOf(result: Detected, { run, path }: Showing): DetectionReport {
  const { rows, counts, threshold, calibration, scores, score, ranking, drift, data } = result;
  const marks = [
    { at: threshold.anomalyAbove, name: 'anomaly above' },
    ...(threshold.unsureAbove < threshold.anomalyAbove ? [{ at: threshold.unsureAbove, name: 'unsure above' }] : []),
  ].filter(({ at }) => Number.isFinite(at));
  return {
    title: `Anomalies in ${data}`,
    subtitle: `${path}, by the score ${score}`,
    facts: [
      ['rows', count(rows)],
      ['anomalies', count(counts.anomaly)],
      ...(threshold.unsureAbove < threshold.anomalyAbove ? [['unsure', count(counts.unsure)] as const] : []),
      ['anomaly above', shown(threshold.anomalyAbove)],
      ...(threshold.falseAlarmRate === undefined
        ? []
        : [['expected false alarms', percent(threshold.falseAlarmRate)] as const]),
      ['held-out normal rows', count(threshold.calibrationRows)],
    ],
    notes: [`${promise(threshold)}.`, ...threshold.notes],
    distribution: {
      groups: [
        { name: 'held-out normal rows', values: calibration },
        { name: 'rows that were judged', values: scores[score]! },
      ],
      marks,
      xLabel: score,
    },
    ...(ranking && {
      ranking: { ...ranking, words: rankingWords(ranking), share: ranking.anomalies / ranking.rows },
    }),
    ...(drift && {
      drift: {
        drifted: drift.drifted,
        words: driftWords(drift),
        tests: drift.tests.slice(0, 20).map(({ name, of, test, pValue, adjusted }) => ({
          name: of === 'missing' ? `${name}, whether missing` : name,
          test,
          pValue: shown(pValue),
          adjusted: shown(adjusted),
          drifted: adjusted <= drift.level,
        })),
      },
    }),
    examples: result.worst.rows.map((_, i) => exampleOf(result, i, run)),
  };
}

function exampleOf(result: Detected, i: number, run: OpenedRun): Example {
  const { worst, scores, score, pValues, verdicts } = result;
  const row = worst.rows[i]!;
  const figures = `score ${shown(scores[score]![row]!)}, p ${shown(pValues[row]!)}`;
  const common = { name: `row ${row}`, verdict: verdicts[row]!, figures };
  const [, ...shape] = worst.values.shape;
  if (!areImages(shape)) return { ...common, contributions: contributionsOf(result, i, run, 8) };
  const [height, width, channels] = shape as [number, number, number];
  const size = height * width * channels;
  const own = (tensor: HostTensor<'float32'>): HostTensor<'float32'> => ({
    ...tensor,
    shape: [1, ...shape],
    data: tensor.data.subarray(i * size, (i + 1) * size),
  });
  const map = heatMap(own(worst.values).data, own(worst.excess).data, [height, width, channels]);
  return {
    ...common,
    pictures: [
      { name: 'row', png: encodePng(picturesOf(own(worst.values))[0]!) },
      { name: 'expected', png: encodePng(picturesOf(own(worst.expected))[0]!) },
      { name: 'unusual', png: encodePng(map) },
    ],
  };
}

function table(result: Detected): string {
  const { scores, pValues, verdicts, rows } = result;
  const named: CsvColumn[] = Object.entries(scores).map(([name, values]) => ({ name, at: row => values[row]! }));
  return csv(
    [
      { name: 'row', at: row => row },
      ...named,
      { name: 'p_value', at: row => pValues[row]! },
      { name: 'verdict', at: row => verdicts[row]! },
    ],
    rows,
  );
}

function lines({ scores, pValues, verdicts }: Detected): string {
  const named = Object.entries(scores);
  return verdicts
    .map((verdict, row) => {
      const own = Object.fromEntries(named.map(([name, values]) => [name, values[row]]));
      return `${JSON.stringify({ row, ...own, pValue: pValues[row], verdict })}\n`;
    })
    .join('');
}

function figuresOf({ roc: _, precisionRecall: __, ...figures }: NonNullable<Detected['ranking']>): object {
  return figures;
}

/** What JSON cannot hold is null: a threshold that no score can pass. */
function finite<T extends object>(values: T): object {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === Number.POSITIVE_INFINITY ? null : value]),
  );
}

/** Four digits that matter. */
function shown(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'any score' : '−∞';
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude >= 1e6 || magnitude < 1e-3)) return value.toExponential(1);
  return String(Number(value.toPrecision(4)));
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}
