// Points in the plane, coloured by class: maps of latent space above all.

import { type Range, rangeOf } from './axes.ts';
import { type Drawing, element, place, text, textWidth, theme } from './svg.ts';

/** What a scatter chart shows. */
export interface Scatter {
  readonly title: string;
  /** A quieter line below the title. */
  readonly subtitle?: string;
  /** [n, 2] laid flat. */
  readonly points: ArrayLike<number>;
  /** The class of each point, a number of `names`, or −1; all points are alike where there is none. */
  readonly classes?: ArrayLike<number> | undefined;
  /** What the classes are called. */
  readonly names?: readonly string[] | undefined;
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = 24;
const HEADER = 56;
const LINE = 18;
const RADIUS = 2.4;
/** Classes that the legend names. */
const named = 24;

/** Colours of ten classes: those of Tableau 10, darkened where they were too light on white. */
const tenColors = [
  ...['#2563eb', '#ea580c', '#059669', '#9333ea', '#dc2626'],
  ...['#0891b2', '#ca8a04', '#db2777', '#65a30d', '#78716c'],
];

/** The colour of a class; beyond ten, hues that are far apart (by the golden angle). */
export function classColor(index: number): string {
  if (index < 0) return theme.axis;
  return tenColors[index] ?? `hsl(${Math.round((index * 137.508) % 360)}, 62%, ${index % 2 === 0 ? 42 : 56}%)`;
}

/** A scatter chart with equal scales on both axes, which have no ticks: where a point lies matters only beside others. */
export function scatterChart(chart: Scatter): Drawing {
  const { title, subtitle, points, classes, names = [], width = 760, height = 620 } = chart;
  const shown = classes === undefined ? [] : namesShown(classes, names);
  const legendWidth = shown.length === 0 ? 0 : 34 + Math.max(...shown.map(({ name }) => textWidth(name, 12)));
  const plot = { left: 0, top: HEADER, width: width - legendWidth, height: height - HEADER };
  const toPixel = placing(points, plot);
  const dots = Array.from({ length: points.length / 2 }, (_, i) => i).filter(i => toPixel(i).every(Number.isFinite));
  const drawn = dots.map(i => {
    const [cx, cy] = toPixel(i);
    return element('circle', { cx, cy, r: RADIUS, fill: classColor(classes?.[i] ?? 0), 'fill-opacity': 0.7 });
  });
  const heading =
    text(0, 16, title, { size: 16, bold: true }) +
    (subtitle === undefined ? '' : text(0, 37, subtitle, { size: 12, color: theme.muted }));
  const { left, top } = plot;
  const box = { x: left, y: top, width: plot.width, height: plot.height, fill: 'none', stroke: theme.grid, rx: 4 };
  const key = shown.map(({ name, color }, i) => {
    const y = top + 12 + i * LINE;
    return (
      element('circle', { cx: plot.width + 18, cy: y - 4, r: 5, fill: color }) +
      text(plot.width + 30, y, name, { size: 12, color: theme.ink })
    );
  });
  const body = heading + element('rect', box) + drawn.join('') + key.join('');
  return {
    width: width + 2 * MARGIN,
    height: height + 2 * MARGIN,
    body: place({ width, height, body }, MARGIN, MARGIN),
  };
}

/** Names and colours of the classes that occur; those that the legend has no room for are counted. */
function namesShown(classes: ArrayLike<number>, names: readonly string[]): { name: string; color: string }[] {
  const present = [...new Set(Array.from(classes))].sort((a, b) => a - b);
  const legend = present.slice(0, named).map(index => ({
    name: index < 0 ? 'unknown' : (names[index] ?? String(index)),
    color: classColor(index),
  }));
  const rest = present.length - legend.length;
  return rest > 0 ? [...legend, { name: `and ${rest} more`, color: theme.paper }] : legend;
}

/** From a point's number to its pixel: the middle of the points in the middle of the plot. */
function placing(
  points: ArrayLike<number>,
  { left, top, width, height }: { left: number; top: number; width: number; height: number },
): (i: number) => readonly [number, number] {
  const axis = (offset: number): Range =>
    rangeOf(Array.from({ length: points.length / 2 }, (_, i) => points[2 * i + offset]!)) ?? [0, 1];
  const [x, y] = [axis(0), axis(1)];
  const scale = Math.min((width - 24) / (x[1] - x[0]), (height - 24) / (y[1] - y[0]));
  return i => [
    left + width / 2 + scale * (points[2 * i]! - (x[0] + x[1]) / 2),
    top + height / 2 - scale * (points[2 * i + 1]! - (y[0] + y[1]) / 2),
  ];
}
