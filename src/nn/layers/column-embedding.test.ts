import { describe, expect, it } from 'vitest';
import { checkGradients } from '../../autodiff/index.ts';
import type { Column } from '../../columns.ts';
import { graph, input, leafName } from '../../graph/index.ts';
import { mul, sum } from '../../ops/index.ts';
import { evaluateReference, type ReferenceFeed } from '../../runtime/reference.ts';
import * as nn from '../index.ts';

const columns: readonly Column[] = [
  { name: 'city', type: 'categorical', categories: ['Bern', 'Rome', 'Oslo'] },
  { name: 'age', type: 'numeric', mean: 40, deviation: 12 },
  { name: 'smoker', type: 'binary' },
  { name: 'income', type: 'numeric' },
  { name: 'kind', type: 'categorical', categories: 12 },
];
const [nan, width] = [Number.NaN, columns.length];
// As networks see them: numeric columns are standardised already.
const rows = [
  [2, 0.7, 1, -1.5, 0],
  [0, nan, 0, 0.25, 11],
  [nan, -2, nan, nan, nan],
];
const feed: ReferenceFeed = { shape: [rows.length, width], data: rows.flat() };

const built = (layer: nn.Layer) => {
  const scope = new nn.RootScope({ training: true });
  const y = nn.buildNetwork([layer], input('x', ['N', width]), { name: 'encoder', scope, columns });
  const feeds: Record<string, ReferenceFeed> = Object.fromEntries(
    scope.parameters.map(({ name, shape }, i): [string, ReferenceFeed] => {
      const data = Array.from({ length: nn.volume(shape) }, (_, k) => Math.sin(3.7 * (k + 1) + i));
      return [name, { shape, data }];
    }),
  );
  feeds.x = feed;
  return { scope, y, feeds };
};

describe('columnEmbedding', () => {
  it('gives numbers, flags as ±1, indicators of what is missing, and the vectors of categories', () => {
    const { y, feeds, scope } = built(nn.columnEmbedding({ width: 2 }));
    expect(y.shape).toEqual(['N', 2 + 2 + 1 + 1 + 2 + 2]);
    const vector = (place: number, index: number): number[] =>
      [0, 1].map(k => feeds[`encoder.0.${place}.weight`]!.data[2 * index + k]!);
    const expected = rows.flatMap(([city, age, smoker, income, kind]) => [
      ...[age, income].map(value => (Number.isNaN(value) ? 0 : value)),
      ...[age, income].map(value => Number(Number.isNaN(value))),
      ...(Number.isNaN(smoker) ? [0, 1] : [2 * smoker! - 1, 0]),
      ...vector(0, Number.isNaN(city) ? 3 : city!),
      ...vector(4, Number.isNaN(kind) ? 12 : kind!),
    ]);
    expect(Array.from(evaluateReference(graph({ y }), feeds).y!.data)).toEqual(expected);
    expect(scope.parameters.map(({ initial }) => initial)).toEqual(
      [1, 1].map(() => ({ type: 'normal', deviation: 1 })),
    );
  });

  it('learns the vectors of what a batch holds, and no others', () => {
    const { y, feeds, scope } = built(nn.columnEmbedding({ width: 2 }));
    const loss = sum(mul(y, mul(y, input('weights', y.shape))));
    const weights = { shape: [rows.length, 10], data: Array.from({ length: 30 }, (_, i) => Math.cos(2 * i)) };
    expect(checkGradients(loss, scope.tensors, { ...feeds, weights })).toBeLessThan(1e-7);
    expect(scope.tensors.map(leafName)).toEqual(['encoder.0.0.weight', 'encoder.0.4.weight']);
  });

  it('has as many numbers for a category as the rule of thumb says', () => {
    const { scope } = built(nn.columnEmbedding());
    // 1.6 · 3^0.56 = 2.96 and 1.6 · 12^0.56 = 6.43.
    expect(scope.parameters.map(({ shape }) => shape)).toEqual([
      [4, 3],
      [13, 6],
    ]);
  });

  it('says what it needs', () => {
    const build = (list: readonly nn.Layer[], context: Partial<nn.NetworkContext> = {}) =>
      nn.buildNetwork(list, input('x', ['N', 4]), {
        name: 'encoder',
        scope: new nn.RootScope({ training: true }),
        ...context,
      });
    expect(() => build([nn.columnEmbedding()])).toThrow(
      'encoder layer 1 (columnEmbedding): expected an encoder of tables; give input.columns, or leave the layer out',
    );
    expect(() => build([nn.dense(7), nn.columnEmbedding()], { columns })).toThrow(
      'encoder layer 2 (columnEmbedding): expected the table’s rows of 5 columns (make it the first layer), got an input of shape [7]',
    );
  });
});
