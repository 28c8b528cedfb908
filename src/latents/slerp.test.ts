import { expect, it } from 'vitest';
import { slerp, slerpFirst } from './slerp.ts';

const norm = (v: Float32Array): number => Math.hypot(...v);

it('goes along the arc at constant speed', () => {
  const [a, b] = [Float32Array.of(3, 0, 0), Float32Array.of(0, 3, 0)];
  const middle = slerp(a, b, 0.5);
  expect(middle[0]).toBeCloseTo(3 * Math.SQRT1_2, 6);
  expect(middle[1]).toBeCloseTo(3 * Math.SQRT1_2, 6);
  for (const t of [0, 0.1, 0.25, 0.7, 1]) {
    const point = slerp(a, b, t);
    expect(norm(point)).toBeCloseTo(3, 6);
    expect(Math.atan2(point[1]!, point[0]!)).toBeCloseTo((t * Math.PI) / 2, 6);
  }
});

it('begins and ends at its ends, also where there is no one arc', () => {
  const a = Float32Array.of(1, -2, 0.5);
  for (const b of [Float32Array.of(0.3, 4, 1), a, a.map(v => 2 * v), a.map(v => -v), new Float32Array(3)]) {
    const [first, middle, last] = [0, 0.5, 1].map(t => slerp(a, b, t));
    for (let i = 0; i < 3; i++) {
      expect(first![i]).toBeCloseTo(a[i]!, 6);
      expect(last![i]).toBeCloseTo(b[i]!, 6);
      expect(middle![i]).not.toBeNaN();
    }
  }
  expect([
    ...slerp(
      a,
      a.map(v => 3 * v),
      0.5,
    ),
  ]).toEqual([2, -4, 1]);
});

it('takes choices on the straight way, where they stay shares of one', () => {
  const [a, b] = [Float32Array.of(3, 0, 1, 0, 0), Float32Array.of(0, 3, 0, 0, 1)];
  expect([...slerpFirst(2, a, b, 0.25)]).toEqual([...slerp([3, 0], [0, 3], 0.25), 0.75, 0, 0.25]);
  expect([...slerpFirst(0, a.subarray(2), b.subarray(2), 0.5)]).toEqual([0.5, 0, 0.5]);
  expect(slerpFirst(5, a, b, 0.3)).toEqual(slerp(a, b, 0.3));
});
