// A report as one HTML file: nothing is loaded from anywhere and nothing is executed, so it can be sent by mail and opened in
// ten years. Light and dark as the reader's system is; charts are SVG in the page's own colours.

import { chartColors, type Drawing } from '../images/index.ts';

/** A piece of HTML: what is written into `html` unescaped. */
export interface Html {
  readonly markup: string;
}

type Value = string | number | Html | readonly Html[] | undefined;

/**
 * HTML of a template, in which whatever is not HTML already is escaped.
 * @example html`<td>${name}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { markup: parts.map((part, i) => (i === 0 ? part : written(values[i - 1]) + part)).join('') };
}

function written(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return isList(value) ? value.map(({ markup }) => markup).join('') : value.markup;
}

function isList(value: Html | readonly Html[]): value is readonly Html[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be left out
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"']/g, char => entities[char]!);
}

/** A drawing within the page, in the page's colours. `label` says in words what it shows. */
export function inlineSvg({ width, height, body }: Drawing, label: string): Html {
  const inked = Object.entries(chartColors).reduce(
    (markup, [name, color]) => markup.replaceAll(`"${color}"`, `"var(--${name})"`),
    body,
  );
  const svg = html`<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${label}">`;
  return { markup: `${svg.markup}${inked}</svg>` };
}

/** A picture within the page. */
export function inlinePng(png: Uint8Array, alt: string): Html {
  let binary = '';
  for (const byte of png) binary += String.fromCharCode(byte);
  return html`<img src="data:image/png;base64,${btoa(binary)}" alt="${alt}">`;
}

/** A whole page. */
export function page(title: string, body: readonly Html[]): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.markup;
}

const style = `
:root { color-scheme: light dark; --ink: #1f2937; --muted: #5b6472; --grid: #e5e7eb; --axis: #9ca3af; --paper: #ffffff;
  --card: #f6f7f9; --alarm: #b42318; --doubt: #8a5a00; --calm: #0b6b4f;
  --series0: #2563eb; --series1: #ea580c; --series2: #059669; --series3: #9333ea; --series4: #ca8a04; --series5: #0891b2; }
@media (prefers-color-scheme: dark) { :root { --ink: #e5e7eb; --muted: #a3acba; --grid: #2f3743; --axis: #6b7280;
  --paper: #14181f; --card: #1d232c; --alarm: #ff8a80; --doubt: #f2c14e; --calm: #5fd3a7;
  --series0: #7aa7ff; --series1: #ff9b63; --series2: #4fd1a1; --series3: #c792f7; --series4: #e3c04a; --series5: #5cc8dd; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font-family: Manrope, system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.6rem; margin: 0 0 4px; } h2 { font-size: 1.15rem; margin: 40px 0 12px; }
p { margin: 0 0 10px; max-width: 75ch; } .quiet { color: var(--muted); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; margin: 20px 0; }
.cards div { background: var(--card); border-radius: 8px; padding: 12px 14px; }
.cards dt { color: var(--muted); font-size: .82rem; } .cards dd { margin: 0; font-size: 1.15rem; font-weight: 600; }
.note { border-left: 4px solid var(--doubt); background: var(--card); padding: 10px 14px; margin: 10px 0; }
.note.alarm { border-color: var(--alarm); } .note.calm { border-color: var(--calm); }
figure { margin: 0 0 20px; } figcaption { color: var(--muted); font-size: .88rem; max-width: 75ch; }
svg { max-width: 100%; height: auto; font-family: inherit; }
.charts { display: flex; flex-wrap: wrap; gap: 28px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--muted); padding-bottom: 6px; }
th, td { text-align: left; padding: 5px 16px 5px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { font-weight: 600; } td.number { text-align: right; }
.anomaly { color: var(--alarm); font-weight: 600; } .unsure { color: var(--doubt); font-weight: 600; }
.rows { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 20px; }
.rows > article { background: var(--card); border-radius: 8px; padding: 14px; overflow-x: auto; }
.rows h3 { margin: 0 0 2px; font-size: 1rem; } .rows p { font-size: .88rem; }
.pictures { display: flex; gap: 10px; margin: 8px 0 0; } .pictures figure { margin: 0; flex: 1; }
.pictures img { width: 100%; image-rendering: pixelated; border-radius: 4px; display: block; }
meter { width: 84px; height: 10px; }
`;
