import { describe, expect, it } from 'vitest';
import { memoryFolder, onnxPath, writeOnnx } from '../../artifact/index.ts';
import { bindShape, type Graph } from '../../graph/index.ts';
import type { Layer } from '../../nn/index.ts';
import { philox4x32 } from '../../random/index.ts';
import {
  float32,
  type HostTensor,
  initializeParameters,
  layoutOf,
  type ParameterViews,
  viewsOf,
} from '../../runtime/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { buildModel, type Model, TrainedVae } from '../index.ts';
import { resnet } from './resnet.ts';

const runtime = await nodeRuntime({ threads: 1 });

const countOf = (model: Model): number =>
  model.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);
const widthsOf = (layers: readonly Layer[]): unknown[] =>
  layers.flatMap(layer => ('channels' in layer ? [layer.channels] : []));
const count = (layers: readonly Layer[], type: Layer['type']): number => layers.filter(l => l.type === type).length;

/** Pictures of a bright rectangle on a dark ground. */
function pictures(rows: number, [height, width, channels]: readonly [number, number, number]): HostTensor {
  const data = new Uint8Array(rows * height * width * channels);
  for (let i = 0; i < data.length; i++) {
    const [row, y] = [Math.floor(i / (height * width * channels)), Math.floor(i / (width * channels)) % height];
    const x = Math.floor(i / channels) % width;
    const [a, b, c] = philox4x32([row, 0, 0, 0], [7, 7]);
    const inside = x >= a! % (width / 2) && x < a! % width && y >= b! % (height / 2) && y < (b! % height) + 4;
    data[i] = inside ? 120 + (c! % 120) : 20;
  }
  return { dtype: 'uint8', shape: [rows, height, width, channels], data };
}

/** Parameters as training starts with them. */
function initial(model: Model, seed = 3): { buffer: Float32Array; views: ParameterViews } {
  const layout = layoutOf(model.parameters);
  const buffer = new Float32Array(layout.length);
  initializeParameters(layout, buffer, seed);
  return { buffer, views: viewsOf(layout, buffer) };
}

const feed = (graph: Graph, name: string, rows: number, value: (i: number) => number): HostTensor => {
  const shape = bindShape(graph.leaves.get(name)!.shape, rows);
  return float32(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
    shape,
  );
};

describe('the preset resnet', () => {
  it.each([
    [[32, 32, 3], [48, 64], 1],
    [[64, 64, 3], [24, 48, 64], 1],
    [[28, 28, 1], [48, 64], 1],
    [[40, 24, 1], [48, 64], 1],
    [[8, 8, 3], [64], 1],
    [[80, 80, 1], [16, 24, 48, 64], 1],
  ] as const)('for %j has stages of %j channels, attention in the last', (input, widths, attentions) => {
    const { encoder, decoder, latent } = resnet.build({ input });
    expect(latent).toBe(64);
    expect(widthsOf(encoder)).toEqual(widths);
    expect(widthsOf(decoder)).toEqual([...widths.slice(0, -1).toReversed(), 'output']);
    for (const layers of [encoder, decoder]) {
      expect(count(layers, 'attention')).toBe(attentions);
      expect(count(layers, 'residual')).toBe(widths.length);
    }
    const model = buildModel(resnet.build({ input }));
    expect(model.reconstructGraph().outputs.mean!.shape).toEqual(['N', ...input]);
  });

  it('is small enough for a CPU', () => {
    expect(countOf(buildModel(resnet.build()))).toBeLessThan(1_200_000);
    expect(countOf(buildModel(resnet.build({ input: [64, 64, 3] })))).toBeLessThan(1_300_000);
  });

  it('takes widths: a number for every stage, or a list with one for each', () => {
    expect(widthsOf(resnet.build({ hidden: 8 }).encoder)).toEqual([8, 8]);
    expect(widthsOf(resnet.build({ hidden: [8, 16, 24] }).encoder)).toEqual([8, 16, 24]);
    expect(() => resnet.build({ hidden: [] })).toThrow(/at least one hidden width/);
    expect(() => resnet.build({ input: [784] })).toThrow(
      'preset "resnet": expected an image [height, width, channels] and at least one hidden width, got [784] and the ' +
        'default widths; for vectors take the preset "mlp".',
    );
  });

  it.each([
    [[32, 32, 3], 'normal', undefined],
    [[28, 28, 1], 'bernoulli', undefined],
    [[40, 24, 1], 'normal', [8, 16]],
    [[64, 64, 3], 'normal', [8, 8, 8]],
  ] as const)(
    'learns from %j with %s: ten steps of Adam lower the loss, and every parameter moves',
    async (...given) => {
      const [input, likelihood, hidden] = given;
      const model = buildModel(resnet.build({ input, likelihood, hidden }));
      const step = model.stepGraph();
      const { views } = initial(model);
      const start = Object.fromEntries(
        model.parameters.map(({ name }) => [name, Float32Array.from(views[name]!.data)]),
      );
      const rows = 4;
      const feeds: Record<string, HostTensor> = { ...views, x: pictures(rows, input) };
      for (const name of step.leaves.keys()) {
        feeds[name] ??= feed(step, name, rows, i => (name === 'posterior.noise' ? Math.sin(7.7 * i) : 1));
      }
      const program = await runtime.compile(step);
      const moments = model.parameters.map(({ name }) => ({
        m: new Float64Array(views[name]!.data.length),
        v: new Float64Array(views[name]!.data.length),
      }));
      const losses: number[] = [];
      for (let t = 1; t <= 11; t++) {
        const out = await program.run(feeds);
        losses.push(out.loss!.data[0]!);
        model.parameters.forEach(({ name }, p) => {
          const [gradient, values, { m, v }] = [out[`gradient/${name}`]!.data, views[name]!.data, moments[p]!];
          for (let i = 0; i < values.length; i++) {
            const g = gradient[i]! / rows;
            m[i] = 0.9 * m[i]! + 0.1 * g;
            v[i] = 0.999 * v[i]! + 0.001 * g * g;
            values[i]! -= (1e-3 * (m[i]! / (1 - 0.9 ** t))) / (Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8);
          }
        });
      }
      await program.dispose();
      expect(losses.every(Number.isFinite)).toBe(true);
      expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
      for (const { name } of model.parameters) {
        expect(
          views[name]!.data.some((value, i) => value !== start[name]![i]),
          name,
        ).toBe(true);
      }
    },
  );

  it('exports what the engine computes', async () => {
    const input = [24, 20, 3] as const;
    const model = buildModel(resnet.build({ input, likelihood: 'normal', hidden: [8, 16], latent: 6 }));
    const { buffer, views } = initial(model);
    // Away from the start, where blocks are the identity.
    for (let i = 0; i < buffer.length; i++) buffer[i]! += 0.05 * Math.sin(3.3 * i);
    const vae = new TrainedVae(model, views, runtime);
    const folder = memoryFolder();
    await writeOnnx(folder, vae);
    const x = pictures(3, input);
    for (const [name, fed] of [
      ['encoder', { x }],
      ['score', { x }],
      [
        'decoder',
        {
          z: float32(
            Float32Array.from({ length: 18 }, (_, i) => Math.sin(i)),
            [3, 6],
          ),
        },
      ],
    ] as const) {
      const program = await runtime.load(await folder.read(onnxPath(name)));
      const got = await program.run(fed);
      const expected = await vae.run(name, Object.values(fed)[0]!);
      for (const [output, { data, shape }] of Object.entries(expected)) {
        expect(got[output]!.shape).toEqual(shape);
        const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        data.forEach((value, i) => {
          expect(Math.abs(got[output]!.data[i]! - value)).toBeLessThan(1e-5 * scale);
        });
      }
      await program.dispose();
    }
  });
});
