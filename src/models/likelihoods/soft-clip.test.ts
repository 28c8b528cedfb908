import { expect, it } from 'vitest';
import { graph, input } from '../../graph/index.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { logVarRange, softClip } from './soft-clip.ts';

it('softClip is the identity well inside, and never leaves the range', () => {
  const [low, high] = logVarRange;
  const v = [-1e4, -100, -4, 0, 2, 100, 1e4];
  const { y } = evaluateReference(graph({ y: softClip(input('v', ['N']), logVarRange) }), {
    v: { shape: [v.length], data: v },
  });
  for (const value of y!.data) {
    expect(value).toBeGreaterThanOrEqual(low);
    expect(value).toBeLessThanOrEqual(high + 1e-6);
  }
  expect(y!.data[2]).toBeCloseTo(-4, 2);
  expect(y!.data[3]).toBeCloseTo(0, 2);
  expect(y!.data[4]).toBeCloseTo(2, 1);
  expect([y!.data[0], y!.data[1]].every(value => Math.abs(value! - low) < 0.02)).toBe(true);
  expect([y!.data[5], y!.data[6]].every(value => Math.abs(value! - high) < 0.02)).toBe(true);
});
