import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/check.ts';
import { constant, type Dim, graph, input, noisesOf, type Tensor } from '../../graph/index.ts';
import { alignedBytes, createKernels } from '../../kernels/index.ts';
import { RootScope } from '../../nn/index.ts';
import { add, broadcastTo, sum } from '../../ops/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { noiseBuffers, noiseBytes } from '../../runtime/noise.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { parseSpec } from '../../schema.ts';
import { type Posterior, posteriorOf } from '../posteriors/index.ts';
import { feedsFor, toHost } from '../testing.ts';
import { type Prior, priorOf, priorSchema } from './index.ts';
import type { BuiltPrior } from './prior.ts';

/** Every prior; one that is missing here does not compile. Of options, the first is compared with the others. */
const cases: { readonly [T in Prior['type']]: readonly Extract<Prior, { readonly type: T }>[] } = {
  standardNormal: [{ type: 'standardNormal' }],
  conditionalNormal: [{ type: 'conditionalNormal' }],
  gaussianMixture: [
    { type: 'gaussianMixture', components: 4 },
    { type: 'gaussianMixture', components: 1 },
  ],
  vamp: [
    { type: 'vamp', components: 3 },
    { type: 'vamp', components: 1 },
  ],
  realNvp: [
    { type: 'realNvp', layers: 3, hidden: 4 },
    { type: 'realNvp', layers: 1, hidden: 4 },
    { type: 'realNvp', layers: 3, hidden: 5 },
  ],
  ladder: [{ type: 'ladder' }],
  uniformSphere: [{ type: 'uniformSphere' }],
  normalCategorical: [{ type: 'normalCategorical' }],
  uniformCodes: [{ type: 'uniformCodes' }],
  autoregressive: [
    { type: 'autoregressive', layers: 2, hidden: 4, heads: 2 },
    { type: 'autoregressive', layers: 1, hidden: 4, heads: 2 },
    { type: 'autoregressive', layers: 2, hidden: 8, heads: 2 },
    { type: 'autoregressive', layers: 2, hidden: 4, heads: 1 },
  ],
};
const every: readonly Prior[] = Object.values(cases).flat();

/** The posteriors of priors that have one of their own, for codes of so many dimensions. */
function ownPosterior(prior: Prior['type'], latent: number): Posterior | undefined {
  const halves = [
    { latent: latent - 1, hidden: 4 },
    { latent: 1, hidden: 3 },
  ];
  if (prior === 'ladder') return { type: 'ladder', levels: halves };
  if (prior === 'uniformCodes' || prior === 'autoregressive') {
    return { type: 'vectorQuantized', codes: 3, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 };
  }
  if (prior === 'uniformSphere') return { type: 'vonMisesFisher' };
  return prior === 'normalCategorical' ? { type: 'gumbelSoftmax', categories: [2], temperature: 0.7 } : undefined;
}

/** A prior, of a model whose encoder is a posterior's heads upon 3 numbers. */
function built(
  spec: Prior,
  latent: number,
  training = true,
): { scope: RootScope; prior: BuiltPrior; encode: (x: Tensor) => Encoded } {
  const scope = new RootScope({ training });
  const posterior = ownPosterior(spec.type, latent) ?? { type: 'diagonalGaussian' };
  const shared = { spec: posterior, scope: scope.child('posterior') };
  const encode = (x: Tensor): Encoded => posteriorOf(posterior).build(posterior, x, latent, shared.scope);
  // The second of three classes, whatever the row.
  const condition = (rows: Dim): Tensor => broadcastTo(constant([0, 1, 0], [1, 3]), [rows, 3]);
  const prior = priorOf(spec).build(spec, latent, scope.child('prior'), {
    encode,
    posterior: shared,
    dataShape: [3],
    condition,
  });
  return { scope, prior, encode };
}
type Encoded = ReturnType<ReturnType<typeof posteriorOf>['build']>;

const codes = (latent: number, batch: Dim = 'N'): Tensor => input('z', [batch, latent]);
const total = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

/** Parameters at random, and the codes given. */
function at(outputs: Record<string, Tensor>, z: readonly number[], latent: number, extra: Feeds = {}) {
  const whole = graph(outputs);
  return evaluateReference(whole, {
    ...feedsFor(whole, z.length / latent, 0.8),
    z: { shape: [z.length / latent, latent], data: z },
    ...extra,
  });
}
type Feeds = Record<string, ReferenceFeed>;

/** A square grid over the plane, and the area of a cell. */
function plane(reach: number, side: number): { z: number[]; cell: number } {
  const axis = Array.from({ length: side }, (_, i) => -reach + (2 * reach * i) / (side - 1));
  return { z: axis.flatMap(a => axis.flatMap(b => [a, b])), cell: ((2 * reach) / (side - 1)) ** 2 };
}

describe.each(every)('$type $components $layers $hidden', spec => {
  it('survives JSON, and its name alone is enough', () => {
    expect(parseSpec(priorSchema, JSON.parse(JSON.stringify(spec)), 'prior')).toEqual(spec);
    expect(Object.keys(parseSpec(priorSchema, { type: spec.type }, 'prior'))).toEqual(Object.keys(spec));
  });

  it('takes codes of any batch dimension, and draws anew each time', () => {
    for (const latent of [2, 3]) {
      const { prior } = built(spec, latent);
      for (const batch of ['N', '3N', 4] as const) expect(prior.logProb(codes(latent, batch)).shape).toEqual([batch]);
      const [first, second] = [prior.sample(), prior.sample()];
      expect(first.shape).toEqual(['N', latent]);
      expect(noisesOf(graph({ first, second })).length).toBe(2 * noisesOf(graph({ first })).length);
    }
  });

  it('is learned, or has no parameters', () => {
    const { scope, prior } = built(spec, 2);
    prior.logProb(codes(2));
    expect(scope.parameters.length > 0).toBe(priorOf(spec).learned);
  });

  // Codes of two dimensions may be anywhere.
  const elsewhere: readonly Prior['type'][] = ['uniformSphere', 'normalCategorical', 'uniformCodes', 'autoregressive'];
  const everywhere = !elsewhere.includes(spec.type);

  it.runIf(everywhere)('integrates to one over the plane, and has the moments of its draws', () => {
    const { prior } = built(spec, 2);
    const { z, cell } = plane(12, 161);
    const density = at({ logProb: prior.logProb(codes(2)) }, z, 2).logProb!.data.map(v => Math.exp(v) * cell);
    expect(total(density)).toBeCloseTo(1, 3);

    const whole = graph({ z: prior.sample() });
    const draws = 10_000;
    const leaves = noisesOf(whole);
    const noise = noiseBuffers(createKernels(noiseBytes(leaves, draws) + alignedBytes(0)), leaves, draws);
    noise.fill({ seed: 3, step: 0 });
    const drawn = evaluateReference(whole, { ...feedsFor(whole, 1, 0.8), ...noise.feeds }).z!.data;
    const moments = [
      (a: number, _: number) => a,
      (_: number, b: number) => b,
      (a: number, _: number) => a * a,
      (_: number, b: number) => b * b,
      (a: number, b: number) => a * b,
    ];
    for (const moment of moments) {
      const expected = total(density.map((p, i) => p * moment(z[2 * i]!, z[2 * i + 1]!)));
      const values = Array.from({ length: draws }, (_, i) => moment(drawn[2 * i]!, drawn[2 * i + 1]!));
      const mean = total(values) / draws;
      const error = Math.sqrt(total(values.map(v => (v - mean) ** 2))) / draws;
      expect(Math.abs(mean - expected)).toBeLessThan(4 * error + 1e-3);
    }
  });

  it.runIf(spec.type !== 'uniformCodes').each([2, 3])(
    'has gradients that finite differences confirm, at %i latents',
    latent => {
      const { scope, prior } = built(spec, latent);
      const z = codes(latent);
      const density = sum(prior.logProb(z));
      checkGradients(density, [z, ...scope.tensors], feedsFor(graph({ density }), 3, 0.8));
      const loss = add(sum(prior.logProb(prior.sample())), density);
      checkGradients(loss, scope.tensors, feedsFor(graph({ loss }), 3, 0.8));
    },
  );

  it('is on ONNX Runtime what it is in the reference', async () => {
    const { prior } = built(spec, 3);
    const whole = graph({ logProb: prior.logProb(codes(3)), drawn: prior.sample() });
    const feeds = feedsFor(whole, 5, 0.8);
    const program = await (await nodeRuntime({ threads: 1 })).compile(whole);
    const got = await program.run(toHost(whole, feeds));
    await program.dispose();
    for (const [name, { data }] of Object.entries(evaluateReference(whole, feeds))) {
      const scale = Math.max(1, ...data.map(Math.abs));
      data.forEach((value, i) => {
        expect(Math.abs(got[name]!.data[i]! - value), name).toBeLessThan(1e-5 * scale);
      });
    }
  });

  it.runIf(everywhere)(
    'has a KL whose mean over the posterior’s draws is the one that quadrature over codes finds',
    () => {
      const { prior, encode } = built(spec, 2);
      const posterior = encode(input('h', ['N', 3]));
      const one = { h: [0.4, -0.7, 0.2] };
      const side = 61;
      const noise = plane(6, side);
      const rows = side * side;
      const weights = Array.from(
        { length: rows },
        (_, i) => (Math.exp(-0.5 * (noise.z[2 * i]! ** 2 + noise.z[2 * i + 1]! ** 2)) / (2 * Math.PI)) * noise.cell,
      );
      const drawn = posterior.sample();
      const outputs = { kl: prior.kl(posterior, drawn), q: posterior.logProb(codes(2)), p: prior.logProb(codes(2)) };
      const { z, cell } = plane(9, side);
      const h = { shape: [rows, 3], data: Array.from({ length: rows }, () => one.h).flat() };
      const { kl, q, p } = at(outputs, z, 2, { h, 'posterior.noise': { shape: [rows, 2], data: noise.z } });
      const width = kl!.shape[1]!;
      const estimated = total(weights.map((w, i) => w * total(kl!.data.slice(i * width, (i + 1) * width))));
      const exact = total(q!.data.map((v, i) => Math.exp(v) * (v - p!.data[i]!) * cell));
      // The couplings' kinks cost the quadrature some digits.
      expect(Math.abs(estimated - exact)).toBeLessThan(5e-4 * Math.max(1, exact));
    },
  );
});

describe('options', () => {
  it.each(Object.values(cases).filter(list => list.length > 1))(
    'of $type each change the result',
    (first, ...others) => {
      const values = [first, ...others].map(spec => {
        const { prior, scope } = built(spec, 3);
        const { logProb } = at({ logProb: prior.logProb(codes(3)) }, [0.3, -0.2, 1], 3);
        return JSON.stringify([scope.parameters, logProb!.data]);
      });
      expect(new Set(values).size).toBe(values.length);
    },
  );
});

/** Codes drawn outside training, one by one. */
function drawnFrom(spec: Prior, latent: number, draws: number): number[][] {
  const whole = graph({ z: built(spec, latent, false).prior.sample() });
  const leaves = noisesOf(whole);
  const noise = noiseBuffers(createKernels(noiseBytes(leaves, draws)), leaves, draws);
  noise.fill({ seed: 3, step: 0 });
  const { data } = evaluateReference(whole, noise.feeds).z!;
  return Array.from({ length: draws }, (_, i) => [...data.slice(latent * i, latent * (i + 1))]);
}

/** That the mean of numbers is the one expected, within four standard errors. */
function expectMean(values: readonly number[], expected: number): void {
  const mean = total(values) / values.length;
  const error = Math.sqrt(total(values.map(v => (v - mean) ** 2))) / values.length;
  expect(Math.abs(mean - expected)).toBeLessThan(4 * error);
}

describe('the uniform prior on the sphere', () => {
  it.each([2, 3, 5])('has one density, and draws of length 1 as wide in each direction, at %i dimensions', latent => {
    const spec = { type: 'uniformSphere' } as const;
    const codes = drawnFrom(spec, latent, 5000);
    for (const code of codes) expect(Math.hypot(...code)).toBeCloseTo(1, 10);
    for (let i = 0; i < latent; i++) {
      expectMean(
        codes.map(code => code[i]!),
        0,
      );
      const squares = codes.map(code => code[i]! ** 2);
      expectMean(squares, 1 / latent);
      // E[wⁿ] of a coordinate of a uniform point: 3 / (d (d + 2)) for n = 4.
      expectMean(
        squares.map(v => v * v),
        3 / (latent * (latent + 2)),
      );
    }
    const { logProb } = at(
      { logProb: built(spec, latent).prior.logProb(input('z', ['N', latent])) },
      codes[0]!,
      latent,
    );
    const area = { 2: 2 * Math.PI, 3: 4 * Math.PI, 5: (8 / 3) * Math.PI ** 2 }[latent]!;
    expect(logProb!.data[0]).toBeCloseTo(-Math.log(area), 10);
  });
});

describe('the prior of numbers and categories', () => {
  it('draws normal numbers, and each category as often as the others; relaxed in training alone', () => {
    const spec = { type: 'normalCategorical' } as const;
    const codes = drawnFrom(spec, 4, 5000);
    for (const i of [0, 1]) {
      expectMean(
        codes.map(code => code[i]!),
        0,
      );
      expectMean(
        codes.map(code => code[i]! ** 2),
        1,
      );
      expect(new Set(codes.map(code => code[2 + i]))).toEqual(new Set([0, 1]));
      expectMean(
        codes.map(code => code[2 + i]!),
        0.5,
      );
    }
    const z = [0.3, -0.4, 0, 1];
    const { logProb } = at({ logProb: built(spec, 4, false).prior.logProb(input('z', ['N', 4])) }, z, 4);
    expect(logProb!.data[0]).toBeCloseTo(-0.5 * 0.25 - Math.log(2 * Math.PI) - Math.log(2), 10);
    const relaxed = graph({ z: built(spec, 4).prior.sample() });
    const { data } = evaluateReference(relaxed, feedsFor(relaxed, 3)).z!;
    expect(data[2]! + data[3]!).toBeCloseTo(1, 10);
    expect(data[2]! * data[3]!).toBeGreaterThan(0);
  });
});

describe('mixtures', () => {
  it('the VampPrior is the mean of the posteriors of its pseudo-inputs', () => {
    const { prior, encode } = built({ type: 'vamp', components: 3 }, 2);
    const u = input('u', ['N', 3]);
    const { mean, logVar } = encode(u).outputs as { mean: Tensor; logVar: Tensor };
    const z = [0.3, -0.8];
    const feeds = feedsFor(graph({ p: prior.logProb(codes(2)) }), 1, 0.8);
    const raw = feeds['prior.pseudoInputs']!;
    const pseudo = { shape: raw.shape, data: Array.from(raw.data, v => 1 / (1 + Math.exp(-v))) };
    const encoded = evaluateReference(graph({ mean, logVar }), { ...feeds, u: pseudo });
    const density = [0, 1, 2].map(k =>
      [0, 1].reduce((p, d) => {
        const variance = Math.exp(encoded.logVar!.data[2 * k + d]!);
        const offset = z[d]! - encoded.mean!.data[2 * k + d]!;
        return (p * Math.exp((-0.5 * offset ** 2) / variance)) / Math.sqrt(2 * Math.PI * variance);
      }, 1),
    );
    const { p } = evaluateReference(graph({ p: prior.logProb(codes(2)) }), { ...feeds, z: { shape: [1, 2], data: z } });
    expect(p!.data[0]).toBeCloseTo(Math.log(total(density) / 3), 10);
  });

  it('draw each component as often as its weight says, and stay within the table', () => {
    const { prior } = built({ type: 'gaussianMixture', components: 3 }, 1);
    const whole = graph({ z: prior.sample() });
    const choices = [...Array.from({ length: 1000 }, (_, i) => i / 1000), 1 - 2 ** -24];
    const { z } = evaluateReference(whole, {
      'prior.mean': { shape: [3, 1], data: [1, 2, 3] },
      'prior.logVar': { shape: [3, 1], data: [0, 0, 0] },
      'prior.logits': { shape: [3], data: [Math.log(0.1005), Math.log(0.6), Math.log(0.2995)] },
      'prior.choice': { shape: [1001, 1], data: choices },
      'prior.noise': { shape: [1001, 1], data: choices.map(() => 0) },
    });
    expect([1, 2, 3].map(k => z!.data.filter(v => v === k).length)).toEqual([101, 600, 300]);
  });
});

describe('a flow prior', () => {
  it('starts as the standard normal, and its draws have the density of their noise by the change of variables', () => {
    const { prior, scope } = built({ type: 'realNvp', layers: 4, hidden: 6 }, 2);
    const drawn = prior.sample();
    const whole = graph({ z: drawn, logProb: prior.logProb(drawn) });
    const feeds = feedsFor(whole, 5, 0.9);
    const noise = feeds['prior.noise']!;
    const moved = (shift: readonly number[]) =>
      evaluateReference(whole, {
        ...feeds,
        'prior.noise': { shape: noise.shape, data: Array.from(noise.data, (v, i) => v + shift[i % 2]!) },
      });
    const h = 1e-5;
    const columns = [
      [h, 0],
      [0, h],
    ].map(unit => {
      const [up, down] = [moved(unit).z!.data, moved(unit.map(v => -v)).z!.data];
      return up.map((v, i) => (v - down[i]!) / (2 * h));
    });
    const { logProb } = moved([0, 0]);
    const logNormal = (n: number): number =>
      -0.5 * (noise.data[2 * n]! ** 2 + noise.data[2 * n + 1]! ** 2) - Math.log(2 * Math.PI);
    logProb!.data.forEach((value, n) => {
      const d = (i: number, j: number): number => columns[j]![2 * n + i]!;
      const determinant = d(0, 0) * d(1, 1) - d(0, 1) * d(1, 0);
      expect(Math.abs(Math.log(Math.abs(determinant)))).toBeGreaterThan(1e-3);
      expect(value).toBeCloseTo(logNormal(n) - Math.log(Math.abs(determinant)), 6);
    });
    for (const { name, shape, initial } of scope.parameters) {
      if (initial.type === 'constant') {
        const size = shape.reduce((a, b) => a * b, 1);
        feeds[name] = { shape, data: new Float64Array(size).fill(initial.value) };
      }
    }
    const last = scope.parameters.filter(({ name }) => name.includes('network.4.weight'));
    expect(last.map(({ initial }) => initial)).toEqual(Array(4).fill({ type: 'constant', value: 0 }));
    evaluateReference(whole, feeds).logProb!.data.forEach((value, n) => {
      expect(value).toBeCloseTo(logNormal(n), 10);
    });
  });
});
