// A model is data: this is its format. `ModelOptions` is what people write, with shorthand and defaults; `ModelSpec` is
// the same in full, which is what everything else reads and what a run folder keeps. A spec is valid options as well.

import { z } from 'zod';
import { type Column, columnsSchema } from '../columns.ts';
import { LatentkitError } from '../errors.ts';
import { type Layer, layerSchema } from '../nn/index.ts';
import { parseSpec } from '../schema.ts';
import { type Condition, type ConditionOptions, conditionSchema } from './condition.ts';
import { type Corruption, corruptionSchema, misfitOf } from './corruption.ts';
import { type Likelihood, likelihoodOf, likelihoodSchema, likelihoods } from './likelihoods/index.ts';
import { checkObjective } from './objectives/check.ts';
import {
  completeObjective,
  type Objective,
  type ObjectiveOptions,
  objectiveOptionsSchema,
  objectives,
} from './objectives/index.ts';
import type { OptionsOf } from './objectives/objective.ts';
import { type Posterior, posteriorSchema, posteriors } from './posteriors/index.ts';
import { checkCodes } from './priors/check.ts';
import { type Prior, priorSchema, priors } from './priors/index.ts';
import { checkSampler, type Sampler, samplerSchema, samplerTypes } from './sampler.ts';
import { checkTable } from './table.ts';

/** What one example is. */
export interface InputSpec {
  /** An image [height, width, channels], or a vector [width]. */
  readonly shape: readonly number[];
  readonly dtype: 'uint8' | 'float32';
  /** The values that the model sees as 0 and as 1; [0, 1] for a table, whose columns have scales of their own. */
  readonly range: readonly [number, number];
  /** Of a table: what each number of a row is. NaN stands for what is missing. */
  readonly columns?: readonly Column[] | undefined;
}

/**
 * - `none`: grey values as they are
 * - `static`: the data were binarised beforehand, once
 * - `dynamic`: each pixel is drawn anew, with its grey value as probability, whenever it is seen
 */
export type Binarization = 'none' | 'static' | 'dynamic';

/** A model in full. JSON-able. */
export interface ModelSpec {
  readonly input: InputSpec;
  readonly binarization: Binarization;
  /** What is done in training to the data that the encoder sees; nothing where it is left out. */
  readonly corruption?: Corruption | undefined;
  /** What encoder and decoder are told beside data and code; nothing where it is left out. */
  readonly condition?: Condition | undefined;
  /** Dimensions of the code. */
  readonly latent: number;
  /** From the data, channels first and scaled to [0, 1], to features: [width]. */
  readonly encoder: readonly Layer[];
  /** From the code [latent] to what the likelihood needs: its last width may be `'output'`. */
  readonly decoder: readonly Layer[];
  readonly likelihood: Likelihood;
  readonly posterior: Posterior;
  readonly prior: Prior;
  readonly objective: Objective;
  /** What new codes are drawn by; the prior where it is left out. It is fitted after training and changes nothing of it. */
  readonly sampler?: Sampler | undefined;
}

/** A model as people write it. */
export interface ModelOptions {
  /** A shape alone is bytes from 0 to 255 for an image, floats from 0 to 1 for a vector. */
  readonly input:
    | readonly number[]
    | {
        readonly shape: readonly number[];
        readonly dtype?: InputSpec['dtype'] | undefined;
        readonly range?: InputSpec['range'] | undefined;
        readonly columns?: InputSpec['columns'];
      };
  /** Default `none`. */
  readonly binarization?: Binarization | undefined;
  /** Default: none. */
  readonly corruption?: Corruption | undefined;
  /** Default: none. */
  readonly condition?: ConditionOptions | undefined;
  readonly latent: number;
  readonly encoder: readonly Layer[];
  readonly decoder: readonly Layer[];
  /** Default `bernoulli`, of a table `mixed`. A name alone means its definition’s `byName`: `normal` is one shared learned variance. */
  readonly likelihood?: PartOptions<Likelihood> | undefined;
  /** Default `diagonalGaussian`. */
  readonly posterior?: PartOptions<Posterior> | undefined;
  /** Default `standardNormal`. */
  readonly prior?: PartOptions<Prior> | undefined;
  /** Default `elbo`, the bound. */
  readonly objective?: Objective['type'] | ObjectiveOptions | undefined;
  /** Short for `objective: { klWeight }`. Default 1, the bound itself. */
  readonly klWeight?: number | undefined;
  /** Default: the prior. */
  readonly sampler?: PartOptions<Sampler> | undefined;
}

/** A part by its name, or with some of its fields: what is left out takes its default. */
type PartOptions<S extends { readonly type: string }> = S extends unknown ? S['type'] | OptionsOf<S> : never;

const shapeSchema = z.array(z.int().min(1)).min(1).max(3);

const optionsSchema: z.ZodType<ModelOptions> = z.strictObject({
  input: z.union([
    shapeSchema,
    z.strictObject({
      shape: shapeSchema,
      dtype: z.enum(['uint8', 'float32']).optional(),
      range: z.tuple([z.number(), z.number()]).optional(),
      columns: columnsSchema.optional(),
    }),
  ]),
  binarization: z.enum(['none', 'static', 'dynamic']).optional(),
  corruption: corruptionSchema.optional(),
  condition: conditionSchema.optional(),
  latent: z.int().min(1),
  encoder: z.array(layerSchema),
  decoder: z.array(layerSchema),
  likelihood: z.union([z.enum(namesOf(likelihoods)), likelihoodSchema]).optional(),
  posterior: z.union([z.enum(namesOf(posteriors)), posteriorSchema]).optional(),
  prior: z.union([z.enum(namesOf(priors)), priorSchema]).optional(),
  objective: z.union([z.enum(namesOf(objectives)), objectiveOptionsSchema]).optional(),
  klWeight: z.number().min(0).optional(),
  sampler: z.union([z.enum(samplerTypes), samplerSchema]).optional(),
});

function namesOf<K extends string>(table: Readonly<Record<K, unknown>>): [K, ...K[]] {
  return Object.keys(table) as [K, ...K[]];
}

/**
 * A model, typed: validates and fills in what was left out. Whether the layers fit together shows in `buildModel`.
 *
 * @throws LatentkitError `spec` with a sentence for each fault.
 * @example vae({ input: [28, 28, 1], latent: 32, encoder: [flatten(), dense(256), relu()],
 *   decoder: [dense(256), relu(), dense('output')], likelihood: 'bernoulli', klWeight: 1 })
 */
export function vae(options: ModelOptions): ModelSpec {
  return parseModel(options);
}

/** Reads a model spec from anything, such as a parsed file. Throws as `vae` does. */
export function parseModel(value: unknown): ModelSpec {
  const spec = complete(parseSpec(optionsSchema, value, 'model spec'));
  checkTable(spec);
  checkParts(spec);
  checkCodes(spec);
  checkObjective(spec.objective, spec.posterior, spec.condition);
  if (spec.sampler) checkSampler(spec.sampler, spec);
  return spec;
}

/** The JSON Schema of what `parseModel` takes, for editors. */
export function modelJsonSchema(): Record<string, unknown> {
  return { title: 'Latentkit model', ...z.toJSONSchema(optionsSchema, { io: 'input' }) };
}

function complete(options: ModelOptions): ModelSpec {
  const { binarization = 'none', latent, encoder, decoder, posterior, prior } = options;
  const input = completeInput(options.input);
  const { likelihood = input.columns === undefined ? 'bernoulli' : 'mixed' } = options;
  return {
    input,
    binarization,
    ...(options.corruption && { corruption: options.corruption }),
    ...(options.condition && { condition: conditionSchema.parse(options.condition) }),
    latent,
    encoder,
    decoder,
    likelihood: completePart(
      likelihoodSchema,
      typeof likelihood === 'string' ? likelihoods[likelihood].byName : likelihood,
    ),
    posterior: completePart(posteriorSchema, posterior ?? 'diagonalGaussian'),
    prior: completePart(priorSchema, prior ?? 'standardNormal'),
    objective: completeObjective(options.objective, options.klWeight),
    ...(options.sampler && { sampler: completePart(samplerSchema, options.sampler) }),
  };
}

/** A part with all of its fields, given its name or an object that was validated. */
function completePart<S extends { readonly type: string }>(schema: z.ZodType<S>, part: string | object): S {
  return schema.parse(typeof part === 'string' ? { type: part } : part);
}

function completeInput(input: ModelOptions['input']): InputSpec {
  const { shape, dtype, range, columns } = 'shape' in input ? input : { shape: input };
  const type = dtype ?? (shape.length === 1 ? 'float32' : 'uint8');
  return { shape, dtype: type, range: range ?? (type === 'uint8' ? [0, 255] : [0, 1]), ...(columns && { columns }) };
}

/** What no single field shows: parts that do not go together. */
function checkParts({ input, binarization, likelihood, corruption }: ModelSpec): void {
  const { range, dtype } = input;
  if (!(range[1] > range[0])) {
    throw new LatentkitError(
      'spec',
      `model spec: input.range: expected [low, high] with low < high, got [${range.join(', ')}].`,
    );
  }
  if (binarization === 'static' && dtype !== 'uint8') {
    throw new LatentkitError(
      'spec',
      `model spec: static binarisation makes bytes of the data, but input.dtype is "${dtype}"; choose "dynamic", or ` +
        'binarise the data yourself and take "none".',
    );
  }
  const unfit = corruption && misfitOf(corruption, input);
  if (unfit !== undefined) throw new LatentkitError('spec', `model spec: ${unfit}.`);
  const misfit = likelihoodOf(likelihood).misfit?.(input);
  if (misfit !== undefined) {
    throw new LatentkitError('spec', `model spec: the likelihood "${likelihood.type}" does not fit: ${misfit}.`);
  }
  if (binarization !== 'none' && !likelihoodOf(likelihood).binary) {
    throw new LatentkitError(
      'spec',
      `model spec: the likelihood "${likelihood.type}" does not explain binarised pixels (binarization: ` +
        `"${binarization}"); choose the likelihood "bernoulli", or binarization "none".`,
    );
  }
}
