// Pictures in a terminal: each character is two pixels, an upper half block in one colour on a background of another.

import type { Picture } from './picture.ts';

/** How a preview is drawn. */
export interface PreviewOptions {
  /** Characters in a line; wider pictures are made smaller. 80 by default. */
  readonly width?: number;
  /** What the terminal can show: 24-bit colours (the default) or the 256 of xterm. */
  readonly color?: '24bit' | '256';
}

type Color = readonly [red: number, green: number, blue: number];

const RESET = '\u001b[0m';
const NO_BACKGROUND = '\u001b[49m';

/** A picture as lines of half blocks with ANSI colours, each line ending in a reset and a line feed. */
export function halfBlocks(picture: Picture, options: PreviewOptions = {}): string {
  const { width: limit = 80, color = '24bit' } = options;
  const shrink = Math.max(1, picture.width / Math.max(1, limit));
  const width = Math.max(1, Math.floor(picture.width / shrink));
  const height = Math.max(1, Math.floor(picture.height / shrink));
  const code = color === '256' ? xtermCode : trueColorCode;
  let text = '';
  for (let y = 0; y < height; y += 2) {
    let before = '';
    for (let x = 0; x < width; x++) {
      const upper = code(38, areaMean(picture, x, y, shrink));
      const lower = y + 1 < height ? code(48, areaMean(picture, x, y + 1, shrink)) : NO_BACKGROUND;
      const codes = upper + lower;
      text += `${codes === before ? '' : codes}▀`;
      before = codes;
    }
    text += `${RESET}\n`;
  }
  return text;
}

/** The mean colour of the square of source pixels that one shown pixel stands for. */
function areaMean({ width, height, channels, data }: Picture, x: number, y: number, size: number): Color {
  const sums: [number, number, number] = [0, 0, 0];
  const [left, top] = [Math.floor(x * size), Math.floor(y * size)];
  const right = Math.min(width, Math.max(left + 1, Math.floor((x + 1) * size)));
  const bottom = Math.min(height, Math.max(top + 1, Math.floor((y + 1) * size)));
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const at = (row * width + column) * channels;
      for (let c = 0; c < 3; c++) sums[c]! += data[at + Math.min(c, channels - 1)]!;
    }
  }
  const count = (right - left) * (bottom - top);
  return [Math.round(sums[0] / count), Math.round(sums[1] / count), Math.round(sums[2] / count)];
}

function trueColorCode(layer: 38 | 48, [red, green, blue]: Color): string {
  return `\u001b[${layer};2;${red};${green};${blue}m`;
}

/** xterm's 24 greys for what is grey, else its cube of 6 x 6 x 6 colours. */
function xtermCode(layer: 38 | 48, [red, green, blue]: Color): string {
  const grey = red === green && green === blue;
  if (grey && red > 3 && red < 247) return `\u001b[${layer};5;${232 + Math.min(23, Math.round((red - 8) / 10))}m`;
  const level = (value: number): number => Math.round((value / 255) * 5);
  return `\u001b[${layer};5;${16 + 36 * level(red) + 6 * level(green) + level(blue)}m`;
}
