// Every preset through the whole product: an epoch of MNIST, samples, exported models that give the golden outputs. With
// `npm test -- --slow`, as `npm run check` has it, the epoch is all of MNIST, but for
// a few costly networks a fifth of it; otherwise it is a few steps.

import { describe, expect, it } from 'vitest';
import { memoryFolder, verifyRun } from '../src/artifact/index.ts';
import { type DataSplits, type Dataset, loadData, split, subset, tableDataset } from '../src/data/index.ts';
import { estimateNll, evaluateBound } from '../src/evaluate/index.ts';
import { type ModelSpec, posteriors, presets } from '../src/models/index.ts';
import { philox4x32 } from '../src/random/index.ts';
import { nodeRuntime } from '../src/runtime/index.ts';
import { generate, load } from '../src/tasks/index.ts';
import { fit } from '../src/train/index.ts';

const slow = process.env.LATENTKIT_SLOW === '1';
const runtime = await nodeRuntime();
const mnist = await loadData('mnist');
const few = (data: Dataset, rows: number): Dataset => subset(data, 0, Math.min(rows, data.size));
const digits = (rows: number): DataSplits => ({
  train: few(mnist.train, slow ? rows : 640),
  validation: few(mnist.validation, slow ? 1000 : 64),
  test: few(mnist.test, slow ? 1000 : 64),
});
const costly: readonly string[] = ['resnet', 'vq-vae', 'vae-gan'];

/** A table in which everything follows from one number, but for what is missing. */
const table = split(
  tableDataset({
    columns: [
      { name: 'size', type: 'numeric', mean: 5, deviation: 3 },
      { name: 'large', type: 'binary' },
      { name: 'grade', type: 'categorical', categories: ['a', 'b', 'c'] },
    ],
    rows: Array.from({ length: 1200 }, (_, i) => {
      const size = philox4x32([i, 0, 0, 0], [1, 1])[0] % 10;
      return { size: i % 10 === 3 ? null : size, large: size > 5, grade: ['a', 'b', 'c'][Math.floor(size / 3.4)]! };
    }),
  }),
  { validation: 100, test: 100 },
);

/** The bound of the model as it starts. */
async function atFirst(spec: ModelSpec, data: DataSplits): Promise<number> {
  const tiny = { ...data, train: few(data.train, 64) };
  const { vae } = await fit(spec, tiny, {
    epochs: 1,
    batchSize: 64,
    optimizer: { type: 'sgd', learningRate: 1e-12 },
    runtime,
  });
  return (await evaluateBound(vae, data.test)).reconstruction;
}

describe.each(Object.values(presets))('$name', ({ name, build, condition }) => {
  it('trains for an epoch, generates, exports and verifies', { timeout: 600_000 }, async () => {
    const data = name === 'table' ? table : digits(costly.includes(name) ? 11_000 : mnist.train.size);
    const { shape, dtype, range, columns } = data.train;
    const spec = build({
      input: { shape, dtype, range, ...(columns && { columns }) },
      ...(condition && { condition: { type: condition as 'label', classes: 10 } }),
    });
    const folder = memoryFolder();
    const labelled = condition === 'semiSupervised' ? { labelled: Math.min(3000, data.train.size / 4) } : {};
    const run = await fit(spec, data, { epochs: 1, batchSize: 64, ...labelled, runtime, folder });
    expect(run.status).toBe('finished');
    // A few steps teach a critic's features little.
    if (slow || name !== 'vae-gan') expect(run.test!.reconstruction).toBeLessThan(await atFirst(spec, data));
    expect((await verifyRun(folder, runtime)).ok).toBe(true);

    const opened = await load(folder, { runtime });
    const { samples } = await generate(opened, { count: 20, seed: 1 }, { data });
    expect(samples.shape).toEqual([20, ...shape]);
    expect(samples.data.every(Number.isFinite)).toBe(true);
    const width = samples.data.length / 20;
    const distinct = new Set(
      Array.from({ length: 20 }, (_, i) => samples.data.slice(i * width, (i + 1) * width).join()),
    );
    expect(distinct.size).toBeGreaterThan(15);

    if (!posteriors[spec.posterior.type].density) return;
    const { nll, standardError } = await estimateNll(opened.vae, few(data.test, 64), { samples: 10 });
    const { negElbo } = await evaluateBound(opened.vae, few(data.test, 64));
    expect(nll).toBeLessThan(negElbo + 3 * standardError);
  });
});
