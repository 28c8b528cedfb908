// Noisy data made clean: by a run that was trained on corrupted data, in one pass; by any other, from what its model knows of
// clean data and what the noise does to them (src/inference).

import { z } from 'zod';
import { hostRows } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { psnr } from '../evaluate/index.ts';
import { readImage } from '../images/index.ts';
import { denoiseByModel, type NoiseType } from '../inference/index.ts';
import { type Corruption, corruptRows, type InputSpec } from '../models/index.ts';
import { float32, type HostTensor, type RowTensor } from '../runtime/index.ts';
import { denoisesAudio, denoiseWav } from './denoise-audio.ts';
import { datasetOf, type RowsInput, rangeOf, rowsFields, toUnitScale } from './rows.ts';
import { summaries } from './summaries.ts';
import { defineTask, type Filled, type Task, type TaskContext } from './task.ts';
import { float32Tensor } from './tensors.ts';
import { byWindows } from './windows.ts';

export interface DenoiseInput extends RowsInput {
  /** The first row. Default 0. */
  readonly start?: number | undefined;
  /** How many rows at most. Default 8. */
  readonly count?: number | undefined;
  /** What noise there is, for a run that was not trained on noisy data. Default `gaussian`. */
  readonly noise?: NoiseType | undefined;
  /** How much of it: a deviation, a share of the pixels, photons of white. Default: estimated. */
  readonly level?: number | undefined;
  /** Default 0. */
  readonly seed?: number | undefined;
}

/**
 * Noisy and denoised rows on the scale of [0, 1]; of an image file one row of the image's own size, of a WAV file its
 * channels from −1 to 1.
 */
export interface Denoised {
  readonly method: 'trained' | 'posterior' | 'spectral';
  /** Of sound, samples a second. */
  readonly rate?: number | undefined;
  /** [n, ...shape]. */
  readonly noisy: HostTensor<'float32'>;
  /** As the noisy ones. */
  readonly denoised: HostTensor<'float32'>;
  /** [n]: the level that was given or estimated, by the method `posterior`. */
  readonly level?: HostTensor<'float32'> | undefined;
  /** Of the run's own rows, to which the noise was added: PSNR in decibels of their mean squared error, before and after. */
  readonly psnr?: { readonly noisy: number; readonly denoised: number } | undefined;
}

const noiseTypes = ['gaussian', 'poisson', 'speckle', 'saltAndPepper'] as const;

const input: z.ZodType<Filled<DenoiseInput, 'split' | 'start' | 'count' | 'seed'>, DenoiseInput> = z.strictObject({
  ...rowsFields,
  start: z.int().min(0).default(0).describe('the first row'),
  count: z.int().min(1).max(100_000).default(8).describe('how many rows, at most'),
  noise: z
    .enum(noiseTypes)
    .optional()
    .describe('what noise there is, for a run that was not trained on noisy data (default: gaussian)'),
  level: z
    .number()
    .gt(0)
    .optional()
    .describe('how much: a deviation, a share of the pixels, photons of white (default: estimated)'),
  seed: z.int().min(0).default(0).describe('seed of the draws'),
});

const output: z.ZodType<Denoised> = z.object({
  method: z.enum(['trained', 'posterior', 'spectral']),
  rate: z.number().optional(),
  noisy: float32Tensor,
  denoised: float32Tensor,
  level: float32Tensor.optional(),
  psnr: z.object({ noisy: z.number(), denoised: z.number() }).optional(),
});

type Given = z.output<typeof input>;

export const denoise: Task<DenoiseInput, Denoised> = defineTask({
  name: 'denoise',
  summary: summaries.denoise,
  example: 'denoise runs/mnist-mlp --noise gaussian --level 0.5 --count 8 --out denoised.png',
  input,
  output,
  async run(context, given) {
    const { data: source } = given;
    if (denoisesAudio(context.run)) return denoiseWav(context, source);
    if (typeof source === 'string' && /\.(png|jpe?g|webp|avif|gif)$/i.test(source)) return denoiseImage(context, given);
    const { range, columns } = context.run.config.model.input;
    if (columns !== undefined) {
      throw new LatentkitError(
        'usage',
        'denoise: expected a model of images or sound, got one of a table. `latentkit detect` says which of its values are ' +
          'unlikely, `latentkit impute` fills in what is missing.',
      );
    }
    const data = await datasetOf(context, given);
    const { start, end } = rangeOf(data, given.start, given.count);
    const rows = await hostRows(data, start, end);
    if (source !== undefined || context.rows !== undefined) {
      const noisy = toUnitScale(rows, range);
      return { noisy, ...(await denoiseRows(context, { ...rows, ...noisy }, given)) };
    }
    // The run's own rows are clean; they are made noisy to show what comes of them.
    const noisy = await makeNoisy(context, rows, given, start);
    const result = await denoiseRows(context, noisy, given);
    const clean = toUnitScale(rows, range);
    return {
      noisy: float32(noisy.data, noisy.shape),
      ...result,
      psnr: { noisy: decibels(noisy, clean), denoised: decibels(result.denoised, clean) },
    };
  },
});

/** Denoises rows on the scale of [0, 1]. */
async function denoiseRows(
  { run: { vae }, signal, progress }: TaskContext,
  noisy: RowTensor<'float32'>,
  { noise: type = 'gaussian', level, seed }: Given,
): Promise<Pick<Denoised, 'method' | 'denoised' | 'level'>> {
  const { corruption, input: data } = vae.model.spec;
  if (corruption !== undefined) {
    const { mean } = await vae.run('reconstruct', { ...noisy, ...asData(noisy, data) });
    signal?.throwIfAborted();
    progress?.(1);
    return { method: 'trained', denoised: mean! };
  }
  const result = await denoiseByModel(vae, noisy, { noise: { type, level }, seed, signal, progress });
  return { method: 'posterior', denoised: result.mean, level: result.level };
}

/** An image file in its own size, by windows of the model's. */
async function denoiseImage(context: TaskContext, given: Given): Promise<Denoised> {
  const { shape } = context.run.vae.model.spec.input;
  const [height, width, channels] = shape;
  if (shape.length !== 3 || (channels !== 1 && channels !== 3)) {
    throw new LatentkitError(
      'data',
      `${given.data}: the model takes rows [${shape.join(', ')}], which are no images. Name data of its kind.`,
    );
  }
  const image = toUnitScale(await readImage(given.data as string, { channels }), [0, 255]);
  let found: Pick<Denoised, 'method' | 'level'> | undefined;
  const denoised = await byWindows(image, [height!, width!], async windows => {
    const { denoised, ...rest } = await denoiseRows(context, windows, given);
    found = rest;
    return denoised;
  });
  const one = (tensor: HostTensor<'float32'>): HostTensor<'float32'> => float32(tensor.data, [1, ...tensor.shape]);
  return { method: found!.method, noisy: one(image), denoised: one(denoised), ...meanLevel(found!.level) };
}

/** One level for the whole image: the windows' mean. */
function meanLevel(level: HostTensor<'float32'> | undefined): Pick<Denoised, 'level'> {
  if (level === undefined) return {};
  const mean = level.data.reduce((sum, value) => sum + value, 0) / level.data.length;
  return { level: float32(Float32Array.of(mean), [1]) };
}

/** How much noise is shown, where nothing else is said. */
const shown: Readonly<Record<NoiseType, number>> = { gaussian: 0.5, speckle: 0.5, poisson: 10, saltAndPepper: 0.3 };

/** Clean rows with the noise that the run was trained for, or that is asked for; for inference not held to black and white. */
function makeNoisy(
  { run: { vae } }: TaskContext,
  rows: RowTensor,
  { noise = 'gaussian', level = shown[noise], seed }: Given,
  firstRow: number,
): Promise<RowTensor<'float32'>> {
  const { corruption, input: data } = vae.model.spec;
  const noises: Readonly<Record<NoiseType, Corruption>> = {
    gaussian: { type: 'gaussian', deviation: level },
    speckle: { type: 'speckle', deviation: level },
    poisson: { type: 'poisson', photons: level },
    saltAndPepper: { type: 'saltAndPepper', rate: level },
  };
  return corruptRows(rows, corruption ?? noises[noise], {
    input: data,
    clip: corruption !== undefined,
    runtime: vae.runtime,
    seed,
    firstRow,
  });
}

/** Rows of [0, 1] in the type and range of a model's data. */
function asData({ data, shape }: HostTensor<'float32'>, { dtype, range: [low, high] }: InputSpec): HostTensor {
  const scaled = data.map(value => low + value * (high - low));
  return dtype === 'float32'
    ? float32(scaled, shape)
    : { dtype, shape, data: Uint8Array.from(Uint8ClampedArray.from(scaled)) };
}

/** Of all rows together. */
function decibels(rows: HostTensor, clean: HostTensor): number {
  const flat = ({ data }: HostTensor) => ({ shape: [1, data.length], data });
  return psnr(flat(rows), flat(clean))[0]!;
}
