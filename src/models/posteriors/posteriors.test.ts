import { expect, it } from 'vitest';
import { graph, input } from '../../graph/index.ts';
import { RootScope } from '../../nn/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { posteriors } from './index.ts';

it('a diagonal Gaussian has two heads in one product, and draws mean + exp(logVar / 2) · noise', () => {
  const scope = new RootScope({ training: true });
  const posterior = posteriors.diagonalGaussian.build(
    { type: 'diagonalGaussian' },
    input('h', ['N', 3]),
    2,
    scope.child('posterior'),
  );
  // Glorot's bound for a head by itself: 3 in, 2 out.
  expect(scope.parameters).toEqual([
    { name: 'posterior.weight', shape: [3, 4], initial: { type: 'uniform', bound: Math.sqrt(6 / 5) } },
    { name: 'posterior.bias', shape: [4], initial: { type: 'constant', value: 0 } },
  ]);
  const { mean, logVar, z } = evaluateReference(graph({ ...posterior.outputs, z: posterior.sample() }), {
    h: { shape: [1, 3], data: [1, 2, -1] },
    'posterior.weight': { shape: [3, 4], data: [1, 2, 3, 4, 0, 1, 0, -1, 2, 0, 1, 0] },
    'posterior.bias': { shape: [4], data: [0.5, 0, 0, 0.25] },
    'posterior.noise': { shape: [1, 2], data: [2, -1] },
  });
  expect([...mean!.data]).toEqual([-0.5, 4]);
  expect([...logVar!.data]).toEqual([2, 2.25]);
  expect(z!.data[0]).toBeCloseTo(-0.5 + 2 * Math.exp(1), 12);
  expect(z!.data[1]).toBeCloseTo(4 - Math.exp(1.125), 12);
});
