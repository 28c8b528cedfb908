// Rows of which a part is hidden, completed: codes are drawn given what is seen alone, and each says what the rest may be.

import { z } from 'zod';
import { areImages } from '../artifact/index.ts';
import { hostRows } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { readImage } from '../images/index.ts';
import {
  calibrate,
  completeRows,
  type Diagnostics,
  type Half,
  halves,
  hiddenAtRandom,
  hiddenBox,
  hiddenHalf,
  hiddenStroke,
  type InferenceMethod,
} from '../inference/index.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import { errorsOfCompletions, hide } from './completion-errors.ts';
import { datasetOf, type RowsInput, rangeOf, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task } from './task.ts';
import { float32Tensor } from './tensors.ts';

export interface CompleteInput extends RowsInput {
  /** The first row. Default 0. */
  readonly start?: number | undefined;
  /** How many rows at most. Default 8. */
  readonly count?: number | undefined;
  /** Half of each image. What is hidden is all that any of these fields hides; by default the bottom half, or a quarter of a row. */
  readonly half?: Half | undefined;
  /** x, y, width, height: in pixels, or in shares of the image where no number is above 1. */
  readonly box?: readonly number[] | undefined;
  /** Lines x, y, x, y, ... of a brush: one, or several. As the box, in pixels or in shares. */
  readonly strokes?: readonly number[] | readonly (readonly number[])[] | undefined;
  /** The brush's width in pixels. Default 3. */
  readonly brush?: number | undefined;
  /** The share of pixels, or of a row's numbers, to hide at random, in each row others. */
  readonly random?: number | undefined;
  /** An image file, white where a pixel is hidden; stretched to the size of the data. */
  readonly mask?: string | undefined;
  /** Default `gradient`, where codes have one. */
  readonly method?: InferenceMethod | undefined;
  /** Completions of each row. Default 8. */
  readonly chains?: number | undefined;
  /** Draws of each chain that count. Default 10. */
  readonly draws?: number | undefined;
  /**
   * Rows of the validation split by whose errors the deviation is calibrated; 0 leaves it as the model says. It costs as
   * much as completing so many rows, once for each mask; the run keeps what was found. Default 64.
   */
  readonly calibration?: number | undefined;
  /** Of a model that is told classes: those of the rows, or inferred. Default: those of the rows, where they have any. */
  readonly classes?: 'given' | 'inferred' | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/** Completed rows. All rows are on the scale of [0, 1]; what was seen is in all of them as it was, to the bit. */
export interface Completed {
  /** The first row's place in the split. */
  readonly start: number;
  /** [n, ...shape of the data]. */
  readonly originals: HostTensor<'float32'>;
  /** As the originals: 1 where a number was hidden, else 0. */
  readonly hidden: HostTensor<'float32'>;
  /** As the originals: the mean of all that the rest may be. */
  readonly mean: HostTensor<'float32'>;
  /** As the originals: the deviation of what is hidden, given what is seen. */
  readonly deviation: HostTensor<'float32'>;
  /**
   * Whether that deviation is as large as errors of held-out rows were. If not, it is what the model says of itself: of a
   * table, of a run whose data are not at hand, or because `calibration` is 0.
   */
  readonly calibrated: boolean;
  /** [n, k, ...shape of the data], the likeliest first. */
  readonly completions: HostTensor<'float32'>;
  /** [n, k]: what share of the posterior each completion stands for. */
  readonly weights: HostTensor<'float32'>;
  readonly method: InferenceMethod;
  /** How far all of this can be trusted, of each row. */
  readonly diagnostics: Diagnostics;
}

const input: z.ZodType<
  Filled<CompleteInput, 'split' | 'start' | 'count' | 'brush' | 'chains' | 'draws' | 'calibration' | 'seed'>,
  CompleteInput
> = z.strictObject({
  ...rowsFields,
  start: z.int().min(0).default(0).describe('the first row'),
  count: z.int().min(1).max(10_000).default(8).describe('how many rows, at most'),
  half: z
    .enum(halves)
    .optional()
    .describe('hide this half of each image (default: bottom, where nothing else is hidden)'),
  box: z.array(z.number()).length(4).optional().describe('hide x,y,width,height, in pixels or in shares of the image'),
  strokes: z
    .union([z.array(z.number()), z.array(z.array(z.number()))])
    .optional()
    .describe('hide what a brush goes over along x,y,x,y,..., in pixels or in shares of the image'),
  brush: z.number().gt(0).default(3).describe('width of the brush in pixels'),
  random: z.number().gt(0).max(1).optional().describe('hide this share of the pixels or numbers, in each row others'),
  mask: z.string().optional().describe('hide what is white in this image file'),
  method: z
    .enum(['gradient', 'gibbs'])
    .optional()
    .describe('how codes are drawn (default: gradient, where codes have one)'),
  chains: z.int().min(1).max(1000).default(8).describe('completions of each row'),
  draws: z.int().min(1).max(10_000).default(10).describe('draws of each completion that the mean is of'),
  calibration: z
    .int()
    .min(0)
    .max(10_000)
    .default(64)
    .describe('held-out rows by whose errors the uncertainty is calibrated; 0: as the model says'),
  classes: z
    .enum(['given', 'inferred'])
    .optional()
    .describe("of a model that is told classes: the rows' own, or inferred (default: the rows' own, where known)"),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
});

export const complete: Task<CompleteInput, Completed> = defineTask({
  name: 'complete',
  summary: summaries.complete,
  example: 'complete runs/mnist-mlp --half bottom --count 8 --out completions.png',
  input,
  output: z.object({
    start: z.int(),
    originals: float32Tensor,
    hidden: float32Tensor,
    mean: float32Tensor,
    deviation: float32Tensor,
    calibrated: z.boolean(),
    completions: float32Tensor,
    weights: float32Tensor,
    method: z.enum(['gradient', 'gibbs']),
    diagnostics: z.object({
      acceptance: float32Tensor,
      scaleReduction: float32Tensor,
      effective: float32Tensor,
      logEvidence: float32Tensor,
    }),
  }),
  async run(context, given) {
    const { vae, config } = context.run;
    const data = await datasetOf(context, given);
    const { start, end } = rangeOf(data, given.start, given.count);
    const rows = await hostRows(data, start, end);
    const originals = toUnitScale(rows, config.model.input.range);
    const hidden = await hiddenPart(given, originals.shape, start);
    const seen = hide(rows, originals, hidden);
    const { method, chains, draws, seed, calibration } = given;
    const told = rows.label?.data.every(label => label >= 0) ?? false;
    const { classes = told ? 'given' : 'inferred' } = given;
    const { signal, progress } = context;
    const count = end - start;
    const part = (from: number, of: number) => (share: number) =>
      progress?.((from + share * of) / (calibration + count));
    const options = { method, chains, draws, classes };
    const errors = await errorsOfCompletions(
      { ...context, progress: part(0, calibration) },
      {
        hidden: await hiddenPart({ ...given, seed: 0 }, [calibration, ...originals.shape.slice(1)], 0),
        rows: calibration,
        ...options,
      },
    );
    const completed = await completeRows(vae, seen, { ...options, seed, signal, progress: part(calibration, count) });
    const { mean, completions, weights, diagnostics } = completed;
    return {
      start,
      originals,
      hidden: float32(Float32Array.from(hidden), originals.shape),
      mean,
      deviation: errors ? calibrate(completed, seen, errors) : completed.deviation,
      calibrated: errors !== undefined,
      completions,
      weights,
      method: completed.method,
      diagnostics,
    };
  },
});

/** Which numbers are hidden, of rows on [n, ...shape]: 1 for each. */
async function hiddenPart(
  given: z.infer<typeof input>,
  [rows = 0, ...shape]: readonly number[],
  firstRow: number,
): Promise<Uint8Array> {
  const [height, width, channels] = areImages(shape) ? (shape as [number, number, number]) : [1, shape[0]!, 1];
  const places = height * width;
  const masks = areImages(shape) ? await masksOf(given, { height, width }) : [];
  const asked = [given.half, given.box, given.strokes, given.mask].some(field => field !== undefined);
  if (asked && !areImages(shape)) {
    throw new LatentkitError(
      'usage',
      `half, box, strokes and mask hide parts of images, but rows here are [${shape.join(', ')}]; hide a share at random.`,
    );
  }
  const { random = areImages(shape) ? undefined : 0.25, seed } = given;
  const drawn = random === undefined ? undefined : hiddenAtRandom(random, { rows, count: places, seed, firstRow });
  return Uint8Array.from({ length: rows * places * channels }, (_, i) => {
    const place = Math.floor(i / channels);
    return Number(drawn?.[place] === 1 || masks.some(mask => mask[place % places] === 1));
  });
}

/** The masks of one image that are asked for; where nothing is, that of its bottom half. */
async function masksOf(
  { half, box, strokes = [], brush, random, mask }: z.infer<typeof input>,
  size: { readonly height: number; readonly width: number },
): Promise<Uint8Array[]> {
  const numbers = strokes.filter(part => typeof part === 'number');
  const polylines = [...(numbers.length > 0 ? [numbers] : []), ...strokes.filter(part => typeof part !== 'number')];
  const [x, y, wide, high] = box ?? [];
  const masks = [
    ...(half === undefined ? [] : [hiddenHalf(size, half)]),
    ...(box === undefined ? [] : [hiddenBox(size, [x!, y!, wide!, high!])]),
    ...polylines.map(points => hiddenStroke(size, points, brush)),
    ...(mask === undefined ? [] : [await maskFile(mask, size)]),
  ];
  return masks.length === 0 && random === undefined ? [hiddenHalf(size, 'bottom')] : masks;
}

/** Pixels that are nearer to white than to black. */
async function maskFile(
  path: string,
  { height, width }: { readonly height: number; readonly width: number },
): Promise<Uint8Array> {
  const { data } = await readImage(path, { size: [height, width], channels: 1, fit: 'fill', background: 'black' });
  return Uint8Array.from(data, value => Number(value > 127));
}
