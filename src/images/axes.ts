// Axes that people can read: round tick values (Heckbert, "Nice numbers for graph labels", 1990), few digits, faint
// lines. Every chart with two numeric axes is drawn inside such a frame.

import { element, text, textWidth, theme } from './svg.ts';

/** Values of an axis, from its low end to its high end. */
export type Range = readonly [low: number, high: number];

/** Whether a value can be drawn: a number, and not one that a diverged training makes. */
export function isDrawable(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) < 1e100;
}

/** The range of drawable values, widened by `margin` where they are all but equal; undefined where there are none. */
export function rangeOf(values: Iterable<number>, margin?: number): Range | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!isDrawable(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(1e-12, magnitude * 1e-9)) return [low, high];
  const widening = margin ?? (magnitude > 1e-9 ? magnitude * 0.1 : 1);
  return [low - widening, high + widening];
}

/** An axis: its ends and the values that are labelled. */
export interface Axis {
  readonly range: Range;
  readonly step: number;
  readonly ticks: readonly number[];
}

/** How an axis is divided. */
export interface AxisOptions {
  /** About how many steps; 5 by default. */
  readonly count?: number;
  /** Move the ends outwards to whole steps. */
  readonly widen?: boolean;
  /** Only whole numbers: epochs, steps, counts. */
  readonly whole?: boolean;
}

/** Divides a range at multiples of 1, 2 or 5 times a power of ten. */
export function axisOf([low, high]: Range, options: AxisOptions = {}): Axis {
  const { count = 5, widen = false, whole = false } = options;
  const step = Math.max(whole ? 1 : 0, niceStep((high - low) / count));
  const [first, last] = widen
    ? [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)]
    : [Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9)];
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => roundTo((first + i) * step, step));
  return { range: widen ? [ticks[0] ?? low, ticks.at(-1) ?? high] : [low, high], step, ticks };
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find(nice => nice * power >= rough * 0.999) ?? 10;
  return factor * power;
}

function roundTo(value: number, step: number): number {
  const digits = Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(step))));
  return Number(value.toFixed(digits));
}

/** A number for people: as many decimals as steps of this size need, thousands apart, a true minus sign. */
export function formatNumber(value: number, step: number): string {
  const magnitude = Math.abs(value);
  if (value !== 0 && (magnitude >= 1e7 || magnitude < 1e-4)) return value.toExponential(2).replace(/-/g, '−');
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const written = magnitude.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return value < 0 && Number(magnitude.toFixed(digits)) !== 0 ? `−${written}` : written;
}

/** Where a frame lies and what its axes say. */
export interface FrameOptions {
  readonly width: number;
  readonly height: number;
  /** Room above the plot, for a title and a legend. */
  readonly top: number;
  readonly x: Range;
  /** Whether x counts something, so that only whole numbers are labelled. */
  readonly wholeX?: boolean;
  readonly y: Axis;
  readonly xLabel?: string | undefined;
}

/** Axes, drawn, and the pixel of each value. */
export interface Frame {
  readonly body: string;
  readonly left: number;
  readonly bottom: number;
  readonly toX: (value: number) => number;
  readonly toY: (value: number) => number;
}

/** Grid lines, tick labels and the horizontal axis of a chart. */
export function frame(options: FrameOptions): Frame {
  const { width, height, top, x, wholeX = false, y, xLabel } = options;
  const yLabels = y.ticks.map(tick => formatNumber(tick, y.step));
  const left = 12 + Math.max(...yLabels.map(label => textWidth(label, 11)));
  const right = width - 14;
  const bottom = height - (xLabel === undefined ? 24 : 42);
  const [yLow, yHigh] = y.range;
  const toX = (value: number): number => left + ((value - x[0]) / (x[1] - x[0])) * (right - left);
  const toY = (value: number): number => bottom - ((value - yLow) / (yHigh - yLow)) * (bottom - top);
  const parts = y.ticks.flatMap((tick, i) => [
    element('line', { x1: left, x2: right, y1: toY(tick), y2: toY(tick), stroke: theme.grid }),
    text(left - 8, toY(tick) + 4, yLabels[i]!, { size: 11, color: theme.muted, anchor: 'end' }),
  ]);
  const count = Math.max(2, Math.min(8, Math.floor((right - left) / 60)));
  const { ticks, step } = axisOf(x, { count, whole: wholeX });
  parts.push(element('line', { x1: left, x2: right, y1: bottom, y2: bottom, stroke: theme.axis }));
  for (const tick of ticks) {
    parts.push(element('line', { x1: toX(tick), x2: toX(tick), y1: bottom, y2: bottom + 4, stroke: theme.axis }));
    const label = formatNumber(tick, step);
    parts.push(text(toX(tick), bottom + 18, label, { size: 11, color: theme.muted, anchor: 'middle' }));
  }
  if (xLabel !== undefined) {
    parts.push(text((left + right) / 2, height - 6, xLabel, { size: 11, color: theme.muted, anchor: 'middle' }));
  }
  return { body: parts.join(''), left, bottom, toX, toY };
}
