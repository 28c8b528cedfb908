import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/check.ts';
import { type Graph, graph, input, noisesOf, type Tensor } from '../../graph/index.ts';
import { alignedBytes, createKernels } from '../../kernels/index.ts';
import { RootScope } from '../../nn/index.ts';
import { add, square, sum } from '../../ops/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import { parseSpec } from '../../schema.ts';
import { feedsFor, toHost } from '../testing.ts';
import { type Posterior, posteriorOf, posteriorSchema } from './index.ts';
import type { Level } from './levels.ts';
import type { BuiltPosterior } from './posterior.ts';

/** So many levels, or as many as there are dimensions: one dimension each, and the rest at the bottom. */
function levelsOf(latent: number, count: number, hidden: number): Level[] {
  const levels = Math.min(count, latent);
  return Array.from({ length: levels }, (_, i) => ({ latent: i === 0 ? latent - levels + 1 : 1, hidden }));
}

/** The spec for codes of so many dimensions. */
function fitted(spec: Posterior, latent: number): Posterior {
  return spec.type === 'ladder'
    ? { ...spec, levels: levelsOf(latent, spec.levels.length, spec.levels[0]!.hidden) }
    : spec;
}

/** Every posterior; one that is missing here does not compile. Of options, the first is compared with the others. */
const cases: { readonly [T in Posterior['type']]: readonly Extract<Posterior, { readonly type: T }>[] } = {
  diagonalGaussian: [{ type: 'diagonalGaussian' }],
  fullGaussian: [{ type: 'fullGaussian' }],
  planar: [
    { type: 'planar', steps: 3 },
    { type: 'planar', steps: 1 },
  ],
  radial: [
    { type: 'radial', steps: 3 },
    { type: 'radial', steps: 1 },
  ],
  iaf: [
    { type: 'iaf', steps: 2, hidden: 5 },
    { type: 'iaf', steps: 1, hidden: 5 },
    { type: 'iaf', steps: 2, hidden: 4 },
  ],
  ladder: [
    { type: 'ladder', levels: levelsOf(2, 2, 4) },
    { type: 'ladder', levels: levelsOf(3, 3, 4) },
    { type: 'ladder', levels: levelsOf(2, 2, 5) },
  ],
  vonMisesFisher: [{ type: 'vonMisesFisher' }],
  gumbelSoftmax: [
    { type: 'gumbelSoftmax', categories: [2], temperature: 0.7 },
    { type: 'gumbelSoftmax', categories: [3], temperature: 0.7 },
    { type: 'gumbelSoftmax', categories: [2], temperature: 0.8 },
  ],
  vectorQuantized: [
    { type: 'vectorQuantized', codes: 3, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 },
    { type: 'vectorQuantized', codes: 4, width: 1, commitment: 0.3, decay: 0.9, revive: 0.1 },
  ],
  deterministic: [{ type: 'deterministic' }],
};
const every: readonly Posterior[] = Object.values(cases).flat();

/** The fewest dimensions that a code may have. */
function leastOf(spec: Posterior): number {
  if (spec.type === 'gumbelSoftmax') return total(spec.categories);
  return spec.type === 'vonMisesFisher' ? 2 : 1;
}

/** What KL is known in closed form. */
const klOf = ({ klToStandardNormal, klToUniform }: BuiltPosterior): Tensor | undefined =>
  (klToStandardNormal ?? klToUniform)?.();
/** Those whose codes are made of as many normal numbers, and may be any. */
const dense = every.filter(spec => posteriorOf(spec).density && !built(spec, 3).posterior.klToUniform);

type Feeds = Record<string, ReferenceFeed>;
const run = (outputs: Record<string, Tensor>, feeds: Feeds) => evaluateReference(graph(outputs), feeds);

/** A posterior on features of 3 numbers, and one drawn code with its density. */
function built(spec: Posterior, latent: number, batch: Tensor['shape'][number] = 'N') {
  const scope = new RootScope({ training: true });
  const features = input('h', [batch, 3]);
  const posterior = posteriorOf(spec).build(fitted(spec, latent), features, latent, scope.child('posterior'));
  const z = posterior.sample();
  return { scope, features, posterior, z };
}

/** Noise on a square grid with the standard normal's weights: expectations by quadrature. Row by row, `side` to a row. */
function noiseGrid(latent: number, side: number, reach = 6) {
  const step = (2 * reach) / (side - 1);
  const axis = Array.from({ length: side }, (_, i) => -reach + i * step);
  const points = latent === 1 ? axis.map(a => [a]) : axis.flatMap(a => axis.map(b => [a, b]));
  const logNormal = (p: readonly number[]): number =>
    p.reduce((total, v) => total - 0.5 * (v * v + Math.log(2 * Math.PI)), 0);
  return { points, logNormal, weights: points.map(p => Math.exp(logNormal(p)) * step ** latent) };
}

/** The same features in each row, parameters at random, and the noise given: [rows, latent]. */
function feedsOf(whole: Graph, noise: readonly (readonly number[])[]): Feeds {
  const feeds = feedsFor(whole, 1, 0.9);
  const rows = noise.length;
  const latent = noise[0]!.length;
  return {
    ...feeds,
    h: { shape: [rows, 3], data: noise.flatMap(() => Array.from(feeds.h!.data)) },
    'posterior.noise': { shape: [rows, latent], data: noise.flat() },
  };
}

function total(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0);
}

describe.each(every)('$type $steps $hidden', spec => {
  const { density } = posteriorOf(spec);

  it('survives JSON, and its name alone is enough', () => {
    expect(parseSpec(posteriorSchema, JSON.parse(JSON.stringify(spec)), 'posterior')).toEqual(spec);
    expect(Object.keys(parseSpec(posteriorSchema, { type: spec.type }, 'posterior'))).toEqual(Object.keys(spec));
  });

  it('gives codes of any batch dimension, exports without noise, and draws anew each time', () => {
    for (const batch of ['N', '3N', 4] as const) {
      const { posterior, z } = built(spec, 3, batch);
      expect(z.shape).toEqual([batch, 3]);
      expect(posterior.mean.shape).toEqual([batch, 3]);
      if (density) expect(posterior.logProb(z).shape).toEqual([batch]);
      expect(noisesOf(graph({ ...posterior.outputs }))).toEqual([]);
      expect(Object.keys(posterior.outputs)[0]).toBe('mean');
      if (density)
        expect(noisesOf(graph({ z, again: posterior.sample() })).length).toBe(2 * noisesOf(graph({ z })).length);
    }
  });

  it.each([1, 2, 3].filter(latent => latent >= leastOf(spec)))(
    'has gradients that finite differences confirm, at %i latents',
    latent => {
      // Choices from a codebook have no gradient; that of their neighbourhood stands in for it (codebook.test.ts).
      if (spec.type === 'vectorQuantized') return;
      const { scope, features, posterior, z } = built(spec, latent);
      const terms = [sum(square(z)), sum(posterior.mean)];
      if (density) terms.push(sum(posterior.logProb(z)), sum(posterior.logProb(posterior.mean)));
      const kl = klOf(posterior);
      if (kl) terms.push(sum(kl));
      const loss = terms.reduce((a, b) => add(a, b));
      checkGradients(loss, [features, ...scope.tensors], feedsFor(graph({ loss }), 2, 0.9));
    },
  );

  it.each([leastOf(spec), 3])('is on ONNX Runtime what it is in the reference, at %i latents', async latent => {
    const { posterior, z } = built(spec, latent);
    const kl = klOf(posterior);
    const outputs = {
      ...posterior.outputs,
      z,
      ...(density && { logProb: posterior.logProb(z), atMean: posterior.logProb(posterior.mean) }),
      ...(kl && { kl }),
    };
    const whole = graph(outputs);
    const feeds = feedsFor(whole, 5, 0.9);
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
});

describe.each(dense)('the density of $type $steps $hidden', spec => {
  it.each([1, 2])('is that of the noise by the change of variables, at %i latents', latent => {
    const { posterior, z } = built(spec, latent);
    const { points, logNormal } = noiseGrid(latent, 9, 3);
    const whole = graph({ z, logProb: posterior.logProb(z) });
    const at = (shift: readonly number[]) =>
      evaluateReference(
        whole,
        feedsOf(
          whole,
          points.map(p => p.map((v, i) => v + shift[i]!)),
        ),
      );
    const h = 1e-5;
    const columns = Array.from({ length: latent }, (_, j) => {
      const unit = Array.from({ length: latent }, (_, i) => (i === j ? h : 0));
      const [up, down] = [at(unit).z!.data, at(unit.map(v => -v)).z!.data];
      return up.map((v, i) => (v - down[i]!) / (2 * h));
    });
    const { logProb } = at([0, 0]);
    points.forEach((p, n) => {
      const d = (i: number, j: number): number => columns[j]![n * latent + i]!;
      const determinant = latent === 1 ? d(0, 0) : d(0, 0) * d(1, 1) - d(0, 1) * d(1, 0);
      expect(logProb!.data[n]).toBeCloseTo(logNormal(p) - Math.log(Math.abs(determinant)), 6);
    });
  });

  it('integrates to one in one dimension, where the map is monotone, and has the entropy that its draws say', () => {
    const { posterior, z } = built(spec, 1);
    const { points, weights } = noiseGrid(1, 4001, 8);
    const whole = graph({ z, logProb: posterior.logProb(z) });
    const { z: codes, logProb } = evaluateReference(whole, feedsOf(whole, points));
    const steps = Array.from(codes!.data.slice(1), (v, i) => v - codes!.data[i]!);
    expect(new Set(steps.map(Math.sign)).size).toBe(1);
    const integral = (f: (i: number) => number): number =>
      total(steps.map((dz, i) => 0.5 * Math.abs(dz) * (f(i) + f(i + 1))));
    const q = (i: number): number => Math.exp(logProb!.data[i]!);
    expect(integral(q)).toBeCloseTo(1, 4);
    const drawn = total(weights.map((w, i) => w * logProb!.data[i]!));
    expect(integral(i => q(i) * logProb!.data[i]!)).toBeCloseTo(drawn, 4);
  });

  it('integrates to one over the plane, no part of which is covered twice', () => {
    const { posterior, z } = built(spec, 2);
    const side = 121;
    const { points } = noiseGrid(2, side);
    const whole = graph({ z, logProb: posterior.logProb(z) });
    const { z: codes, logProb } = evaluateReference(whole, feedsOf(whole, points));
    const at = (n: number): [number, number] => [codes!.data[2 * n]!, codes!.data[2 * n + 1]!];
    let mass = 0;
    const signs = new Set<number>();
    for (let i = 0; i + 1 < side; i++) {
      for (let j = 0; j + 1 < side; j++) {
        const corners = [i * side + j, i * side + j + 1, (i + 1) * side + j + 1, (i + 1) * side + j];
        // The area of the cell's image, by the shoelace formula.
        const area = corners.reduce((sum, n, k) => {
          const [[x, y], [x2, y2]] = [at(n), at(corners[(k + 1) % 4]!)];
          return sum + 0.5 * (x * y2 - x2 * y);
        }, 0);
        signs.add(Math.sign(area));
        mass += Math.abs(area) * 0.25 * total(corners.map(n => Math.exp(logProb!.data[n]!)));
      }
    }
    expect(signs.size).toBe(1);
    expect(mass).toBeCloseTo(1, 2);
  });

  it('agrees with the closed-form KL, where there is one: by quadrature, and by draws within their standard error', () => {
    const { posterior, z } = built(spec, 2);
    const closed = posterior.klToStandardNormal?.();
    if (closed === undefined) return;
    const { points, weights, logNormal } = noiseGrid(2, 101);
    const whole = graph({ z, logProb: posterior.logProb(z), kl: sum(closed, 1) });
    const ratios = (noise: readonly (readonly number[])[]) => {
      const { z: codes, logProb, kl } = evaluateReference(whole, feedsOf(whole, noise));
      const each = noise.map((_, i) => logProb!.data[i]! - logNormal([codes!.data[2 * i]!, codes!.data[2 * i + 1]!]));
      return { each, kl: kl!.data[0]! };
    };
    const { each, kl } = ratios(points);
    expect(total(each.map((v, i) => v * weights[i]!))).toBeCloseTo(kl, 6);
    const draws = 5000;
    const kernels = createKernels(alignedBytes(8 * draws));
    const noise = kernels.float32(2 * draws);
    kernels.fillNormal(noise, { seed: 1, stream: 1, step: 0 });
    const drawn = ratios(Array.from({ length: draws }, (_, i) => [noise[2 * i]!, noise[2 * i + 1]!])).each;
    const mean = total(drawn) / draws;
    const error = Math.sqrt(total(drawn.map(v => (v - mean) ** 2))) / draws;
    expect(Math.abs(mean - kl)).toBeLessThan(4 * error);
  });
});

describe('options', () => {
  it.each(Object.values(cases).filter(list => list.length > 1))(
    'of $type each change the result',
    (first, ...others) => {
      const values = [first, ...others].map(spec => {
        const { posterior, z, scope } = built(spec, 3);
        const whole = graph({ z, ...(posteriorOf(spec).density && { logProb: posterior.logProb(z) }) });
        return JSON.stringify([scope.parameters, evaluateReference(whole, feedsFor(whole, 1)).z!.data]);
      });
      expect(new Set(values).size).toBe(values.length);
    },
  );
});

describe('a diagonal Gaussian', () => {
  it('has two heads in one product, and draws mean + exp(logVar / 2) · noise', () => {
    const { scope, posterior, z } = built({ type: 'diagonalGaussian' }, 2);
    // Glorot's bound for a head by itself: 3 in, 2 out.
    expect(scope.parameters).toEqual([
      { name: 'posterior.weight', shape: [3, 4], initial: { type: 'uniform', bound: Math.sqrt(6 / 5) }, role: 'model' },
      { name: 'posterior.bias', shape: [4], initial: { type: 'constant', value: 0 }, role: 'model' },
    ]);
    const values = run(
      { ...posterior.outputs, z },
      {
        h: { shape: [1, 3], data: [1, 2, -1] },
        'posterior.weight': { shape: [3, 4], data: [1, 2, 3, 4, 0, 1, 0, -1, 2, 0, 1, 0] },
        'posterior.bias': { shape: [4], data: [0.5, 0, 0, 0.25] },
        'posterior.noise': { shape: [1, 2], data: [2, -1] },
      },
    );
    expect([...values.mean!.data]).toEqual([-0.5, 4]);
    expect([...values.logVar!.data]).toEqual([2, 2.25]);
    expect(values.z!.data[0]).toBeCloseTo(-0.5 + 2 * Math.exp(1), 12);
    expect(values.z!.data[1]).toBeCloseTo(4 - Math.exp(1.125), 12);
  });
});

describe('codes that are not all of the space', () => {
  it('lie on the sphere, around a mean of length 1, with the concentration softplus(·) + 1', () => {
    const { scope, posterior, z } = built({ type: 'vonMisesFisher' }, 2);
    expect(scope.parameters.map(({ name, shape }) => [name, shape])).toEqual([
      ['posterior.weight', [3, 3]],
      ['posterior.bias', [3]],
    ]);
    const values = run(
      { ...posterior.outputs, z },
      {
        h: { shape: [1, 3], data: [1, 2, -1] },
        'posterior.weight': { shape: [3, 3], data: [3, 0, 0, 0, 2, 0, 0, 0, 2] },
        'posterior.bias': { shape: [3], data: [0, 0, 0.5] },
        'posterior.angle': { shape: [1, 1], data: [0.4] },
        'posterior.noise': { shape: [1, 2], data: [2, -1] },
      },
    );
    expect([...values.mean!.data]).toEqual([3 / 5, 4 / 5]);
    expect(values.concentration!.data[0]).toBeCloseTo(1 + Math.log(1 + Math.exp(-1.5)), 12);
    expect(Math.hypot(...values.z!.data)).toBeCloseTo(1, 12);
  });

  it('are numbers, then choices: relaxed in training alone, and the likeliest where none is drawn', () => {
    const spec = { type: 'gumbelSoftmax', categories: [2, 3], temperature: 0.5 } as const;
    for (const training of [true, false]) {
      const scope = new RootScope({ training });
      const posterior = posteriorOf(spec).build(spec, input('h', ['N', 3]), 6, scope.child('posterior'));
      const whole = graph({ ...posterior.outputs, z: posterior.sample(), kl: posterior.klToUniform!() });
      const feeds = feedsFor(whole, 1);
      const values = evaluateReference(whole, feeds);
      const [mean, z, p] = [[...values.mean!.data], [...values.z!.data], [...values.probabilities!.data]];
      const deviation = Math.exp(values.logVar!.data[0]! / 2);
      expect(z[0]).toBeCloseTo(mean[0]! + deviation * feeds['posterior.noise']!.data[0]!, 12);
      const groups = [
        [0, 2],
        [2, 5],
      ] as const;
      for (const [k, [start, end]] of groups.entries()) {
        const [shares, drawn, likeliest] = [p, z.slice(1), mean.slice(1)].map(list => list.slice(start, end));
        expect(total(shares!)).toBeCloseTo(1, 12);
        expect(total(drawn!)).toBeCloseTo(1, 12);
        expect(Math.max(...drawn!) === 1).toBe(!training);
        expect(likeliest).toEqual(shares!.map(share => (share === Math.max(...shares!) ? 1 : 0)));
        const kl = total(shares!.map(share => share * Math.log(share * shares!.length)));
        expect(values.kl!.data[1 + k]).toBeCloseTo(kl, 12);
      }
    }
  });
});

describe('Gaussians', () => {
  it.each(['diagonalGaussian', 'fullGaussian'] as const)('%s: draws have the mean and variances it exports', type => {
    const { posterior, z } = built({ type }, 2);
    const { points, weights } = noiseGrid(2, 101);
    const whole = graph({ z, ...posterior.outputs });
    const { z: codes, mean, logVar } = evaluateReference(whole, feedsOf(whole, points));
    const expectation = (f: (n: number) => number): number => total(weights.map((w, n) => w * f(n)));
    for (const i of [0, 1]) {
      const center = expectation(n => codes!.data[2 * n + i]!);
      expect(center).toBeCloseTo(mean!.data[i]!, 6);
      const variance = expectation(n => (codes!.data[2 * n + i]! - center) ** 2);
      expect(variance).toBeCloseTo(Math.exp(logVar!.data[i]!), 6);
    }
    const covariance = expectation(
      n => (codes!.data[2 * n]! - mean!.data[0]!) * (codes!.data[2 * n + 1]! - mean!.data[1]!),
    );
    if (type === 'fullGaussian') expect(Math.abs(covariance)).toBeGreaterThan(0.01);
    else expect(covariance).toBeCloseTo(0, 9);
  });

  it('a full one knows the density of codes that it did not draw', () => {
    const { posterior, z } = built({ type: 'fullGaussian' }, 4);
    const other = input('z', ['N', 4]);
    const whole = graph({ z, drawn: posterior.logProb(z), solved: posterior.logProb(other) });
    const feeds = feedsFor(whole, 3);
    const { z: codes } = evaluateReference(whole, feeds);
    const { drawn, solved } = evaluateReference(whole, { ...feeds, z: codes! });
    drawn!.data.forEach((value, i) => {
      expect(solved!.data[i]).toBeCloseTo(value, 10);
    });
    checkGradients(sum(posterior.logProb(other)), [other], feeds);
  });
});

describe('planar and radial flows', () => {
  it.each(['planar', 'radial'] as const)('%s: stay invertible and finite whatever the encoder says', type => {
    const { posterior, z } = built({ type, steps: 4 }, 2);
    const whole = graph({ z, logProb: posterior.logProb(z) });
    for (const scale of [0, 30]) {
      const { points } = noiseGrid(2, 21, 3);
      const feeds = feedsOf(whole, points);
      for (const [name, { shape, data }] of Object.entries(feeds)) {
        if (name.includes('flow')) feeds[name] = { shape, data: Array.from(data, v => v * scale) };
      }
      const out = evaluateReference(whole, feeds);
      expect([...out.z!.data, ...out.logProb!.data].every(Number.isFinite)).toBe(true);
    }
  });
});

describe('an inverse autoregressive flow', () => {
  it.each([
    [1, [true, false, true, true]],
    [2, [true, true, true, true]],
  ] as const)(
    'of %i steps: dimensions follow those before them, in the other order at each step',
    (steps, expected) => {
      const { posterior, z } = built({ type: 'iaf', steps, hidden: 8 }, 2);
      const whole = graph({ z, logProb: posterior.logProb(z) });
      const at = (noise: readonly number[]) => evaluateReference(whole, feedsOf(whole, [noise])).z!.data;
      const still = at([0.3, -0.5]);
      // Rows: dimensions of the code; columns: dimensions of the noise.
      const [first, second] = [at([0.4, -0.5]), at([0.3, -0.4])];
      const depends = [0, 1].flatMap(i => [first[i] !== still[i], second[i] !== still[i]]);
      expect(depends).toEqual(expected);
    },
  );
});

describe('what has no density says so', () => {
  it('a flow, of codes that it did not make', () => {
    const { posterior } = built({ type: 'iaf', steps: 1, hidden: 3 }, 2);
    expect(() => posterior.logProb(input('z', ['N', 2]))).toThrow(
      /knows log q\(z\|x\) of the codes that it drew alone/,
    );
  });

  it('a deterministic posterior, which is its mean and counts as a KL of 0', () => {
    const { posterior, z } = built({ type: 'deterministic' }, 2);
    expect(z).toBe(posterior.mean);
    expect(() => posterior.logProb(z)).toThrow(/"deterministic" has no density/);
    const whole = graph({ kl: posterior.klToStandardNormal!() });
    expect([...evaluateReference(whole, feedsFor(whole, 2)).kl!.data].map(Math.abs)).toEqual([0, 0]);
  });
});
