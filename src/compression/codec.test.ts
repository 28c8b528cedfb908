import { describe, expect, it } from 'vitest';
import { arrayDataset, type Dataset, readRange } from '../data/index.ts';
import { evaluateBound } from '../evaluate/index.ts';
import { buildModel, type ModelOptions, TrainedVae, vae } from '../models/index.ts';
import { dense, flatten, relu } from '../nn/index.ts';
import { streamOf, wordsOf } from '../random/index.ts';
import { initializeParameters, layoutOf, nodeRuntime, type Runtime, viewsOf } from '../runtime/index.ts';
import { batchesOf } from './bits-back.ts';
import { readFile, writeFile } from './file.ts';
import { decodeRows, encodeRows } from './index.ts';

const runtime = await nodeRuntime({ threads: 1 });
const shape = [5, 4, 1];

const tiny: ModelOptions = {
  input: shape,
  latent: 3,
  encoder: [flatten(), dense(12), relu()],
  decoder: [dense(12), relu(), dense('output')],
};

function modelOf(options: Partial<ModelOptions>, { seed = 1, on = runtime } = {}): TrainedVae {
  const model = buildModel(vae({ ...tiny, ...options }));
  const layout = layoutOf(model.parameters);
  const buffer = new Float32Array(layout.length);
  initializeParameters(layout, buffer, seed);
  return new TrainedVae(model, viewsOf(layout, buffer), on);
}

/** Rows of so many levels, each row in its own shade. */
function rowsOf(size: number, levels: number, of: readonly number[] = shape): Dataset {
  const next = wordsOf({ seed: 3, stream: streamOf('rows'), step: 0 });
  const width = of.reduce((a, b) => a * b, 1);
  const data = new Uint8Array(size * width);
  for (let i = 0; i < data.length; i++) {
    const shade = (Math.floor(i / width) % 7) / 7;
    const level = Math.floor((levels * ((next() / 2 ** 32) * 0.4 + 0.6 * shade)) % levels);
    data[i] = Math.round((255 * level) / (levels - 1));
  }
  return arrayDataset({ name: 'rows', data, shape: of });
}

const bytesOf = (data: Dataset): number[] => [...readRange(data, 0, data.size)];

const kinds: readonly {
  readonly options: Partial<ModelOptions>;
  readonly levels: number;
  readonly shape?: number[];
}[] = [
  { options: { likelihood: 'bernoulli' }, levels: 2 },
  { options: { likelihood: 'betaBinomial' }, levels: 256 },
  { options: { likelihood: { type: 'categorical', levels: 6 } }, levels: 6 },
  { options: { likelihood: 'discretizedLogistic', input: [3, 4, 3] }, levels: 256, shape: [3, 4, 3] },
  {
    options: {
      likelihood: { type: 'discretizedLogistic', levels: 256, mixtures: 2 },
      input: { shape: [9], dtype: 'uint8' },
    },
    levels: 256,
    shape: [9],
  },
];

describe.each(kinds)('with $options', ({ options, levels, shape: of }) => {
  it('gives back every row, in about as many bits as the bound says', async () => {
    const model = modelOf(options);
    const data = rowsOf(600, levels, of);
    const names = Array.from({ length: data.size }, (_, i) => `b/${i}.png`);
    const file = await encodeRows(model, data, { names });
    const decoded = await decodeRows(model, file);
    expect([...decoded.rows.data]).toEqual(bytesOf(data));
    expect(decoded.rows.shape).toEqual([600, ...(of ?? shape)]);
    expect(decoded.names).toEqual(names);

    const { negElbo } = await evaluateBound(model, data);
    const bound = (600 * negElbo) / Math.LN2;
    const bits = 16 * readFile(file).words.length;
    // One code's bits lie beneath it all, and the codes drawn here are others than the bound's.
    expect(Math.abs(bits - 3 * 16 - bound) / bound).toBeLessThan(0.01);
  });
});

/** A runtime whose networks give other numbers from the so-manieth run on: the next float32 for one of them. */
function disturbed(runs: number): Runtime {
  let left = runs;
  return {
    ...runtime,
    async compile(graph) {
      const program = await runtime.compile(graph);
      return {
        ...program,
        inputs: program.inputs,
        outputs: program.outputs,
        async run(feeds, into) {
          const results = await program.run(feeds, into);
          const { output } = results;
          if (output && --left < 0) new Int32Array(output.data.buffer, output.data.byteOffset)[7]! += 1 << 12;
          return results;
        },
        dispose: () => program.dispose(),
      };
    },
  };
}

describe('what cannot be right is refused', () => {
  const data = rowsOf(40, 2);
  const model = modelOf({});

  it('a file that is cut off, damaged or none', async () => {
    const file = await encodeRows(model, data);
    for (const end of [0, 3, 9, file.length - 1]) {
      await expect(decodeRows(model, file.subarray(0, end)), `${end}`).rejects.toMatchObject({ code: 'data' });
    }
    for (let at = 0; at < file.length; at += 7) {
      const damaged = file.map((byte, i) => (i === at ? byte ^ 16 : byte));
      await expect(decodeRows(model, damaged), `${at}`).rejects.toMatchObject({ code: 'data' });
    }
    await expect(decodeRows(model, new TextEncoder().encode('PK12 and more'))).rejects.toThrow(/begins with "PK12"/);
  });

  it('a file whose words were changed, checksum and all', async () => {
    const { header, words } = readFile(await encodeRows(model, data));
    for (const at of [0, Math.floor(words.length / 2), words.length - 2]) {
      const changed = writeFile(
        header,
        words.map((word, i) => (i === at ? word ^ 1 : word)),
      );
      await expect(decodeRows(model, changed)).rejects.toMatchObject({ code: 'runtime' });
    }
    await expect(decodeRows(model, writeFile({ ...header, rows: 39 }, words))).rejects.toThrow();
  });

  it('another model', async () => {
    const file = await encodeRows(modelOf({}, { seed: 2 }), data);
    await expect(decodeRows(model, file)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(/with another model/),
    });
  });

  it('another arithmetic, by its probe or, where that misses it, by what comes out', async () => {
    const file = await encodeRows(model, data);
    for (const runs of [0, 2, 3, 6]) {
      const other = modelOf({}, { on: disturbed(runs) });
      await expect(decodeRows(other, file), `${runs}`).rejects.toMatchObject({
        code: 'runtime',
        message: expect.stringMatching(/computes other numbers/),
      });
    }
  });

  it('a network that does not repeat itself, while it still can be mended', async () => {
    const other = (): TrainedVae => modelOf({}, { on: disturbed(20) });
    await expect(encodeRows(other(), data)).rejects.toMatchObject({ code: 'runtime' });
    expect((await encodeRows(other(), data, { verify: false })).length).toBeGreaterThan(0);
  });

  it('values that the likelihood does not explain, by row', async () => {
    await expect(encodeRows(model, rowsOf(40, 256))).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(/^row 0 has the value \d+, .* explains only 0, 255\. /),
    });
    const wide = arrayDataset({ name: 'wide', data: new Uint8Array(18), shape: [3, 6, 1] });
    await expect(encodeRows(model, wide)).rejects.toThrow(/takes rows of uint8 \[5, 4, 1\], got uint8 \[3, 6, 1\]/);
  });

  it.each<[Partial<ModelOptions>, RegExp]>([
    [{ posterior: 'fullGaussian' }, /the posterior "diagonalGaussian", got "fullGaussian"/],
    [{ prior: { type: 'gaussianMixture', components: 3 } }, /the prior "standardNormal", got "gaussianMixture"/],
    [{ condition: { type: 'label', classes: 2 } }, /told nothing beside the data, got the condition "label"/],
    [{ likelihood: 'laplace' }, /the likelihood "laplace" is none/],
    [{ likelihood: { type: 'categorical', levels: 300 } }, /at most 256 levels, got 300/],
    [{ input: { shape: [5, 4, 1], dtype: 'float32' } }, /of bytes, got one of float32/],
  ])('a model of %j', async (options, error) => {
    await expect(encodeRows(modelOf(options), data)).rejects.toMatchObject({
      code: 'spec',
      message: expect.stringMatching(error),
    });
  });
});

describe('coding', () => {
  it('tells its progress and ends when told to', async () => {
    const shares: number[] = [];
    await encodeRows(modelOf({}), rowsOf(30, 2), { progress: share => shares.push(share) });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect([shares.length, shares.at(-1)]).toEqual([2 * batchesOf(30).length, 1]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(encodeRows(modelOf({}), rowsOf(30, 2), { signal })).rejects.toThrow('enough');
  });

  it('takes every row in one batch, the first alone', () => {
    const batches = batchesOf(1000);
    expect(batches.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    expect([batches[0], batches.at(-1)!.end]).toEqual([{ start: 0, end: 1 }, 1000]);
  });

  it('draws no more from beneath the stack than a code takes', async () => {
    const { header } = readFile(await encodeRows(modelOf({}), rowsOf(500, 2)));
    expect(header.drawn).toBeGreaterThan(0);
    expect(16 * header.drawn).toBeLessThanOrEqual(3 * 13 + 16);
  });
});
