// A preset is a named model of the literature: a function of a few options that chooses the parts.

import type { Condition } from '../condition.ts';
import type { ObjectiveOptions } from '../objectives/index.ts';
import type { ModelOptions, ModelSpec } from '../spec.ts';

/** The presets that are a network and nothing else. */
export type NetworkName = 'mlp' | 'conv' | 'resnet';

/** What may be chosen of a preset: the parts that it leaves open, and sizes. */
export interface PresetOptions extends Omit<ModelOptions, 'input' | 'latent' | 'encoder' | 'decoder'> {
  /** Default [28, 28, 1]. */
  readonly input?: ModelOptions['input'] | undefined;
  /** Dimensions of the code; of `vq-vae`, of each of its vectors. Default: the preset's own, mostly 32. */
  readonly latent?: number | undefined;
  /** The layers, where they shall be others than the preset's own; `hidden` is then for them. */
  readonly network?: NetworkName | undefined;
  /** Widths of the encoder's hidden layers, the decoder's being these backwards: units, or channels of convolutions. */
  readonly hidden?: number | readonly number[] | undefined;
}

export interface Preset {
  readonly name: string;
  /** One line for a list of presets. */
  readonly summary: string;
  /** Where it comes from. */
  readonly paper: string;
  /** What its model is told of each row, unless the options say it: `latentkit train` fits the number of classes to the data. */
  readonly condition?: Condition['type'];
  /** @throws LatentkitError `spec` where an option is not valid, or the input is too small. */
  build(options?: PresetOptions): ModelSpec;
}

export function definePreset(preset: Preset): Preset {
  return preset;
}

/** The options under a preset's own objective, whose fields may be chosen still: `{ objective: { beta: 10 } }`. */
export function withObjective(own: ObjectiveOptions, options: PresetOptions = {}): PresetOptions {
  const { objective: given, klWeight } = options;
  if (typeof given === 'string' || (given?.type !== undefined && given.type !== (own.type ?? 'elbo'))) return options;
  const merged = { ...own, ...(klWeight !== undefined && 'klWeight' in own && { klWeight: undefined }), ...given };
  return { ...options, objective: merged as ObjectiveOptions };
}
