// A decoder that ignores the code: codes differ from row to row, but what is decoded does not. Giving each row the code of
// another one then costs nothing.

import { activeUnits, capacityOf, hasDensity } from '../codes.ts';
import type { Diagnosis } from '../diagnosis.ts';
import { freeBits, lowerRate, warmUp } from '../mends.ts';

/** The least share of the data's variance that a decoder in use loses when codes are swapped. */
const least = 0.005;

/** Nats from which a code has something to ignore. */
const telling = 0.5;

export const ignoredCode: Diagnosis = {
  title: 'a decoder that ignores the code',
  acute: false,
  examine(patient) {
    const { spec, vitals, bound, training } = patient;
    const { lostBySwap = 1, explained = 1 } = vitals;
    const seen = `with another row's code, reconstructions explain ${(100 * lostBySwap).toFixed(1)} % less of the data's variance`;
    const density = hasDensity(spec);
    // A capacity presses nats into the code before the decoder has a use for them.
    const pressed = capacityOf(patient) !== undefined;
    const tells = activeUnits(patient) > 0 && !pressed && (!density || bound.kl >= telling);
    if (lostBySwap >= least || !tells) return seen;
    return {
      severity: 'warning',
      seen: density ? `${seen}, though the KL is ${bound.kl.toFixed(2)} nats` : seen,
      evidence: { lostBySwap, explained, kl: bound.kl },
      why: 'the decoder explains the data by its biases alone: its units are dead, or it never learned to read the code',
      mends: [lowerRate(training), ...(density ? [warmUp(patient), freeBits] : [])],
    };
  },
};
