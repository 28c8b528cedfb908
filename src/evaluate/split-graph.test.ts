import { expect, it } from 'vitest';
import { bindShape, type Graph, noisesOf } from '../graph/index.ts';
import { buildModel, presets } from '../models/index.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { splitByNoise } from './split-graph.ts';
import { numbers } from './testing.ts';

const model = buildModel(presets.mlp.build({ input: [2, 2, 1], latent: 2, hidden: 3, binarization: 'dynamic' }));
const whole = model.importanceGraph();
const { fixed, drawn } = splitByNoise(whole, ({ name }) => name !== 'binarization');

const feeds = Object.fromEntries(
  [...whole.leaves].map(([name, { shape, dtype }], i): [string, ReferenceFeed] => {
    const bound = bindShape(shape, 3);
    const values = numbers(
      bound.reduce((a, b) => a * b, 1),
      i,
    );
    return [name, { shape: bound, data: dtype === 'uint8' ? values.map(v => Math.round(255 * v * v)) : values }];
  }),
);
const namesOf = ({ leaves }: Graph): string[] => [...leaves.keys()];

it('gives two graphs that together compute the one', () => {
  const cut = evaluateReference(fixed, feeds);
  expect(evaluateReference(drawn, { ...feeds, ...cut })).toEqual(evaluateReference(whole, feeds));
});

it('leaves to the drawn part only what depends on the draw, and the parameters that this needs', () => {
  expect(noisesOf(fixed).map(({ name }) => name)).toEqual(['binarization']);
  expect(noisesOf(drawn).map(({ name }) => name)).toEqual(['posterior.noise']);
  expect(namesOf(fixed).filter(name => name.startsWith('decoder'))).toEqual([]);
  expect(namesOf(drawn).filter(name => !/^(decoder|fixed|posterior\.noise)/.test(name))).toEqual([]);
});

it('is content where nothing depends on the draw', () => {
  const still = splitByNoise(model.scoreGraph(), () => true);
  const cut = evaluateReference(still.fixed, feeds);
  expect(evaluateReference(still.drawn, cut)).toEqual(evaluateReference(model.scoreGraph(), feeds));
});
