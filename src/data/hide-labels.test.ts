import { expect, it } from 'vitest';
import { arrayDataset } from './dataset.ts';
import { hideLabels } from './hide-labels.ts';
import { hostRows } from './host-rows.ts';

const values = Uint8Array.from({ length: 60 }, (_, i) => (i < 40 ? 0 : i < 55 ? 1 : 2));
const data = arrayDataset({
  name: 'some',
  data: new Uint8Array(60),
  shape: [1],
  labels: { values, names: ['a', 'b', 'c'] },
});

it('keeps as many labels of each class as can be, by the seed', async () => {
  const few = hideLabels(data, 18, 1);
  const counts = (labels: ArrayLike<number>) => [-1, 0, 1, 2].map(c => Array.from(labels).filter(v => v === c).length);
  // Of the last class there are five rows, so the others give more.
  expect(counts(few.labels!.values)).toEqual([42, 7, 6, 5]);
  few.labels!.values.forEach((value, row) => {
    if (value >= 0) expect(value).toBe(values[row]);
  });
  expect([...hideLabels(data, 18, 1).labels!.values]).toEqual([...few.labels!.values]);
  expect([...hideLabels(data, 18, 2).labels!.values]).not.toEqual([...few.labels!.values]);
  expect(counts(hideLabels(data, 60, 1).labels!.values)).toEqual([0, 40, 15, 5]);
  expect(few.labels!.names).toEqual(['a', 'b', 'c']);
  expect([...(await hostRows(few, 0, 60)).label!.data]).toEqual([...few.labels!.values]);
});

it('says what it lacks', () => {
  expect(() => hideLabels(data, 61, 1)).toThrow(
    'some: expected the classes of 61 rows, got 60. Give data with labels, or ask for fewer.',
  );
  const bare = arrayDataset({ name: 'bare', data: new Uint8Array(6), shape: [1] });
  expect(() => hideLabels(bare, 3, 1)).toThrow(/bare: expected the classes of 3 rows, got none/);
});
