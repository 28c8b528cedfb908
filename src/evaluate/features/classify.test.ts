import { expect, it } from 'vitest';
import { hostRows, loadMnist, subset } from '../../data/index.ts';
import { float32, nodeRuntime } from '../../runtime/index.ts';
import { digitsOf } from './classify.ts';

it('reads test digits, in any batch', async () => {
  const runtime = await nodeRuntime({ threads: 1 });
  const { test } = await loadMnist();
  const { data, shape, label } = await hostRows(subset(test, 0, 700), 0, 700);
  const images = float32(
    Float32Array.from(data, value => value / 255),
    shape,
  );
  const digits = await digitsOf(images, runtime);
  const right = digits.filter((digit, i) => digit === label!.data[i]).length;
  // 98.96 % of all 10,000; the standard error of 700 is 0.4 %.
  expect(right / 700).toBeGreaterThan(0.975);
  const [first, ...row] = shape;
  const last = float32(images.data.subarray(699 * 784), [1, ...row]);
  expect(first).toBe(700);
  expect([...(await digitsOf(last, runtime))]).toEqual([digits[699]]);
});
