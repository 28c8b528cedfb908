import { describe, expect, it } from 'vitest';
import type { ReferenceFeed } from '../../runtime/reference.ts';
import { objectiveScalarsAt } from '../index.ts';
import { modelWith, rows, stepFeeds, total, values } from './testing.ts';

const scalar = (value: number): ReferenceFeed => ({ shape: [], data: [value] });

describe.each([
  [4, [2]],
  [7, [2, 3]],
  [3, [3]],
])('a code of %i dimensions with choices among %j', (latent, categories) => {
  const posterior = { type: 'gumbelSoftmax', categories, temperature: 0.67 } as const;
  const model = modelWith({ type: 'jointCapacity', weight: 3 }, { latent, posterior, prior: 'normalCategorical' });
  const feeds = stepFeeds(model);
  const { mean, logVar = [], probabilities } = values(model.encoderGraph(), feeds);
  const width = logVar.length / rows;
  const ofNumbers = total(
    logVar.map((value, i) => {
      const center = mean![Math.floor(i / width) * latent + (i % width)]!;
      return 0.5 * (center ** 2 + Math.exp(value) - 1 - value);
    }),
  );
  const most = total(categories.map(Math.log));
  const ofChoices = rows * most + total(probabilities!.map(p => p * Math.log(p)));

  it.each([
    [0, 0],
    [0.05, 0.01],
    [5, 0.3],
    [5, 100],
  ])('holds its parts to %d and %d nats, the choices to no more than they can carry', (continuous, discrete) => {
    const given = { ...feeds, capacity: scalar(continuous), discreteCapacity: scalar(discrete) };
    const { loss, reconstruction, kl } = values(model.stepGraph(), given);
    expect(kl![0]).toBeCloseTo(ofNumbers + ofChoices, 10);
    const numbers = width > 0 ? Math.abs(ofNumbers - rows * continuous) : 0;
    const choices = Math.abs(ofChoices - rows * Math.min(discrete, most));
    expect(loss![0]).toBeCloseTo(reconstruction![0]! + 3 * (numbers + choices), 10);
  });
});

it('grows both capacities in a line, each within its own time', () => {
  const objective = {
    type: 'jointCapacity',
    weight: 30,
    continuous: { from: 0, to: 5, steps: 100 },
    discrete: { from: 1, to: 2, epochs: 2 },
  } as const;
  const at = (step: number) => objectiveScalarsAt(objective, { step, stepsPerEpoch: 10, datasetSize: 40 });
  expect(at(0)).toEqual({ capacity: 0, discreteCapacity: 1 });
  expect(at(10)).toEqual({ capacity: 0.5, discreteCapacity: 1.5 });
  expect(at(1000)).toEqual({ capacity: 5, discreteCapacity: 2 });
});
