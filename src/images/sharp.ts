// The image library sharp (libvips), an optional dependency: it is loaded when a picture needs it.

import type sharp from 'sharp';
import { LatentkitError } from '../errors.ts';

/**
 * The library's function.
 * @param what a picture needs it for: "reading photo.jpg"
 * @throws LatentkitError `data` where it is not installed.
 */
export async function loadSharp(what: string): Promise<typeof sharp> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new LatentkitError(
      'data',
      `${what} takes the npm package sharp, which is not installed here. Run \`npm install sharp\`.`,
      { cause },
    );
  }
}
