// What the vitals say of a code, in the words that diagnoses share.

import { activeAbove } from '../../evaluate/index.ts';
import { type ModelSpec, posteriors } from '../../models/index.ts';
import type { Patient } from './diagnosis.ts';

const whole = [0, Number.POSITIVE_INFINITY] as const;

/**
 * How many dimensions are active (Burda et al. 2016, section 5.2): Var_x(E[z|x]) > 0.01, where the prior's variance is 1. On
 * the unit sphere that is 1 / latent.
 */
export function activeUnits({ spec, vitals }: Patient, part: readonly [start: number, end: number] = whole): number {
  const { posterior, latent } = spec;
  const least = posterior.type === 'vonMisesFisher' ? activeAbove / latent : activeAbove;
  return vitals.meanVariances.slice(...part).filter(variance => variance > least).length;
}

/** Whether q(z|x) has a density, so that there is a KL at all. */
export function hasDensity({ posterior }: ModelSpec): boolean {
  return posteriors[posterior.type].density;
}

/** A part of the code that may be idle by itself. */
export interface CodePart {
  readonly name: string;
  readonly active: number;
}

/** The parts of the code: the levels of a ladder, whose top stands first; otherwise it is one. */
export function codeParts(patient: Patient): CodePart[] {
  const { posterior } = patient.spec;
  if (posterior.type !== 'ladder') return [{ name: 'the code', active: activeUnits(patient) }];
  let end = 0;
  return posterior.levels.toReversed().map(({ latent }, i, { length }) => {
    const start = end;
    end += latent;
    return { name: `level ${length - i}`, active: activeUnits(patient, [start, end]) };
  });
}

/** Whether the KL is that of a posterior which fell back on the prior, as far as free bits let it. */
export function fellBack({ spec, bound }: Patient): boolean {
  return bound.kl < 0.5 + 1.5 * freeNats(spec);
}

/** Nats of the KL that free bits leave uncharged. */
function freeNats({ objective, latent }: ModelSpec): number {
  if (objective.type !== 'elbo' || objective.freeBits === undefined) return 0;
  return objective.freeBits * (objective.freeBitsGroups ?? latent);
}

/** The nats that the code may have at present, where the objective holds it to a capacity that grows. */
export function capacityOf({ scalars }: Patient): number | undefined {
  const capacities = Object.entries(scalars).flatMap(([name, nats]) => (/capacity$/i.test(name) ? nats : []));
  return capacities.length === 0 ? undefined : capacities.reduce((a, b) => a + b);
}

/** What the KL weighs in the objective at present; 1 is the bound's own. */
export function pressureOf({ spec, scalars }: Patient): number {
  const { objective } = spec;
  switch (objective.type) {
    case 'elbo':
      return scalars.klWeight ?? objective.klWeight;
    case 'betaTc':
      return Math.max(objective.alpha, objective.beta, objective.gamma);
    case 'dipVae':
      return objective.klWeight;
    case 'infoVae':
      return 1 - objective.alpha;
    case 'wae':
    case 'rae':
      return 0;
    default:
      return 1;
  }
}
