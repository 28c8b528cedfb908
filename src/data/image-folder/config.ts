// How a folder of images becomes rows, as people write it and as a run keeps it.

import { z } from 'zod';
import type { ImageFormat } from '../../images/decode.ts';
import { type Share, shareSchema } from '../split.ts';

/** A folder of image files, or one such file. Settled by loading, it says everything but which files there are. */
export interface ImagesConfig {
  readonly type: 'images';
  readonly path: string;
  /** A side of squares, or height and width. By default that of all images, or a smaller one that fits most. */
  readonly size?: number | readonly [height: number, width: number] | undefined;
  /** By default 1 where all images of a sample are grey, else 3. */
  readonly channels?: ImageFormat['channels'] | undefined;
  /** What happens to images of other proportions; `cover` by default. */
  readonly fit?: ImageFormat['fit'] | undefined;
  /** The ground below what is transparent and around what is padded; white by default. */
  readonly background?: string | undefined;
  /** Whether a file that cannot be read is an error. By default it is reported and left out. */
  readonly strict?: boolean | undefined;
  /** Whether subfolders are classes, or which are. By default they are where all images lie in them. */
  readonly classes?: boolean | readonly string[] | undefined;
  /** What to set aside for validation, by a fixed shuffle; 0.1 by default. Not used where the folder has its own. */
  readonly validation?: Share | undefined;
  /** What to set aside for the test, or the path of the test images; 0.1 by default. Not used where the folder has its own. */
  readonly test?: Share | string | undefined;
}

/** A config of which nothing is left to infer but how the rows are split. */
export interface SettledConfig extends ImagesConfig {
  readonly size: readonly [height: number, width: number];
  readonly channels: ImageFormat['channels'];
  readonly fit: ImageFormat['fit'];
  readonly background: string;
  readonly strict: boolean;
}

const path = z.string().min(1);
const side = z.int().min(1).max(4096);

export const imagesSchema: z.ZodType<ImagesConfig> = z.strictObject({
  type: z.literal('images'),
  path: path.describe('a folder of PNG, JPEG, WebP, AVIF or GIF files, or one such file'),
  size: z
    .union([side, z.tuple([side, side])])
    .optional()
    .describe('a side of squares, or height and width; by default that of all images, or a smaller one'),
  channels: z
    .literal([1, 3])
    .optional()
    .describe('1 for grey, 3 for colour; by default 1 where all images of a sample are grey'),
  fit: z
    .enum(['cover', 'contain', 'fill'])
    .optional()
    .describe('images of other proportions are cropped (cover, the default), padded (contain) or distorted (fill)'),
  background: z
    .union([z.enum(['white', 'grey', 'black']), z.string().regex(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i, '#rrggbb')])
    .optional()
    .describe('the ground below what is transparent and around what is padded: white (the default) or #rrggbb'),
  strict: z.boolean().optional().describe('whether a file that cannot be read is an error'),
  classes: z
    .union([z.boolean(), z.array(z.string())])
    .optional()
    .describe('whether subfolders are classes, or which are; by default where all images lie in them'),
  validation: shareSchema.optional().describe('fraction or number of rows for validation; 0.1 by default'),
  test: z
    .union([shareSchema, path])
    .optional()
    .describe('fraction or number of rows for the test, or the path of the test images; 0.1 by default'),
});

/** What images become by a settled config. */
export function formatOf({ size, channels, fit, background }: SettledConfig): ImageFormat {
  return { size, channels, fit, background };
}
