// How to train on data of a size, where that was not said. The defaults of a training config are for tens of thousands of rows:
// with 20 epochs of 1,000 rows a model takes 150 steps and learns next to nothing, and 300 rows make two batches.

import { type TrainingInput, trainingSchema } from '../artifact/index.ts';
import { parseSpec } from '../schema.ts';

/** Steps of an epoch at least: batches of small data are smaller. */
const leastBatches = 16;
/** Rows of a batch at least, where there are as many. */
const leastRows = 8;
/**
 * Steps of a training at least. On tables of 300 to 2,600 rows the validation bound grew better until then on all but the
 * smallest, and rows drawn from the model were better after 6,000 than after 3,000.
 */
const leastSteps = 6000;
/** Where epochs are many, training ends when this share of them brought no better validation bound. */
const patientShare = 0.2;

/**
 * A training config for so many training rows, in which epochs, batch size and patience are chosen where they are not given.
 * From 38,400 rows on, nothing is: the config's own defaults hold.
 *
 * @throws LatentkitError `spec` where what is given is not valid.
 * @example await fit(spec, data, suitedTraining(data.train.size, { seed: 3 }))
 */
export function suitedTraining(rows: number, given: TrainingInput = {}): TrainingInput {
  const usual = parseSpec(trainingSchema, given, 'training config');
  const batchSize = given.batchSize ?? Math.min(usual.batchSize, suitedBatch(rows));
  const stepsPerEpoch = Math.max(1, Math.floor(rows / batchSize));
  const epochs = given.epochs ?? Math.max(usual.epochs, Math.ceil(leastSteps / stepsPerEpoch));
  const patience = given.patience ?? (epochs > usual.epochs ? Math.ceil(patientShare * epochs) : undefined);
  return {
    ...given,
    ...(batchSize !== usual.batchSize && { batchSize }),
    ...(epochs !== usual.epochs && { epochs }),
    ...(patience !== undefined && { patience }),
  };
}

/** The largest power of two that makes enough batches. */
function suitedBatch(rows: number): number {
  const power = 2 ** Math.floor(Math.log2(Math.max(1, rows / leastBatches)));
  return Math.min(rows, Math.max(leastRows, power));
}
