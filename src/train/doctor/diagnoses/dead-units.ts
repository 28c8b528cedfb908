// Dead units: rectifiers that one long step has pushed below zero for all data, behind which no gradient flows. The
// posterior is then the same for every row, but not the prior, and pressing it less does not bring it back.

import { activeUnits, fellBack, hasDensity } from '../codes.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { lowerRate } from '../mends.ts';

/** No variance at all, but for rounding. A posterior that fell back on the prior still differs a little between rows. */
const none = 1e-12;

/** Hardly any variance: less than is left where training has only not come far yet. */
const hardly = 1e-4;

/** The least share of the data's variance that codes in use explain. */
const least = 0.01;

export const deadUnits: Diagnosis = {
  title: 'dead units',
  acute: true,
  examine(patient) {
    const { spec, vitals, bound, training } = patient;
    const { lostBySwap = 1, meanVariances } = vitals;
    const active = activeUnits(patient);
    const seen = `${active} of ${spec.latent} units differ between rows`;
    const most = hasDensity(spec) && fellBack(patient) ? none : hardly;
    if (Math.max(...meanVariances) > most || lostBySwap >= least) return seen;
    return {
      severity: 'warning',
      seen: `every row has the same code, at a KL of ${bound.kl.toFixed(2)} nats`,
      evidence: { activeUnits: active, lostBySwap, kl: bound.kl },
      why: 'units of the encoder give zero for all data, which is mostly one step that was too long; no gradient brings them back',
      mends: [lowerRate(training)],
    };
  },
};
