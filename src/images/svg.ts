// The few pieces of SVG that charts are composed of, and the look that they share: light, quiet, two weights of one
// typeface. A drawing is markup with a size, so that drawings can be placed in larger ones.

/** SVG markup and its size in pixels. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly body: string;
}

/** Colours of the light theme; `series` is told apart also by people who are colour-blind (after Wong 2011). */
export const theme = {
  ink: '#1f2937',
  muted: '#6b7280',
  grid: '#e5e7eb',
  axis: '#9ca3af',
  paper: '#ffffff',
  series: ['#2563eb', '#ea580c', '#059669', '#9333ea', '#ca8a04', '#0891b2'],
  font: "Manrope, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif",
} as const;

/** The colours by name, for a page that has its own in their place. */
export const chartColors: Readonly<Record<string, string>> = {
  ink: theme.ink,
  muted: theme.muted,
  grid: theme.grid,
  axis: theme.axis,
  paper: theme.paper,
  ...Object.fromEntries(theme.series.map((color, i) => [`series${i}`, color])),
};

/** The colour of the n-th series. */
export function seriesColor(index: number): string {
  return theme.series[index % theme.series.length] ?? theme.ink;
}

/** An SVG element; numbers are rounded to a hundredth of a pixel. */
export function element(name: string, attributes: Record<string, string | number>, content = ''): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(shorten(value))}"`);
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

/** How a text is set; `x` and `y` are its anchor on the baseline. */
export interface TextStyle {
  readonly size?: number;
  readonly color?: string;
  readonly bold?: boolean;
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** One line of text. */
export function text(x: number, y: number, content: string, style: TextStyle = {}): string {
  const { size = 12, color = theme.ink, bold = false, anchor = 'start' } = style;
  const attributes = { x, y, 'font-size': size, fill: color, 'font-weight': bold ? 600 : 400, 'text-anchor': anchor };
  return element('text', attributes, escapeXml(content));
}

/** How wide a text is in Manrope, in pixels, to within a few per cent: what is set beside it must not touch it. */
export function textWidth(content: string, size = 12): number {
  let width = 0;
  for (const char of content) {
    if (/[ijl.,:;|!'’·]/.test(char)) width += 0.27;
    else if (/[frt ()[\]"-]/.test(char)) width += 0.38;
    else if (/[mwMWOQ%@]/.test(char)) width += 0.84;
    else if (/[A-ZΑ-Ω]/.test(char)) width += 0.69;
    else width += 0.59;
  }
  return width * size;
}

/** A drawing moved to where it belongs in a larger one. */
export function place(drawing: Drawing, x: number, y: number): string {
  return element('g', { transform: `translate(${shorten(x)} ${shorten(y)})` }, drawing.body);
}

/** A drawing as a whole SVG document on white paper. */
export function toSvg({ width, height, body }: Drawing): string {
  const paper = element('rect', { width, height, fill: theme.paper });
  const attributes = { xmlns: 'http://www.w3.org/2000/svg', width, height, viewBox: `0 0 ${width} ${height}` };
  return element('svg', { ...attributes, 'font-family': theme.font }, paper + body);
}

function shorten(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}

/** Text as XML: escaped, and without the control characters that XML cannot hold. */
function escapeXml(content: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to be left out
  return content.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '').replace(/[&<>"]/g, char => entities[char]!);
}
