// A grid of images with a few words before each of its lines.

import type { Picture } from './picture.ts';
import { encodePng } from './png.ts';
import { type Drawing, element, text, textWidth, theme } from './svg.ts';

const SIZE = 12;

/** A picture whose lines, all as high, have one caption each. */
export function captioned(picture: Picture, captions: readonly string[]): Drawing {
  const left = Math.ceil(16 + Math.max(0, ...captions.map(caption => textWidth(caption, SIZE))));
  const { width, height } = picture;
  const line = height / captions.length;
  const words = captions.map((caption, i) =>
    text(left - 8, (i + 0.5) * line + SIZE / 3, caption, { size: SIZE, color: theme.muted, anchor: 'end' }),
  );
  const href = pngUri(picture);
  const image = element('image', { x: left, y: 0, width, height, href, 'image-rendering': 'pixelated' });
  return { width: left + width, height, body: words.join('') + image };
}

/** A picture as an address that holds it. */
export function pngUri(picture: Picture): string {
  const bytes = Array.from(encodePng(picture), byte => String.fromCharCode(byte));
  return `data:image/png;base64,${btoa(bytes.join(''))}`;
}
