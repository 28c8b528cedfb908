// Codes from a codebook, and the priors over their numbers: what no gradient says.

import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/check.ts';
import { grad } from '../../autodiff/index.ts';
import { graph, input, type Tensor } from '../../graph/index.ts';
import { conv2d, flatten, RootScope, reshape } from '../../nn/index.ts';
import { mul, square, sum } from '../../ops/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { buildModel, presets, vae } from '../index.ts';
import { autoregressive } from '../priors/autoregressive.ts';
import { compareRuntimes, feedsFor } from '../testing.ts';
import { type VectorQuantizedPosterior, vectorQuantized } from './vector-quantized.ts';

const spec: VectorQuantizedPosterior = {
  type: 'vectorQuantized',
  codes: 4,
  width: 2,
  commitment: 0.3,
  decay: 0.9,
  revive: 0.1,
};
const [rows, latent, positions] = [5, 6, 3];
const total = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

/** The posterior upon features that are the vectors themselves. */
function built(training = true) {
  const scope = new RootScope({ training });
  const features = input('h', ['N', latent]);
  return { scope, features, posterior: vectorQuantized.build(spec, features, latent, scope.child('posterior')) };
}

const book = [0.5, 0.1, -0.4, 0.9, 0.2, -0.8, 3, 3];
const vectors = Array.from({ length: rows * latent }, (_, i) => Math.sin(3.7 * i + 1));
const feeds = {
  h: { shape: [rows, latent], data: vectors },
  'posterior.codebook': { shape: [4, 2], data: book },
  'posterior.count': { shape: [4], data: [2, 1, 0.5, 0.01] },
  'posterior.total': { shape: [4, 2], data: [1, 0.2, -0.4, 0.9, 0.1, -0.4, 0.03, 0.03] },
  'posterior.revived': { shape: [4], data: [0, 0.2, 0.5, 0.99] },
};

/** The nearest of the codebook to each vector, by plain search. */
const nearest = Array.from({ length: rows * positions }, (_, i) => {
  const distances = [0, 1, 2, 3].map(
    k => (vectors[2 * i]! - book[2 * k]!) ** 2 + (vectors[2 * i + 1]! - book[2 * k + 1]!) ** 2,
  );
  return distances.indexOf(Math.min(...distances));
});

describe('vector quantisation', () => {
  it('takes the nearest vector at each position, and says its number', () => {
    const { posterior } = built(false);
    const got = evaluateReference(graph({ ...posterior.outputs }), feeds);
    expect([...got.codes!.data]).toEqual(nearest);
    nearest.forEach((k, i) => {
      for (const j of [0, 1]) expect(got.mean!.data[2 * i + j]).toBeCloseTo(book[2 * k + j]!, 12);
    });
    expect(new Set(nearest).size).toBe(3);
  });

  it('lets gradients pass as if nothing was chosen', () => {
    const { posterior, features } = built();
    const weights = input('w', ['N', latent]);
    const [gradient] = grad(sum(mul(weights, square(posterior.sample()))), [features]) as [Tensor];
    const w = vectors.map((_, i) => Math.cos(i));
    const got = evaluateReference(graph({ gradient }), { ...feeds, w: { shape: [rows, latent], data: w } });
    got.gradient!.data.forEach((value, i) => {
      expect(value).toBeCloseTo(2 * w[i]! * book[2 * nearest[Math.floor(i / 2)]! + (i % 2)]!, 12);
    });
  });

  it('charges the commitment, whose gradient moves the encoder alone', () => {
    const { posterior, features } = built();
    const penalty = sum(posterior.penalty!());
    checkGradients(penalty, [features], feeds);
    const { each } = evaluateReference(graph({ each: posterior.penalty!() }), feeds);
    const squares = vectors.map((v, i) => (v - book[2 * nearest[Math.floor(i / 2)]! + (i % 2)]!) ** 2);
    each!.data.forEach((value, row) => {
      expect(value).toBeCloseTo(0.3 * total(squares.slice(row * latent, (row + 1) * latent)), 10);
    });
  });

  it('moves the codebook to the averages of what chose it, and idle vectors to the data', () => {
    const { scope } = built();
    const next = evaluateReference(graph(scope.updates), feeds);
    const equalShare = (rows * positions) / 4;
    for (const k of [0, 1, 2, 3]) {
      const mine = nearest.flatMap((chosen, i) => (chosen === k ? [i] : []));
      const count = 0.9 * feeds['posterior.count'].data[k]! + 0.1 * mine.length;
      const idle = count < 0.1 * equalShare;
      expect(idle).toBe(k === 3);
      expect(next['posterior.count']!.data[k]).toBeCloseTo(idle ? equalShare : count, 10);
      for (const j of [0, 1]) {
        const sumOf = 0.9 * feeds['posterior.total'].data[2 * k + j]! + 0.1 * total(mine.map(i => vectors[2 * i + j]!));
        // Number 3 goes to the row that 0.99 of 15 vectors comes to.
        const vector = idle ? vectors[2 * 14 + j]! : sumOf / count;
        expect(next['posterior.codebook']!.data[2 * k + j]).toBeCloseTo(vector, 4);
      }
    }
  });

  it('has heads unless the encoder gives as many numbers as the code has', () => {
    const parts = { input: [4, 4, 1], latent: 8, posterior: { ...spec, codes: 5 }, prior: 'uniformCodes' } as const;
    const decoder = [reshape(2, 2, 2), flatten()];
    const own = vae({
      ...parts,
      encoder: [conv2d(2, { kernel: 2, stride: 2 }), flatten()],
      decoder: [...decoder, { type: 'dense', units: 'output' }],
    });
    expect(buildModel(own).parameters.some(({ name }) => name === 'posterior.weight')).toBe(false);
    const wider = vae({ ...own, encoder: [flatten()] });
    expect(buildModel(wider).parameters.some(({ name }) => name === 'posterior.weight')).toBe(true);
    expect(() => vae({ ...own, latent: 7 })).toThrow(/has vectors of 2 numbers, which must divide the code/);
  });
});

describe('the autoregressive prior', () => {
  const prior = { type: 'autoregressive', layers: 2, hidden: 4, heads: 2 } as const;
  const quantizer: VectorQuantizedPosterior = { ...spec, codes: 3, width: 1 };

  function over(count: number) {
    const scope = new RootScope({ training: false });
    const shared = { spec: quantizer, scope: scope.child('posterior') };
    const own = autoregressive.build(prior, count, scope.child('prior'), {
      encode: () => {
        throw new Error('not asked for');
      },
      posterior: shared,
      dataShape: [3],
    });
    return { own, scope };
  }
  const numbers = [-1, 0.2, 1.5];
  const codebook = { 'posterior.codebook': { shape: [3, 1], data: numbers } };
  /** All sequences of three numbers. */
  const all = Array.from({ length: 27 }, (_, i) => [Math.floor(i / 9), Math.floor(i / 3) % 3, i % 3]);
  const probabilities = () => {
    const { own } = over(3);
    const whole = graph({ logProb: own.logProb(input('z', ['N', 3])) });
    const z = { shape: [27, 3], data: all.flat().map(k => numbers[k]!) };
    return evaluateReference(whole, { ...feedsFor(whole, 27, 2), ...codebook, z }).logProb!.data.map(Math.exp);
  };

  it('adds up to one over all sequences, and its positions depend on those before alone', () => {
    const p = probabilities();
    expect(total([...p])).toBeCloseTo(1, 10);
    // p(k₁) is the same whatever follows: the sums over what follows factorise by the chain rule.
    const { own } = over(3);
    const z = input('z', ['N', 3]);
    const whole = graph({ kl: own.kl({} as never, z) });
    const data = all.flat().map(k => numbers[k]!);
    const { kl } = evaluateReference(whole, { ...feedsFor(whole, 27, 2), ...codebook, z: { shape: [27, 3], data } });
    all.forEach(([first, second], i) => {
      const alike = all.findIndex(([a, b]) => a === first && b === second);
      for (const t of [0, 1]) expect(kl!.data[3 * i + t]).toBeCloseTo(kl!.data[3 * alike + t]!, 12);
      const start = all.findIndex(([a]) => a === first);
      expect(kl!.data[3 * i]).toBeCloseTo(kl!.data[3 * start]!, 12);
    });
    expect(Math.max(...p) / Math.min(...p)).toBeGreaterThan(2);
  });

  it('draws each sequence as often as it is likely, one position after another', () => {
    const p = probabilities();
    const { own } = over(3);
    const whole = graph({ z: own.sample() });
    const draws = 5000;
    let state = 1;
    const uniform = (): number => {
      state = (state * 48271) % 2147483647;
      return state / 2147483647;
    };
    const noise = { shape: [draws, 9], data: Array.from({ length: 9 * draws }, uniform) };
    const z = evaluateReference(whole, { ...feedsFor(whole, 1, 2), ...codebook, 'prior.choice': noise }).z!.data;
    const counts = new Array<number>(27).fill(0);
    for (let i = 0; i < draws; i++) {
      const [a, b, c] = [0, 1, 2].map(t => numbers.findIndex(v => Math.abs(v - z[3 * i + t]!) < 1e-9)) as [
        number,
        number,
        number,
      ];
      counts[9 * a + 3 * b + c]! += 1;
    }
    counts.forEach((count, i) => {
      const error = Math.sqrt((p[i]! * (1 - p[i]!)) / draws);
      expect(Math.abs(count / draws - p[i]!)).toBeLessThan(5 * error + 1e-4);
    });
  });
});

it('the preset’s graphs are on ONNX Runtime what they are in the reference', async () => {
  const model = buildModel(
    presets['vq-vae'].build({
      input: [8, 8, 1],
      hidden: [2, 3],
      latent: 2,
      posterior: { ...spec, codes: 5 },
      prior: { type: 'autoregressive', layers: 1, hidden: 4, heads: 2 },
    }),
  );
  expect(model.spec.latent).toBe(8);
  await compareRuntimes(model.stepGraph());
  await compareRuntimes(model.priorGraph());
  // The bound charges log 5 a position under the uniform prior.
  const uniform = buildModel(vae({ ...model.spec, prior: 'uniformCodes' }));
  const bound = uniform.boundGraph();
  evaluateReference(bound, feedsFor(bound, 3)).kl!.data.forEach(kl => {
    expect(kl).toBeCloseTo(4 * Math.log(5), 10);
  });
});
