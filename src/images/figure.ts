// Several charts as one figure with a title.

import { type Drawing, place, text, theme } from './svg.ts';

/** How a figure is laid out. */
export interface FigureOptions {
  readonly title: string;
  /** A quieter line below the title: model, data set, what kind of figure the numbers are. */
  readonly subtitle?: string;
  /** Panels in a row; by default all of up to three. */
  readonly columns?: number;
}

const MARGIN = 28;
const GAP = 32;

/**
 * Panels side by side under a title, all of them in cells as large as the largest.
 * @example await renderPng(figure([lineChart(bound), lineChart(kl)], { title: 'Learning curves' }))
 */
export function figure(panels: readonly Drawing[], options: FigureOptions): Drawing {
  const { title, subtitle, columns = Math.min(3, panels.length) } = options;
  const cellWidth = Math.max(0, ...panels.map(panel => panel.width));
  const cellHeight = Math.max(0, ...panels.map(panel => panel.height));
  const top = MARGIN + (subtitle === undefined ? 40 : 62);
  const placed = panels.map((panel, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    return place(panel, MARGIN + column * (cellWidth + GAP), top + row * (cellHeight + GAP));
  });
  const heading =
    text(MARGIN, MARGIN + 16, title, { size: 20, bold: true }) +
    (subtitle === undefined ? '' : text(MARGIN, MARGIN + 38, subtitle, { size: 12.5, color: theme.muted }));
  const rows = Math.ceil(panels.length / columns);
  return {
    width: 2 * MARGIN + columns * cellWidth + (columns - 1) * GAP,
    height: top + rows * cellHeight + (rows - 1) * GAP + MARGIN,
    body: heading + placed.join(''),
  };
}
