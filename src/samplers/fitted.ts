// Fitting a sampler to a trained model, and drawing from it on the scale of the model's codes.

import { type DataSplits, type Dataset, subset } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import { noisesOf } from '../graph/index.ts';
import { drawnConditions } from '../models/companions.ts';
import { type Model, priors, type TrainedVae } from '../models/index.ts';
import { checkSampler, type Sampler } from '../models/sampler.ts';
import { float32 } from '../runtime/index.ts';
import { prepareData } from '../train/index.ts';
import { codesOf, restored, scaleOf, standardised } from './codes.ts';
import type { FitContext, Tensors } from './sampler.ts';
import { samplerOf } from './table.ts';

/** A sampler of a model's codes. */
export interface FittedSampler {
  readonly spec: Sampler;
  /** All that was fitted, by name. */
  readonly tensors: Tensors;
  /**
   * Draws as the model itself does from its prior: codes [count, latent], a function of the seed and each code's place
   * alone. A temperature multiplies whatever normal noise there is.
   *
   * @throws LatentkitError `usage` where a temperature is given to a sampler that draws no normal noise.
   */
  readonly draw: TrainedVae['drawLatents'];
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

/** How to fit. The seed is 0 unless told. */
export type SamplerFitOptions = Partial<Omit<FitContext, 'vae'>>;

/** The share of the progress that goes to drawing the codes. */
const drawing = 0.1;

/**
 * Fits a sampler to the codes of the training rows, drawn from their posteriors, in units of each dimension's standard
 * deviation. The validation rows say when to stop.
 *
 * @param data as loaded; binarised here as the model's were.
 * @throws LatentkitError `usage` where the data are too few for the sampler.
 * @example
 * const sampler = await fitSampler(run.vae, await loadData('mnist'), { type: 'gmm', components: 10 });
 * const { mean } = await run.vae.run('decoder', await sampler.draw(64, { seed: 7 }));
 */
export async function fitSampler(
  vae: TrainedVae,
  data: DataSplits,
  spec: Sampler,
  { seed = 0, signal, progress }: SamplerFitOptions = {},
): Promise<FittedSampler> {
  checkDraw(vae, spec);
  if (spec.type === 'prior') return openSampler(vae, spec, {});
  const { latent } = vae.model.spec;
  const whole = prepareData(data, vae.model.spec);
  const [train, validation] = [spreadOver(whole.train), spreadOver(whole.validation)];
  const codes = await codesOf(vae, train, { seed, step: 0, signal, progress: share => progress?.(drawing * share) });
  const held = await codesOf(vae, validation, { seed, step: 1, signal });
  const scale = scaleOf(codes, latent);
  const splits = { latent, train: standardised(codes, scale), validation: standardised(held, scale) };
  const tensors = await samplerOf(spec).fit(spec, splits, {
    ...{ vae, seed, signal },
    progress: share => progress?.(drawing + (1 - drawing) * share),
  });
  progress?.(1);
  return openSampler(vae, spec, { ...scale, ...tensors });
}

/** Rows that a sampler is fitted to, at most: the codes of more say little that is new. */
const mostRows = 60_000;

/** As many rows of a data set, evenly from the first on. */
function spreadOver(data: Dataset): Dataset {
  if (data.size <= mostRows) return data;
  return subset(
    data,
    Uint32Array.from({ length: mostRows }, (_, i) => Math.floor((i * data.size) / mostRows)),
  );
}

/** A sampler of tensors that were fitted before. */
export function openSampler(vae: TrainedVae, spec: Sampler, tensors: Tensors): FittedSampler {
  if (spec.type === 'prior') {
    return { spec, tensors, draw: (...asked) => vae.drawLatents(...asked), dispose: async () => undefined };
  }
  const drawer = samplerOf(spec).open(spec, tensors, vae);
  return {
    spec,
    tensors,
    async draw(count, { seed = 0, temperature = 1, ...told } = {}) {
      checkDraw(vae, spec, temperature);
      const companions = drawnConditions(vae.model.spec, count, told);
      const codes = await drawer.draw(count, { seed, temperature });
      return { ...float32(restored(codes, tensors), [count, vae.model.spec.latent]), ...companions };
    },
    dispose: async () => drawer.dispose?.(),
  };
}

/**
 * Checks, before anything is fitted, that a model's codes can be drawn by a sampler at a temperature.
 * @throws LatentkitError `spec` where the sampler does not suit the model, `usage` where it has no use for a temperature.
 */
export function checkDraw({ model }: TrainedVae, spec: Sampler, temperature = 1): void {
  checkSampler(spec, model.spec);
  const tempered = spec.type === 'prior' ? hasTemperature(model) : samplerOf(spec).tempered;
  if (temperature === 1 || tempered) return;
  const what = spec.type === 'prior' ? `prior ${model.spec.prior.type}` : `sampler ${spec.type}`;
  throw new LatentkitError(
    'usage',
    `${what}: expected no temperature, as it draws no normal noise that one could scale, got ${temperature}. ` +
      'Leave it out, or choose another sampler.',
  );
}

/** Whether a model's own draws have likelier codes for a temperature to prefer. */
function hasTemperature(model: Model): boolean {
  if (priors[model.spec.prior.type].flat) return false;
  return noisesOf(model.priorGraph()).some(({ distribution }) => distribution === 'normal');
}
