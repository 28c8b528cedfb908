// Shared by the tests of scores: a small model of a table of every kind of column, with values missing.

import { arrayDataset, type Dataset, tableInput } from '../../data/index.ts';
import { numbers } from '../../evaluate/testing.ts';
import { buildModel, TrainedVae, vae } from '../../models/index.ts';
import { columnEmbedding, dense, tanh } from '../../nn/index.ts';
import { float32, nodeRuntime } from '../../runtime/index.ts';

const columns = [
  { name: 'length', type: 'numeric' },
  { name: 'whole', type: 'binary' },
  { name: 'kind', type: 'categorical', categories: 3 },
  { name: 'width', type: 'numeric' },
] as const;

/** Rows of lengths about 10, flags, three kinds and widths about 0; every seventh value is missing. */
export function tableRows(count: number, seed = 5): Dataset {
  const data = Float32Array.from(numbers(4 * count, seed), (value, i) => {
    if (i % 7 === 3) return Number.NaN;
    return [10 + 3 * value, Number(value > 0), Math.floor(1.5 * (value + 1)), value][i % 4]!;
  });
  return arrayDataset({ name: 'parts', data, shape: [4], columns });
}

/** Its model, with weights of no pattern. */
export async function tableVae(): Promise<TrainedVae> {
  const spec = vae({
    input: tableInput(tableRows(60)),
    latent: 2,
    encoder: [columnEmbedding({ width: 2 }), dense(5), tanh()],
    decoder: [dense(5), tanh(), dense('output')],
  });
  const model = buildModel(spec);
  const parameters = model.parameters.map(({ name, shape }, i) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from(numbers(count, i), v => v * (name.startsWith('posterior') ? 0.3 : 1));
    return [name, float32(values, shape)] as const;
  });
  return new TrainedVae(model, Object.fromEntries(parameters), await nodeRuntime({ threads: 1 }));
}
