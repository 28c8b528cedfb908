// How numbers of several kinds are spread over one axis, with lines where something is decided: scores and their thresholds.

import { axisOf, formatNumber, frame, isDrawable } from './axes.ts';
import { type Drawing, element, seriesColor, text, textWidth, theme } from './svg.ts';

/** What a histogram shows. */
export interface Histogram {
  readonly title: string;
  readonly xLabel?: string;
  /** Numbers of each kind; each kind's bars sum to 1. */
  readonly groups: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  /** Lines across the plot. */
  readonly marks?: readonly { readonly at: number; readonly name: string }[];
  readonly width?: number;
  readonly height?: number;
}

const header = 52;
const bins = 40;
/** The share of each kind that the axis has to hold; what lies beyond it is in the first and the last bar. */
const held = 0.995;
/** The axis is at most so many times as long as the first kind and the marks need. */
const widest = 2.5;

/** A histogram. What lies beyond the axis is counted in the outermost bars; without numbers it says that there are none. */
export function histogram(chart: Histogram): Drawing {
  const { title, xLabel, groups, marks = [], width = 560, height = 280 } = chart;
  const size = { width, height };
  const sorted = groups.map(({ values }) => Float64Array.from(Array.from(values).filter(isDrawable)).sort());
  const shown = marks.filter(({ at }) => isDrawable(at));
  const ends = sorted.flatMap(values =>
    values.length === 0 ? [] : [quantile(values, 1 - held), quantile(values, held)],
  );
  const heading = text(0, 16, title, { size: 14, bold: true }) + legend(groups.map(({ name }) => name));
  if (ends.length === 0) {
    const note = text(width / 2, height / 2, 'no data yet', { color: theme.muted, anchor: 'middle' });
    return { ...size, body: heading + note };
  }
  const places = shown.map(({ at }) => at);
  const low = Math.min(...ends, ...places);
  // The first kind is what the others are seen beside: a long tail of another does not press it together.
  const middle = Math.max(...places, sorted[0]!.length > 0 ? quantile(sorted[0]!, held) : low);
  const most = middle > low ? low + widest * (middle - low) : Number.POSITIVE_INFINITY;
  const high = Math.min(most, Math.max(...ends, ...places));
  const margin = (high - low || Math.max(1, Math.abs(high))) / bins;
  const [first, last] = [low - margin, high + margin];
  const step = (last - first) / bins;
  const shares = sorted.map(values => {
    const counts = new Float64Array(bins);
    for (const value of values) counts[Math.max(0, Math.min(bins - 1, Math.floor((value - first) / step)))]! += 1;
    return counts.map(count => count / Math.max(1, values.length));
  });
  const highest = Math.max(...shares.map(counts => Math.max(...counts)));
  const y = axisOf([0, highest], { widen: true, count: 4 });
  const axes = frame({ ...size, top: header, x: [first, last], y, xLabel });
  const bars = shares.map((counts, i) => outline(counts, axes, { first, step, color: seriesColor(i) }));
  const lines = shown.map(({ at, name }, i) => {
    const [x, top] = [axes.toX(at), header + 14 * i];
    const wide = textWidth(name, 11) + 10;
    const besideAnother = at < Math.max(...places) && x - wide > axes.left;
    const onLeft = x + wide > width || besideAnother;
    return (
      element('line', { x1: x, x2: x, y1: header, y2: axes.bottom, stroke: theme.ink, 'stroke-dasharray': '4 3' }) +
      text(onLeft ? x - 5 : x + 5, top + 9, name, { size: 11, anchor: onLeft ? 'end' : 'start' })
    );
  });
  const beyond = sorted.reduce((sum, values) => sum + values.filter(v => v > last || v < first).length, 0);
  const note =
    beyond === 0
      ? ''
      : text(width - 14, 36, `${formatNumber(beyond, 1)} beyond the axis, in its outermost bars`, {
          size: 11,
          color: theme.muted,
          anchor: 'end',
        });
  return { ...size, body: heading + note + axes.body + bars.join('') + lines.join('') };
}

interface Bars {
  readonly first: number;
  readonly step: number;
  readonly color: string;
}

/** Bars as one filled outline. */
function outline(shares: Float64Array, axes: ReturnType<typeof frame>, { first, step, color }: Bars): string {
  const points: string[] = [];
  const add = (value: number, share: number): void => {
    points.push(`${Math.round(axes.toX(value) * 100) / 100},${Math.round(axes.toY(share) * 100) / 100}`);
  };
  add(first, 0);
  shares.forEach((share, i) => {
    add(first + i * step, share);
    add(first + (i + 1) * step, share);
  });
  add(first + shares.length * step, 0);
  const style = { fill: color, 'fill-opacity': 0.22, stroke: color, 'stroke-width': 1.5, 'stroke-linejoin': 'round' };
  return element('polygon', { points: points.join(' '), ...style });
}

function quantile(ascending: Float64Array, share: number): number {
  return ascending[Math.round(share * (ascending.length - 1))]!;
}

function legend(names: readonly string[]): string {
  let left = 0;
  return names
    .map((name, i) => {
      const swatch = { x: left, y: 28, width: 12, height: 8, fill: seriesColor(i) };
      const body = element('rect', swatch) + text(left + 18, 36, name, { size: 11.5, color: theme.muted });
      left += 18 + textWidth(name, 11.5) + 18;
      return body;
    })
    .join('');
}
