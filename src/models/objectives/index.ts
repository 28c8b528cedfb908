// All objectives, once.

import { z } from 'zod';
import { LatentkitError } from '../../errors.ts';
import { type OptimizerConfig, optimizerSchema } from '../../optim/index.ts';
import type { PartSchema } from '../../schema.ts';
import { type AaeObjective, aae } from './aae.ts';
import { type BetaTcObjective, betaTc } from './beta-tc.ts';
import { type CapacityObjective, capacity } from './capacity.ts';
import { type CiwaeObjective, ciwae } from './ciwae.ts';
import { type DipVaeObjective, dipVae } from './dip-vae.ts';
import { type ElboObjective, type ElboOptions, elbo } from './elbo.ts';
import { type FactorVaeObjective, factorVae } from './factor-vae.ts';
import { type InfoVaeObjective, infoVae } from './info-vae.ts';
import { type IwaeObjective, iwae } from './iwae.ts';
import { type JointCapacityObjective, jointCapacity } from './joint-capacity.ts';
import { type MiwaeObjective, miwae } from './miwae.ts';
import type { ObjectiveDefinition, OptionsOf, Position } from './objective.ts';
import { type PiwaeObjective, piwae } from './piwae.ts';
import { type RaeObjective, rae } from './rae.ts';
import { type VaeGanObjective, vaeGan } from './vae-gan.ts';
import { type WaeObjective, wae } from './wae.ts';

/** Any objective, as data. */
export type Objective =
  | ElboObjective
  | CapacityObjective
  | JointCapacityObjective
  | BetaTcObjective
  | FactorVaeObjective
  | DipVaeObjective
  | InfoVaeObjective
  | WaeObjective
  | AaeObjective
  | VaeGanObjective
  | IwaeObjective
  | MiwaeObjective
  | CiwaeObjective
  | PiwaeObjective
  | RaeObjective;

type Spec<T extends Objective['type']> = Extract<Objective, { readonly type: T }>;
type Options<T extends Objective['type']> = T extends 'elbo' ? ElboOptions : OptionsOf<Spec<T>>;

/** An objective as people write it: what is left out takes its default, without a type it is `elbo`. */
export type ObjectiveOptions = { readonly [T in Objective['type']]: Options<T> }[Objective['type']];

/** All objectives by type; one that is missing here does not compile. */
export const objectives: { readonly [T in Objective['type']]: ObjectiveDefinition<Spec<T>, Options<T>> } = {
  elbo,
  capacity,
  jointCapacity,
  betaTc,
  factorVae,
  dipVae,
  infoVae,
  wae,
  aae,
  vaeGan,
  iwae,
  miwae,
  ciwae,
  piwae,
  rae,
};

const schemas = Object.values<{ readonly schema: PartSchema<ObjectiveOptions> }>(objectives).map(d => d.schema);

export const objectiveOptionsSchema: PartSchema<ObjectiveOptions> = z.discriminatedUnion(
  'type',
  schemas as [PartSchema<ObjectiveOptions>, ...PartSchema<ObjectiveOptions>[]],
);

/** The definition of an objective's type. */
export function objectiveOf(spec: Pick<Objective, 'type'>): ObjectiveDefinition<Objective> {
  return objectives[spec.type] as unknown as ObjectiveDefinition<Objective>;
}

/**
 * An objective in full.
 * @param klWeight the weight on the KL where it is given by itself.
 * @throws LatentkitError `spec` where it is given twice, or to an objective that has none.
 */
export function completeObjective(
  given: Objective['type'] | ObjectiveOptions = {},
  klWeight: number | undefined = undefined,
): Objective {
  const options = typeof given === 'string' ? { type: given } : given;
  const type = options.type ?? 'elbo';
  const { defaults } = objectiveOf({ type });
  const chosen = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (klWeight !== undefined && 'klWeight' in chosen) {
    throw new LatentkitError('spec', 'model spec: klWeight is given twice, by itself and in objective; leave one out.');
  }
  if (klWeight !== undefined && !('klWeight' in defaults)) {
    throw new LatentkitError(
      'spec',
      `model spec: klWeight: the objective "${type}" has no such weight, but ${Object.keys(defaults).join(', ')}; ` +
        'leave it out, or choose the objective "elbo".',
    );
  }
  return { ...defaults, ...chosen, type, ...(klWeight !== undefined && { klWeight }) } as Objective;
}

/** How an objective's adversary is trained; undefined where there is none. */
export function adversaryOptimizer(objective: Objective): OptimizerConfig | undefined {
  const input = objectiveOf(objective).adversary?.(objective);
  return input && optimizerSchema.parse(input);
}

/** The values of a step's scalar inputs, by name. */
export function objectiveScalarsAt(objective: Objective, position: Position): Readonly<Record<string, number>> {
  return objectiveOf(objective).scalars?.(objective, position) ?? {};
}

/** An objective in a few words: `elbo, kl weight 1`. */
export function describeObjective({ type, ...fields }: Objective): string {
  const words = (name: string): string => name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
  const show = (value: unknown): string =>
    typeof value === 'object' && value !== null
      ? `(${Object.entries(value)
          .map(([name, inner]) => `${words(name)} ${show(inner)}`)
          .join(', ')})`
      : String(value);
  const parts = Object.entries(fields).map(([name, value]) => `${words(name)} ${show(value)}`);
  return [type, ...parts].join(', ').replace(/\bkl\b/g, 'KL');
}
