// Posterior collapse: q(z|x) falls back on the prior, whatever x is (Bowman et al. 2016, "Generating Sentences from a
// Continuous Space"; Lucas et al. 2019, "Don't Blame the ELBO!"). Under more than the bound's own pressure it is what was
// asked for, and another diagnosis.

import { activeUnits, capacityOf, codeParts, fellBack, hasDensity, pressureOf } from '../codes.ts';
import type { Diagnosis, Finding, Patient } from '../diagnosis.ts';
import { freeBits, learnedDeviation, warmUp } from '../mends.ts';
import { deadUnits } from './dead-units.ts';

/** A code of fewer nats in all tells next to nothing, whatever its dimensions look like. */
const silent = 0.02;

/** Of a code of ten dimensions or more, so large a share in use is few. */
const few = 0.1;

export const posteriorCollapse: Diagnosis = {
  title: 'posterior collapse',
  acute: false,
  examine(patient) {
    const { spec, bound } = patient;
    if (!hasDensity(spec)) return 'codes are deterministic';
    const active = activeUnits(patient);
    const count = `${active} of ${spec.latent} units are active and the KL is ${bound.kl.toFixed(2)} nats`;
    if (pressureOf(patient) > 1 || typeof deadUnits.examine(patient) !== 'string') return count;
    // A capacity that has just begun to grow allows no more.
    const capacity = capacityOf(patient);
    if (capacity !== undefined && bound.kl >= capacity / 2) return count;
    const back = bound.kl < silent || (active === 0 && fellBack(patient));
    if (back) return found(patient, `${count}: codes tell nothing of the data`, 'warning');
    if (active === 0) return count;
    const idle = codeParts(patient).flatMap(part => (part.active === 0 ? part.name : []));
    if (idle.length > 0) return found(patient, `${count}, none of them in ${idle.join(' and ')}`, 'warning');
    if (spec.latent >= 10 && active <= few * spec.latent) return found(patient, count, 'notice');
    return count;
  },
};

function found(patient: Patient, seen: string, severity: Finding['severity']): Finding {
  const { spec, bound } = patient;
  const tooWide = learnedDeviation(spec);
  const why =
    tooWide.length > 0
      ? 'the likelihood’s fixed deviation passes differences between data for noise, which are then not worth their KL'
      : 'a code costs its KL at once and pays only when the decoder has learned to read it, so the posterior gives up first';
  return {
    severity,
    seen,
    evidence: { kl: bound.kl, activeUnits: activeUnits(patient), latent: spec.latent },
    why,
    mends: [warmUp(patient), freeBits, ...tooWide],
  };
}
