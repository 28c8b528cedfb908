import { beforeAll, describe, expect, test } from 'vitest';
import { buildModel, presets, TrainedVae } from '../models/index.ts';
import { wordsOf } from '../random/index.ts';
import {
  type HostTensor,
  initializeParameters,
  layoutOf,
  nodeRuntime,
  type Runtime,
  viewsOf,
} from '../runtime/index.ts';
import { type ExportedName, exportedNames, memoryFolder, onnxPath, writeOnnx } from './index.ts';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime();
});

function untrained(preset: keyof typeof presets, shape: readonly number[]): TrainedVae {
  const model = buildModel(
    presets[preset].build({ input: shape, likelihood: 'normal', latent: 5, hidden: preset === 'mlp' ? 40 : [8, 12] }),
  );
  const layout = layoutOf(model.parameters);
  const buffer = new Float32Array(layout.length);
  initializeParameters(layout, buffer, 11);
  return new TrainedVae(model, viewsOf(layout, buffer), runtime);
}

function images(count: number, shape: readonly number[]): HostTensor {
  const next = wordsOf({ seed: 2, stream: 0, step: 0 });
  const size = shape.reduce((a, b) => a * b, count);
  return { dtype: 'uint8', shape: [count, ...shape], data: Uint8Array.from({ length: size }, () => next() & 255) };
}

const graphOf = { encoder: 'encoder', decoder: 'decoder', score: 'score' } as const satisfies Record<
  ExportedName,
  string
>;

describe.each([
  ['mlp', [9, 7, 3]],
  ['conv', [12, 10, 1]],
] as const)('the exported models of the preset %s', (preset, shape) => {
  test.each([1, 7, 1000])('give the same numbers as the engine at batch %i', async batch => {
    const vae = untrained(preset, shape);
    const folder = memoryFolder();
    await writeOnnx(folder, vae);
    const x = images(batch, shape);
    const codes = await vae.drawLatents(batch, { seed: 1 });
    expect(codes.shape).toEqual([batch, 5]);
    for (const name of exportedNames) {
      const input = name === 'decoder' ? { z: codes } : { x };
      const program = await runtime.load(await folder.read(onnxPath(name)));
      expect(program.inputs).toEqual(Object.keys(input));
      const got = await program.run(input as Record<string, HostTensor>);
      const expected = await vae.run(graphOf[name], name === 'decoder' ? codes : x);
      for (const [output, { data, shape: dims }] of Object.entries(expected)) {
        expect(got[output]!.shape).toEqual(dims);
        const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        const worst = data.reduce(
          (most, value, i) => Math.max(most, Math.abs(value - Number(got[output]!.data[i]))),
          0,
        );
        expect(worst).toBeLessThan(1e-5 * scale);
        expect(scale).toBeGreaterThan(0);
      }
      await program.dispose();
    }
    await vae.dispose();
  });
});

test('a score depends on the row alone, not on the rows beside it', async () => {
  const vae = untrained('mlp', [9, 7, 3]);
  const x = images(7, [9, 7, 3]);
  const together = (await vae.run('score', x)).score!.data;
  const last: HostTensor = { dtype: 'uint8', shape: [1, 9, 7, 3], data: x.data.slice(-189) as Uint8Array };
  const alone = (await vae.run('score', last)).score!.data[0]!;
  expect(Math.abs(alone - together[6]!)).toBeLessThan(1e-5 * Math.abs(alone));
});

test('runs that are asked for at once give what they give one after another', async () => {
  const vae = untrained('mlp', [9, 7, 3]);
  const x = images(9, [9, 7, 3]);
  const ask = (seed: number) => vae.run('bound', x, { seed, step: 0 });
  const apart = [await ask(1), await ask(2)];
  const together = await Promise.all([ask(1), ask(2)]);
  expect(together).toEqual(apart);
  expect(together[0]!.negElbo!.data).not.toEqual(together[1]!.negElbo!.data);
  await expect(vae.run('score', images(2, [3, 3, 3]))).rejects.toThrow(/takes rows of uint8 \[9, 7, 3\]/);
  expect((await vae.run('score', x)).score!.data).toHaveLength(9);
});
