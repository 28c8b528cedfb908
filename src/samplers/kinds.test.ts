// What is particular to each kind of sampler.

import { describe, expect, it } from 'vitest';
import { checkGradients } from '../autodiff/check.ts';
import { grad } from '../autodiff/index.ts';
import { smallVae } from '../evaluate/testing.ts';
import { graph, input, type Tensor } from '../graph/index.ts';
import { RootScope } from '../nn/index.ts';
import { slice, sum } from '../ops/index.ts';
import { float32 } from '../runtime/index.ts';
import { evaluateReference, type ReferenceFeed } from '../runtime/reference.ts';
import { autoregressiveFlow, flow } from './autoregressive-flow.ts';
import { gaussianMixture } from './gaussian-mixture.ts';
import { nearestNeighbours } from './neighbours.ts';
import { normals } from './noise.ts';
import { secondStage } from './second-stage.ts';
import { clustered, splits } from './testing.ts';

const latent = 3;
const size = { layers: 3, hidden: 12, latent };

/** A flow with parameters of no pattern. */
function someFlow() {
  const scope = new RootScope({ training: true });
  const x = input('x', ['N', latent]);
  const built = flow(size, scope);
  const logProb = built.logProb(x);
  const parameters: Record<string, ReferenceFeed & { data: Float32Array }> = {};
  for (const { name, shape } of scope.parameters) {
    const data = normals(
      shape.reduce((a, b) => a * b, 1),
      { seed: 1, stream: name },
    ).map(value => 0.5 * value);
    parameters[name] = { shape, data };
  }
  const codes = { shape: [4, latent], data: Array.from(normals(4 * latent, { seed: 2, stream: 'x' })) };
  return { ...built, scope, x, logProb, feeds: { ...parameters, x: codes }, parameters };
}

describe('maf', () => {
  it('has gradients that finite differences confirm', () => {
    const { scope, x, logProb, feeds } = someFlow();
    checkGradients(sum(logProb), [x, ...scope.tensors], feeds);
  });

  it('has the log-determinant of its Jacobian, each map by itself triangular in its order', () => {
    const { maps, x, feeds } = someFlow();
    for (const map of maps) {
      const { u, logDeterminant } = map.forth(x);
      // Row i of the Jacobian, of all examples at once: the derivative of Σ over examples of dimension i.
      const rows = Array.from({ length: latent }, (_, i) => grad(sum(slice(u, 1, i, i + 1)), [x])[0]!);
      const named = Object.fromEntries(rows.map((row, i) => [`row ${i}`, row]));
      const out = evaluateReference(graph({ logDeterminant, ...named }), feeds);
      for (let example = 0; example < 4; example++) {
        const at = (i: number, j: number): number => out[`row ${i}`]!.data[example * latent + j]!;
        map.order.forEach((i, place) => {
          for (const later of map.order.slice(place + 1)) expect(at(i, later)).toBe(0);
        });
        const [a, b, c, d, e, f, g, h, k] = [0, 1, 2].flatMap(i => [0, 1, 2].map(j => at(i, j))) as number[] as Nine;
        const determinant = a * (e * k - f * h) - b * (d * k - f * g) + c * (d * h - e * g);
        expect(out.logDeterminant!.data[example]!).toBeCloseTo(Math.log(Math.abs(determinant)), 9);
      }
      // And each dimension does depend on those before it.
      map.order.forEach((i, place) => {
        for (const before of map.order.slice(0, place)) {
          const slopes = [0, 1, 2, 3].map(example => out[`row ${i}`]!.data[example * latent + before]!);
          expect(slopes.some(value => value !== 0)).toBe(true);
        }
      });
    }
  });

  it('draws what it maps back to the noise', async () => {
    const { parameters, maps, x } = someFlow();
    const vae = await smallVae({ latent });
    const tensors = Object.fromEntries(Object.entries(parameters).map(([name, p]) => [name, float32(p.data, p.shape)]));
    const drawer = autoregressiveFlow.open({ type: 'maf', layers: 3, hidden: 12, epochs: 1 }, tensors, vae);
    const drawn = await drawer.draw(50, { seed: 4, temperature: 1 });
    const u = maps.reduce<Tensor>((codes, map) => map.forth(codes).u, x);
    const back = evaluateReference(graph({ u }), { ...parameters, x: { shape: [50, latent], data: drawn } }).u!.data;
    const noise = normals(50 * latent, { seed: 4, stream: 'samplers/maf' });
    back.forEach((value, i) => {
      expect(Math.abs(value - noise[i]!)).toBeLessThan(1e-4);
    });
  });

  it('comes close to the likelihood of the clusters’ own mixture', async () => {
    const vae = await smallVae();
    const spec = { type: 'maf', layers: 3, hidden: 16, epochs: 60 } as const;
    const held = clustered(2000, 7);
    const mean = (values: Float64Array): number => values.reduce((a, b) => a + b) / values.length;
    const fitted = autoregressiveFlow.open(spec, await autoregressiveFlow.fit(spec, splits, { vae, seed: 1 }), vae);
    const mixture = { type: 'gmm', components: 2 } as const;
    const best = gaussianMixture.open(mixture, await gaussianMixture.fit(mixture, splits, { vae, seed: 1 }), vae);
    const single = { type: 'gmm', components: 1 } as const;
    const worst = gaussianMixture.open(single, await gaussianMixture.fit(single, splits, { vae, seed: 1 }), vae);
    const [flowed, ceiling, floor] = [
      mean(await fitted.logProb!(held)),
      mean(await best.logProb!(held)),
      mean(await worst.logProb!(held)),
    ];
    expect(flowed).toBeLessThan(ceiling + 0.02);
    expect(flowed).toBeGreaterThan(floor + 0.6 * (ceiling - floor));
  });
});

type Nine = [number, number, number, number, number, number, number, number, number];

describe('knn', () => {
  it('draws between a code and one of its nearest neighbours', async () => {
    const vae = await smallVae();
    const train = clustered(60, 3);
    const spec = { type: 'knn', neighbours: 3 } as const;
    const tensors = await nearestNeighbours.fit(spec, { ...splits, train }, { vae, seed: 0 });
    expect([...tensors.codes!.data]).toEqual([...train]);
    const drawn = await nearestNeighbours.open(spec, tensors, vae).draw(200, { seed: 1, temperature: 1 });
    const code = (row: number): [number, number] => [train[2 * row]!, train[2 * row + 1]!];
    const distance = ([a, b]: [number, number], [c, d]: [number, number]): number => Math.hypot(a - c, b - d);
    const used = new Set<number>();
    for (let i = 0; i < 200; i++) {
      const point: [number, number] = [drawn[2 * i]!, drawn[2 * i + 1]!];
      // On the segment between two points the two distances add up.
      const segments = Array.from({ length: 60 }, (_, row) => row).flatMap(row => {
        const others = Array.from({ length: 60 }, (_, other) => other).filter(other => other !== row);
        const near = others.sort((a, b) => distance(code(row), code(a)) - distance(code(row), code(b))).slice(0, 3);
        return near.map((other, rank) => ({ row, other, rank }));
      });
      const on = segments.filter(
        ({ row, other }) =>
          Math.abs(distance(code(row), point) + distance(point, code(other)) - distance(code(row), code(other))) < 1e-6,
      );
      expect(on.length).toBeGreaterThan(0);
      if (on.length === 1) used.add(on[0]!.rank);
    }
    expect([...used].sort()).toEqual([0, 1, 2]);
  });

  it('of one code alone draws that code', async () => {
    const vae = await smallVae();
    const spec = { type: 'knn', neighbours: 5 } as const;
    const drawer = nearestNeighbours.open(spec, { codes: float32(Float32Array.of(0.5, -1), [1, 2]) }, vae);
    expect([...(await drawer.draw(2, { seed: 0, temperature: 1 }))]).toEqual([0.5, -1, 0.5, -1]);
  });
});

describe('gmm', () => {
  it('needs a code for each component', async () => {
    const vae = await smallVae();
    const few = { ...splits, train: clustered(3, 1) };
    const fit = gaussianMixture.fit({ type: 'gmm', components: 4 }, few, { vae, seed: 0 });
    await expect(fit).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('training rows, 3, got 4'),
    });
  });
});

describe('vae', () => {
  it('draws from p(z|u) with the deviation that was learned', async () => {
    const vae = await smallVae();
    const spec = { type: 'vae', hidden: 8, epochs: 1 } as const;
    const tensors = await secondStage.fit(spec, splits, { vae, seed: 0 });
    // The decoder’s outputs are held at 0; what is left is the noise. The range of the logarithm ends far from −2.
    const silent = Object.entries(tensors).map(([name, { data, shape }]) => {
      const last = name.startsWith('decoder.4') ? data.map(() => 0) : data;
      return [name, float32(name === 'likelihood.logVar' ? Float32Array.of(-2) : last, shape)];
    });
    const drawer = secondStage.open(spec, Object.fromEntries(silent), vae);
    const drawn = await drawer.draw(5000, { seed: 1, temperature: 1 });
    const variance = drawn.reduce((sum, value) => sum + value ** 2, 0) / drawn.length;
    expect(Math.abs(variance / Math.exp(-2) - 1)).toBeLessThan(4 * Math.sqrt(2 / drawn.length));
    await drawer.dispose!();
  });
});
