import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verify } from '../../graph/index.ts';
import { nodeRuntime } from '../../runtime/node.ts';
import { evaluateReference } from '../../runtime/reference.ts';
import { buildModel, type Model, presetNamed, presets } from '../index.ts';
import { feedsFor, toHost } from '../testing.ts';

const shapesOf = (model: Model): string[] => model.parameters.map(({ name, shape }) => `${name} [${shape.join()}]`);
const countOf = (model: Model): number =>
  model.parameters.reduce((total, { shape }) => total + shape.reduce((a, b) => a * b, 1), 0);

describe('mlp', () => {
  it('is the article’s network', () => {
    const model = buildModel(presets.mlp.build());
    expect(shapesOf(model)).toEqual([
      'encoder.1.weight [784,256]',
      'encoder.1.bias [256]',
      'posterior.weight [256,64]',
      'posterior.bias [64]',
      'decoder.0.weight [32,256]',
      'decoder.0.bias [256]',
      'decoder.2.weight [256,784]',
      'decoder.2.bias [784]',
    ]);
    expect(countOf(model)).toBe(784 * 256 + 256 + (256 * 64 + 64) + (32 * 256 + 256) + (256 * 784 + 784));
  });

  it('takes several hidden layers, mirrored in the decoder', () => {
    const model = buildModel(presets.mlp.build({ input: [10], hidden: [8, 6], latent: 3 }));
    expect(shapesOf(model).filter(line => line.includes('weight'))).toEqual([
      'encoder.1.weight [10,8]',
      'encoder.3.weight [8,6]',
      'posterior.weight [6,6]',
      'decoder.0.weight [3,6]',
      'decoder.2.weight [6,8]',
      'decoder.4.weight [8,10]',
    ]);
  });
});

describe('conv', () => {
  it('has the layers and parameters of peers/pytorch_vae.py', () => {
    const model = buildModel(presets.conv.build());
    // Conv2d and ConvTranspose2d weights have PyTorch's shapes; the heads are one matrix, and dense ones are [in, out].
    expect(shapesOf(model)).toEqual([
      'encoder.0.weight [32,1,4,4]',
      'encoder.0.bias [32]',
      'encoder.2.weight [64,32,4,4]',
      'encoder.2.bias [64]',
      'posterior.weight [3136,64]',
      'posterior.bias [64]',
      'decoder.0.weight [32,3136]',
      'decoder.0.bias [3136]',
      'decoder.3.weight [64,32,4,4]',
      'decoder.3.bias [32]',
      'decoder.5.weight [32,1,4,4]',
      'decoder.5.bias [1]',
    ]);
    const peer = [
      [1 * 32 * 16, 32], // Conv2d(1, 32, 4, 2, 1)
      [32 * 64 * 16, 64], // Conv2d(32, 64, 4, 2, 1)
      [3136 * 32, 32], // mean
      [3136 * 32, 32], // log_var
      [32 * 3136, 3136], // Linear
      [64 * 32 * 16, 32], // ConvTranspose2d(64, 32, 4, 2, 1)
      [32 * 1 * 16, 1], // ConvTranspose2d(32, 1, 4, 2, 1)
    ];
    expect(countOf(model)).toBe(peer.flat().reduce((a, b) => a + b, 0));
    expect(JSON.stringify(model.spec)).not.toContain('outputPadding');
  });

  it('refuses images that it would halve to nothing, and vectors', () => {
    expect(() => presets.conv.build({ input: [3, 28, 1] })).toThrow(
      'preset "conv": expected an image [height, width, channels] of at least 4×4, as 2 layers halve it 2 times, ' +
        'got [3, 28, 1]; take the preset "mlp", or fewer hidden layers.',
    );
    expect(() => presets.conv.build({ input: [28] })).toThrow(/got \[28\]/);
    expect(() => presets.conv.build({ input: [4, 4, 1] })).not.toThrow();
  });
});

describe.each(Object.values(presets))('preset $name', preset => {
  it('carries its name', () => {
    expect(presetNamed(preset.name)).toBe(preset);
    expect(preset.summary).not.toBe('');
    expect(preset.paper).toMatch(/https:/);
  });

  it('takes images of any size and gives back that very size', () => {
    const side = fc.integer({ min: 4, max: 40 });
    const likelihood = fc.constantFrom('bernoulli' as const, { type: 'normal', variance: 'perDimension' } as const);
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 4 }), likelihood, (height, width, channels, likelihood) => {
        const input = [height, width, channels];
        const model = buildModel(preset.build({ input, likelihood, latent: 3 }));
        expect(model.decoderGraph().outputs.mean!.shape).toEqual(['N', ...input]);
        expect(model.reconstructGraph().outputs.mean!.shape).toEqual(['N', ...input]);
        verify(model.stepGraph());
      }),
      { numRuns: 30 },
    );
  });

  it.each([
    [5, 7, 3],
    [30, 30, 1],
    [64, 48, 3],
  ])('builds for %i×%i×%i', (...input) => {
    const model = buildModel(preset.build({ input, latent: 2, hidden: preset.name === 'mlp' ? 4 : [2, 3] }));
    for (const graph of [model.stepGraph(), model.boundGraph(), model.encoderGraph(), model.scoreGraph()])
      verify(graph);
    const graph = model.reconstructGraph();
    expect(evaluateReference(graph, feedsFor(graph, 1)).mean!.shape).toEqual([1, ...input]);
  });
});

it.each([
  ['conv', [5, 7, 3], [2, 3]],
  ['conv', [6, 9, 1], [8, 9]],
  ['resnet', [5, 7, 3], [2, 3]],
  ['resnet', [9, 12, 1], [8, 9]],
  ['mlp', [5, 7, 3], [4]],
] as const)('%s for %j with %j steps on ONNX Runtime as in the reference', async (name, input, hidden) => {
  const step = buildModel(presets[name].build({ input, hidden, latent: 2 })).stepGraph();
  const feeds = feedsFor(step, 3);
  const program = await (await nodeRuntime({ threads: 1 })).compile(step);
  const got = await program.run(toHost(step, feeds));
  await program.dispose();
  for (const [output, { data }] of Object.entries(evaluateReference(step, feeds))) {
    const scale = Math.max(1, ...data.map(Math.abs));
    const worst = Math.max(...data.map((value, i) => Math.abs(got[output]!.data[i]! - value)));
    expect(worst / scale, output).toBeLessThan(1e-5);
  }
});

describe('the option network', () => {
  const parts = { input: [64, 64, 1], hidden: [8, 8, 16, 16] } as const;

  it.each(Object.keys(presets) as (keyof typeof presets)[])('changes the layers of %s and nothing else', name => {
    const spec = presets[name].build({ ...parts, network: 'conv' });
    const { encoder, decoder } = presets.conv.build(parts);
    const own = presets[name].build({ input: parts.input });
    expect(spec).toEqual({ ...own, encoder, decoder });
    verify(buildModel(spec).stepGraph());
  });

  it('is one of the networks', () => {
    const options: object = { network: 'resnt' };
    expect(() => presets.vae.build(options)).toThrow(
      'preset "vae": network: expected one of mlp, conv, resnet, got "resnt". Did you mean "resnet"?',
    );
  });

  it('has the network’s own widths where none are given, and the preset’s code', () => {
    const { latent, encoder } = presets['beta-vae'].build({ input: [32, 32, 3], network: 'resnet' });
    expect(latent).toBe(32);
    expect(encoder).toEqual(presets.resnet.build({ input: [32, 32, 3] }).encoder);
  });
});

it('an unknown preset’s error lists them all, the nearest apart', () => {
  expect(() => presetNamed('mlpp')).toThrow(
    `unknown preset "mlpp"; expected one of: ${Object.keys(presets).join(', ')}. Did you mean "mlp"?`,
  );
  expect(() => presetNamed('toString')).toThrow(/unknown preset "toString"/);
});

it('an unknown option of a preset is named', () => {
  const options: object = { latnet: 3 };
  expect(() => presets.mlp.build(options)).toThrow('model spec: unknown field "latnet". Did you mean "latent"?');
});
