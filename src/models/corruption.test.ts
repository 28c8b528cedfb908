import { describe, expect, it } from 'vitest';
import { noisesOf } from '../graph/index.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { evaluateReference } from '../runtime/reference.ts';
import { buildModel, type Corruption, type ModelOptions, parseModel, vae } from './index.ts';
import { feedsFor } from './testing.ts';

const tiny: ModelOptions = {
  input: { shape: [3], range: [0, 1] },
  latent: 2,
  encoder: [flatten(), dense(4), tanh()],
  decoder: [dense('output')],
  likelihood: { type: 'normal', variance: 'fixed', deviation: 1 },
  posterior: 'deterministic',
};
const rows = 4;

describe.each<[Corruption, (x: number, noise: number) => number]>([
  [{ type: 'gaussian', deviation: 0.3 }, (x, noise) => x + 0.3 * noise],
  [{ type: 'mask', rate: 0.4 }, (x, noise) => (noise < 0.4 ? 0 : x)],
])('corruption %j', (corruption, corrupted) => {
  const [plain, model] = [buildModel(vae(tiny)), buildModel(vae({ ...tiny, corruption }))];
  const feeds = feedsFor(model.stepGraph(), rows);

  it('is what the encoder sees in training, and the data as they are what the likelihood explains', () => {
    const noise = feeds.corruption!.data;
    const seen = Array.from(feeds.x!.data, (value, i) => corrupted(value, noise[i]!));
    expect(seen).not.toEqual(Array.from(feeds.x!.data));
    const { mean: codes } = evaluateReference(plain.encoderGraph(), { ...feeds, x: { ...feeds.x!, data: seen } });
    const { mean } = evaluateReference(plain.decoderGraph(), { ...feeds, z: codes! });
    const squares = mean!.data.map((value, i) => 0.5 * ((value - feeds.x!.data[i]!) ** 2 + Math.log(2 * Math.PI)));
    const { loss } = evaluateReference(model.stepGraph(), feeds);
    expect(loss!.data[0]).toBeCloseTo(
      squares.reduce((a, b) => a + b, 0),
      10,
    );
  });

  it('is absent outside training, and survives JSON', () => {
    for (const graph of [model.boundGraph(), model.encoderGraph(), model.scoreGraph()]) {
      expect(noisesOf(graph)).toEqual([]);
    }
    expect(parseModel(JSON.parse(JSON.stringify(model.spec)))).toEqual(model.spec);
    expect(model.spec.corruption).toEqual(corruption);
  });
});

it('is refused where it is no corruption', () => {
  const wrong: object = { ...tiny, corruption: { type: 'mask', rate: 1 } };
  expect(() => parseModel(wrong)).toThrow('model spec: corruption.rate: expected less than 1, got 1.');
});
