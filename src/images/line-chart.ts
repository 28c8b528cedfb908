// Lines over a common axis: learning curves above all, later ROC curves and rate-distortion curves.

import { axisOf, formatNumber, frame, isDrawable, type Range, rangeOf } from './axes.ts';
import { type Drawing, element, seriesColor, text, textWidth, theme } from './svg.ts';

/** One line. Where y is not a finite number the line has a gap. */
export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly dashed?: boolean;
}

/** What a line chart shows. */
export interface LineChart {
  readonly title: string;
  /** Unit of the vertical axis, shown beside the title: "nats". */
  readonly unit?: string;
  readonly xLabel?: string;
  readonly series: readonly Series[];
  /** Ends of the vertical axis; by default whole ticks around the data. */
  readonly yRange?: Range;
  /** Whether the legend has each line's last value; of curves that all end at the same one it says nothing. Default true. */
  readonly lastValues?: boolean;
  readonly width?: number;
  readonly height?: number;
}

const HEADER = 52;
/** Up to so many points, each is marked. */
const FEW_POINTS = 24;
/** From so many points on, the line is thin, so that noise does not become a band. */
const MANY_POINTS = 400;

/** A line chart, with each line's last value in the legend. Without a finite value it says that there is no data yet. */
export function lineChart(chart: LineChart): Drawing {
  const { title, unit, xLabel, series, lastValues = true, width = 420, height = 280 } = chart;
  const size = { width, height };
  const shown = series.flatMap(({ x, y }) => pointsOf(x, y));
  const x = rangeOf(
    shown.map(point => point[0]),
    1,
  );
  const y = chart.yRange ?? rangeOf(shown.map(point => point[1]));
  const heading =
    text(0, 16, title, { size: 14, bold: true }) +
    (unit === undefined ? '' : text(textWidth(title, 14) + 9, 16, unit, { size: 11, color: theme.muted })) +
    legend(series, lastValues && y !== undefined ? 10 ** (Math.floor(Math.log10(y[1] - y[0])) - 3) : undefined);
  if (x === undefined || y === undefined) {
    const note = text(width / 2, height / 2, 'no data yet', { color: theme.muted, anchor: 'middle' });
    return { ...size, body: heading + note };
  }
  const wholeX = shown.every(point => Number.isInteger(point[0])) && x[1] - x[0] > 1;
  const yAxis = axisOf(y, { widen: chart.yRange === undefined });
  const axes = frame({ ...size, top: HEADER, x, wholeX, y: yAxis, xLabel });
  const lines = series.map((line, i) => {
    const color = seriesColor(i);
    const runs = unbroken(line).map(run => run.map(([px, py]): Point => [axes.toX(px), axes.toY(py)]));
    return runs.map(run => drawRun(run, color, line)).join('');
  });
  // The first series is the one looked for, so it is drawn last, on top.
  return { ...size, body: heading + axes.body + lines.reverse().join('') };
}

type Point = readonly [x: number, y: number];

function pointsOf(x: ArrayLike<number>, y: ArrayLike<number>): Point[] {
  const points = Array.from({ length: Math.min(x.length, y.length) }, (_, i): Point => [x[i]!, y[i]!]);
  return points.filter(point => point.every(isDrawable));
}

/** The parts of a line between its gaps. */
function unbroken({ x, y }: Series): Point[][] {
  const runs: Point[][] = [[]];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (isDrawable(x[i]) && isDrawable(y[i])) runs.at(-1)!.push([x[i]!, y[i]!]);
    else runs.push([]);
  }
  return runs.filter(run => run.length > 0);
}

function drawRun(run: readonly Point[], color: string, { x, dashed }: Series): string {
  const points = run.map(point => point.map(n => Math.round(n * 100) / 100).join(',')).join(' ');
  const stroke = {
    stroke: color,
    'stroke-width': x.length > MANY_POINTS ? 1.25 : 2,
    'stroke-linejoin': 'round',
    'stroke-linecap': 'round',
  };
  const line = { points, fill: 'none', ...stroke, ...(dashed ? { 'stroke-dasharray': '5 4' } : {}) };
  const marked = (x.length <= FEW_POINTS && !dashed) || run.length === 1;
  const marks = marked ? run.map(([cx, cy]) => element('circle', { cx, cy, r: 2.75, fill: color })) : [];
  return (run.length > 1 ? element('polyline', line) : '') + marks.join('');
}

/** Names and, where a step is given, last values to a whole one, in a row under the title. */
function legend(series: readonly Series[], step: number | undefined): string {
  let left = 0;
  let body = '';
  for (const [i, { name, x, y, dashed }] of series.entries()) {
    const last = pointsOf(x, y).at(-1)?.[1];
    const value = last === undefined || step === undefined ? '' : formatNumber(last, step);
    const dash = dashed ? { 'stroke-dasharray': '4 3' } : {};
    const swatch = { x1: left, x2: left + 14, y1: 32, y2: 32, stroke: seriesColor(i), 'stroke-width': 2.5, ...dash };
    body += element('line', swatch) + text(left + 20, 36, name, { size: 11.5, color: theme.muted });
    left += 20 + textWidth(name, 11.5) + 6;
    body += text(left, 36, value, { size: 11.5, bold: true });
    left += textWidth(value, 11.5) + 18;
  }
  return body;
}
