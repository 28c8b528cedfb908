// The same points as a page that needs nothing else: it zooms, pans, hides classes, and shows the picture under the
// pointer out of one sheet of pictures. Whatever it is given is written as data, never as markup or code.

import { pngUri } from './captions.ts';
import type { Picture } from './picture.ts';
import { classColor, type Scatter } from './scatter.ts';

/** What the page shows beside the points. */
export interface ScatterPage extends Scatter {
  /** What each point is called: "row 17". */
  readonly captions: readonly string[];
  /** A picture for each point, all of one size. */
  readonly pictures?: readonly Picture[] | undefined;
}

/** Sides of a picture in the sheet, at most. */
const thumbnail = 48;

/** A scatter chart as an HTML document. */
export function scatterPage({
  title,
  subtitle = '',
  points,
  classes,
  names = [],
  captions,
  pictures,
}: ScatterPage): string {
  const present = classes === undefined ? [] : [...new Set(Array.from(classes))].sort((a, b) => a - b);
  const data = {
    points: Array.from(points, value => Number(value.toPrecision(5))),
    classes: classes === undefined ? undefined : Array.from(classes),
    legend: present.map(index => ({
      index,
      name: index < 0 ? 'unknown' : (names[index] ?? String(index)),
      color: classColor(index),
    })),
    captions,
    sheet: pictures && sheetOf(pictures.map(thumbnailOf)),
  };
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p></header>
<main>
<canvas tabindex="0" role="img" aria-label="${escapeHtml(`${title}. ${subtitle} Arrow keys move, plus and minus zoom, 0 shows all.`)}"></canvas>
<div id="legend" role="group" aria-label="Classes"></div>
<div id="tip" hidden></div>
</main>
<footer>Wheel or pinch to zoom, drag to move, double-click to see all. Keys: arrows, +, −, 0.</footer>
<script type="application/json" id="data">${json}</script>
<script>${script}</script>
</html>
`;
}

/** All pictures in one, row by row, as a PNG in a data URI. */
function sheetOf(pictures: readonly Picture[]): object {
  const { width, height, channels } = pictures[0]!;
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const rows = Math.ceil(pictures.length / columns);
  const data = new Uint8Array(columns * width * rows * height * channels);
  const line = width * channels;
  for (const [i, picture] of pictures.entries()) {
    const [left, top] = [(i % columns) * width, Math.floor(i / columns) * height];
    for (let y = 0; y < height; y++) {
      data.set(picture.data.subarray(y * line, (y + 1) * line), ((top + y) * columns * width + left) * channels);
    }
  }
  const url = pngUri({ width: columns * width, height: rows * height, channels, data });
  return { width, height, columns, rows, url };
}

/** A picture made smaller by a whole factor, each pixel the mean of those that it stands for. */
function thumbnailOf(picture: Picture): Picture {
  const factor = Math.ceil(Math.max(picture.width, picture.height) / thumbnail);
  if (factor === 1) return picture;
  const { channels } = picture;
  const [width, height] = [Math.floor(picture.width / factor), Math.floor(picture.height / factor)];
  const data = Uint8Array.from({ length: width * height * channels }, (_, at) => {
    const [pixel, c] = [Math.floor(at / channels), at % channels];
    const [left, top] = [(pixel % width) * factor, Math.floor(pixel / width) * factor];
    let sum = 0;
    for (let y = top; y < top + factor; y++) {
      for (let x = left; x < left + factor; x++) sum += picture.data[(y * picture.width + x) * channels + c]!;
    }
    return Math.round(sum / factor ** 2);
  });
  return { width, height, channels, data };
}

function escapeHtml(content: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return content.replace(/[&<>"]/g, char => entities[char]!);
}

const style = `
:root { --ink: #1f2937; --muted: #6b7280; --grid: #e5e7eb; --paper: #ffffff; color-scheme: light dark; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --muted: #9ca3af; --grid: #374151; --paper: #111827; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 16px 20px; height: 100vh; display: flex; flex-direction: column; gap: 10px;
  font: 14px/1.4 Manrope, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; color: var(--ink); background: var(--paper); }
h1 { font-size: 18px; margin: 0; } p, footer { margin: 2px 0 0; color: var(--muted); font-size: 12px; }
main { flex: 1; min-height: 0; display: flex; gap: 14px; position: relative; }
canvas { flex: 1; min-width: 0; width: 100%; height: 100%; border: 1px solid var(--grid); border-radius: 6px;
  cursor: grab; touch-action: none; }
#legend { display: flex; flex-direction: column; gap: 2px; overflow: auto; }
#legend:empty { display: none; }
#legend button { all: unset; cursor: pointer; padding: 2px 8px; border-radius: 4px; font-size: 13px; }
#legend button::before { content: ''; display: inline-block; width: 10px; height: 10px; border-radius: 5px;
  margin-right: 8px; background: var(--color); }
#legend button[aria-pressed='false'] { opacity: 0.4; text-decoration: line-through; }
button:focus-visible, canvas:focus-visible { outline: 2px solid #2563eb; outline-offset: 1px; }
#tip { position: absolute; pointer-events: none; padding: 6px; border: 1px solid var(--grid); border-radius: 6px;
  background: var(--paper); font-size: 12px; box-shadow: 0 2px 8px rgb(0 0 0 / 0.2); }
#tip div { background-repeat: no-repeat; image-rendering: pixelated; margin-bottom: 4px; }
`;

const script = `
'use strict';
const { points, classes, legend, captions, sheet } = JSON.parse(document.getElementById('data').textContent);
const canvas = document.querySelector('canvas'), tip = document.getElementById('tip');
const context = canvas.getContext('2d');
const count = points.length / 2;
const colors = new Map(legend.map(({ index, color }) => [index, color]));
const hidden = new Set();
const names = new Map(legend.map(({ index, name }) => [index, name]));
const view = { x: 0, y: 0, scale: 1 };
const visible = i => !hidden.has(classes ? classes[i] : 0);
const toScreen = i => [
  canvas.clientWidth / 2 + (points[2 * i] - view.x) * view.scale,
  canvas.clientHeight / 2 - (points[2 * i + 1] - view.y) * view.scale,
];
function showAll() {
  const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
  for (let i = 0; i < points.length; i++) {
    low[i % 2] = Math.min(low[i % 2], points[i]);
    high[i % 2] = Math.max(high[i % 2], points[i]);
  }
  view.x = (low[0] + high[0]) / 2;
  view.y = (low[1] + high[1]) / 2;
  view.scale = 0.94 * Math.min(canvas.clientWidth / (high[0] - low[0] || 1), canvas.clientHeight / (high[1] - low[1] || 1));
  draw();
}
let asked = false;
function draw() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(canvas.clientWidth * ratio);
    canvas.height = Math.round(canvas.clientHeight * ratio);
    context.scale(ratio, ratio);
    context.globalAlpha = 0.75;
    for (let i = 0; i < count; i++) {
      if (!visible(i)) continue;
      const [x, y] = toScreen(i);
      context.fillStyle = classes ? colors.get(classes[i]) : '#2563eb';
      context.beginPath();
      context.arc(x, y, i === marked ? 7 : 3, 0, 2 * Math.PI);
      context.fill();
    }
  });
}
function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const dx = (x - canvas.clientWidth / 2) / view.scale, dy = (canvas.clientHeight / 2 - y) / view.scale;
  view.scale *= factor;
  view.x += dx * (1 - 1 / factor);
  view.y += dy * (1 - 1 / factor);
  draw();
}
let marked = -1;
function mark(i, x, y) {
  if (i !== marked) draw();
  marked = i;
  tip.hidden = i < 0;
  if (i < 0) return;
  tip.replaceChildren();
  if (sheet) {
    const factor = Math.max(1, Math.round(96 / Math.max(sheet.width, sheet.height)));
    const image = document.createElement('div');
    Object.assign(image.style, {
      width: sheet.width * factor + 'px',
      height: sheet.height * factor + 'px',
      backgroundImage: 'url(' + sheet.url + ')',
      backgroundSize: sheet.columns * sheet.width * factor + 'px ' + sheet.rows * sheet.height * factor + 'px',
      backgroundPosition: -(i % sheet.columns) * sheet.width * factor + 'px ' + -Math.floor(i / sheet.columns) * sheet.height * factor + 'px',
    });
    tip.append(image);
  }
  tip.append(captions[i] + (classes ? ': ' + names.get(classes[i]) : ''));
  tip.style.left = Math.min(x + 14, canvas.clientWidth - tip.offsetWidth - 4) + 'px';
  tip.style.top = Math.max(4, Math.min(y + 14, canvas.clientHeight - tip.offsetHeight - 4)) + 'px';
}
function nearest(x, y) {
  let best = -1, least = 14 ** 2;
  for (let i = 0; i < count; i++) {
    if (!visible(i)) continue;
    const [px, py] = toScreen(i);
    const distance = (px - x) ** 2 + (py - y) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
const touches = new Map();
const spread = () => {
  const [a, b] = [...touches.values()];
  return Math.hypot(a.x - b.x, a.y - b.y);
};
canvas.addEventListener('pointerdown', event => {
  canvas.setPointerCapture(event.pointerId);
  touches.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
});
canvas.addEventListener('pointermove', event => {
  const { offsetX: x, offsetY: y } = event;
  const before = touches.get(event.pointerId);
  if (!before) return mark(nearest(x, y), x, y);
  if (touches.size === 1) {
    view.x -= (x - before.x) / view.scale;
    view.y += (y - before.y) / view.scale;
    touches.set(event.pointerId, { x, y });
    mark(-1);
    draw();
  } else if (touches.size === 2) {
    const old = spread();
    touches.set(event.pointerId, { x, y });
    if (old > 0) zoom(spread() / old);
  }
});
for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, event => {
  touches.delete(event.pointerId);
  if (event.pointerType === 'touch') mark(nearest(event.offsetX, event.offsetY), event.offsetX, event.offsetY);
});
canvas.addEventListener('pointerleave', () => mark(-1));
canvas.addEventListener('wheel', event => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
}, { passive: false });
canvas.addEventListener('dblclick', showAll);
canvas.addEventListener('keydown', event => {
  const step = 40 / view.scale;
  const act = {
    ArrowLeft: () => { view.x -= step; }, ArrowRight: () => { view.x += step; },
    ArrowUp: () => { view.y += step; }, ArrowDown: () => { view.y -= step; },
    '+': () => zoom(1.25), '=': () => zoom(1.25), '-': () => zoom(0.8), 0: showAll,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
  draw();
});
for (const { index, name, color } of legend) {
  const button = document.createElement('button');
  button.textContent = name;
  button.style.setProperty('--color', color);
  button.setAttribute('aria-pressed', 'true');
  button.addEventListener('click', () => {
    if (!hidden.delete(index)) hidden.add(index);
    button.setAttribute('aria-pressed', String(!hidden.has(index)));
    draw();
  });
  document.getElementById('legend').append(button);
}
window.addEventListener('resize', draw);
showAll();
`;
