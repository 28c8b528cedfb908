import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainingSchema } from '../artifact/index.ts';
import { suitedTraining } from './suited.ts';

describe('a training that suits the data', () => {
  it('is the usual one for data of the usual size', () => {
    expect(suitedTraining(54_000)).toEqual({});
    expect(suitedTraining(38_400, { seed: 4 })).toEqual({ seed: 4 });
  });

  it('takes steps enough of few rows, and stops when they are too many', () => {
    expect(suitedTraining(1000)).toEqual({ batchSize: 32, epochs: 194, patience: 39 });
    expect(suitedTraining(326)).toEqual({ batchSize: 16, epochs: 300, patience: 60 });
    expect(suitedTraining(5000)).toEqual({ epochs: 154, patience: 31 });
    expect(suitedTraining(5)).toMatchObject({ batchSize: 5, epochs: 6000 });
  });

  it('is what was given, where it was', () => {
    expect(suitedTraining(1000, { epochs: 2 })).toEqual({ batchSize: 32, epochs: 2 });
    expect(suitedTraining(1000, { batchSize: 500, patience: 3 })).toEqual({
      batchSize: 500,
      epochs: 3000,
      patience: 3,
    });
    // More rows than there are remain a fault, which `fit` tells.
    expect(suitedTraining(10, { batchSize: 500, epochs: 1 })).toEqual({ batchSize: 500, epochs: 1 });
    expect(() => suitedTraining(1000, { epochs: 0 })).toThrow(/training config: epochs: expected/);
  });

  it('has a batch, and steps enough, whatever the rows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), rows => {
        const { epochs, batchSize } = trainingSchema.parse(suitedTraining(rows));
        const batches = Math.floor(rows / batchSize);
        expect(batches).toBeGreaterThan(0);
        expect(epochs * batches).toBeGreaterThanOrEqual(6000);
        if (rows >= 128) expect(batches).toBeGreaterThanOrEqual(16);
      }),
    );
  });
});
