// Whatever a user gets wrong: one paragraph on standard error that says what and how to mend it, exit code 1, nothing on
// standard output, and nothing left behind.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latentkit, scratchDirectory, writeCrosses, writeIdx } from './testing.ts';

let leave: () => Promise<void>;
beforeAll(async () => {
  leave = await scratchDirectory();
  await writeCrosses('crosses.idx', 'classes.idx', 200);
  writeFileSync('cut.idx', readFileSync('crosses.idx').subarray(0, 5000));
  writeFileSync('text.idx', 'not at all an IDX file');
  writeFileSync('cut.idx.gz', Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
  await writeIdx('few.idx', [3], Uint8Array.from([1, 2, 3]));
  mkdirSync('empty');
  mkdirSync('pictures');
  writeFileSync('pictures/holiday.txt', 'mine');
  writeFileSync('a-file', 'in the way');
  writeFileSync('field.yaml', 'data: mnist\ntraining: { epoch: 3 }\n');
  writeFileSync('top.yaml', 'data: mnist\npresett: mlp\n');
  writeFileSync('value.json', '{ "data": "mnist", "presetOptions": { "latent": "many" } }');
  writeFileSync('both.yaml', 'data: mnist\npreset: mlp\nmodel: { latent: 2, encoder: [], decoder: [] }\n');
  writeFileSync('broken.yaml', 'data: [mnist\ntraining: {');
  const model = (encoder: string): string =>
    `latent: 2\nencoder: [${encoder}]\ndecoder: [{ type: dense, units: output }]\n`;
  writeFileSync('unfit.yaml', model('{ type: conv2d, channels: 4, kernel: 11 }'));
  writeFileSync('unknown-layer.yaml', model('{ type: flaten }'));
  writeFileSync('field-layer.yaml', model('{ type: flatten }, { type: dense, unit: 3 }'));
});
afterAll(() => leave());

const data = 'train crosses.idx --batch-size 32';

describe('a wrong command line', () => {
  it.each([
    ['trian', /unknown command 'trian' \(Did you mean train\?\)/],
    [`${data} --epoch 3`, /unknown option '--epoch' \(Did you mean --epochs\?\)/],
    [`${data} --epochs three`, /--epochs: expected a number, got "three"/],
    [`${data} --epochs 0`, /--epochs: expected .*more than 0|--epochs: expected at least 1/],
    [`${data} --likelihood bernouli`, /--likelihood: .*got "bernouli"\. Did you mean "bernoulli"\?/],
    [`${data} --preset gan`, /unknown preset "gan"; expected one of: mlp, conv/],
    [`${data} --preset mpl`, /Did you mean "mlp"\?/],
    [`${data} --model beta-vea`, /unknown preset "beta-vea"; expected .*Did you mean "beta-vae"\?/],
    [`${data} --preset mlp --model unfit.yaml`, /--preset is the same as --model; leave one out/],
    [`${data} --preset unfit.yaml`, /unknown preset "unfit.yaml"/],
    [`${data} --model unfit.yaml --hidden 3`, /--hidden is an option of presets/],
    [`${data} --model unfit.yaml --network conv`, /--network is an option of presets/],
    [`${data} --model beta-vae --network cnv`, /--network: .*got "cnv"\. Did you mean "conv"\?/],
    [`${data} --device gpu`, /--device: expected one of: cpu, webgpu, cuda, got "gpu"/],
    ['train', /expected the data to train on: mnist, .*latentkit train mnist/],
    ['train mnits', /got "mnits"\. Did you mean "mnist"\?/],
    ['train empty', /empty: expected files of data, got an empty folder/],
    ['train crosses.idx --labels', /option '--labels <file>' argument missing/],
    [
      'train mnist --labels classes.idx',
      /--labels: expected a file of images or rows to go with the labels, got "mnist"/,
    ],
    ['generate', /missing required argument 'run'/],
    ['schema confg', /got "confg"\. Did you mean "config"\?/],
  ])('%s', fails);
});

describe('wrong files', () => {
  it.each([
    ['train cut.idx', /cut\.idx: expected 12816 bytes for shape \[200, 8, 8\], got 5000 bytes\. The file is cut off/],
    ['train text.idx', /text\.idx: expected an IDX file/],
    ['train cut.idx.gz', /cut\.idx\.gz: expected a whole gzip file/],
    ['train few.idx', /few\.idx: expected images .* Were images and labels swapped\?/],
    ['train crosses.idx --labels few.idx', /few\.idx: expected 200 labels/],
    [`${data} --batch-size 500`, /expected at least one batch of 500 training rows, got 160/],
    ['train --config field.yaml', /field\.yaml: training: unknown field "epoch"\. Did you mean "epochs"\?/],
    ['train --config top.yaml', /top\.yaml: unknown field "presett"\. Did you mean "preset"\?/],
    [
      'train --config value.json',
      /value\.json: presetOptions\.latent: expected a whole number, got "many"|a number, got "many"/,
    ],
    ['train --config both.yaml', /"preset" and "model" exclude each other/],
    ['train --config broken.yaml', /broken\.yaml: expected YAML or JSON, but: .* line \d/],
    ['train --config none.yaml', /cannot read none\.yaml: there is no such file/],
    [`${data} --model unfit.yaml`, /encoder layer 1 \(conv2d\): .*kernel 11×11 does not fit 8×8/],
    [`${data} --model unknown-layer.yaml`, /encoder\[0\].*"flaten"\. Did you mean "flatten"\?/],
    [`${data} --model field-layer.yaml`, /encoder\[1\]: .*unknown field "unit"\. Did you mean "units"\?/],
    [`${data} --out pictures`, /pictures: expected a new or empty folder/],
    [`${data} --out pictures --overwrite`, /pictures: expected a new or empty folder/],
    [`${data} --out a-file`, /a-file: expected a folder, got a file/],
    [`${data} --out a-file/run`, /a-file.run: a part of the path is a file/],
    ['generate none', /there is no such file or folder/],
    ['generate pictures', /expected a run folder with a config\.json/],
    ['resume pictures', /expected a run folder with a config\.json/],
  ])('%s', fails);
});

async function fails(line: string, message: RegExp): Promise<void> {
  const before = readdirSync('.').sort();
  const { code, stdout, stderr } = await latentkit(line);
  const last = stderr.trimEnd().split('\n').at(-1)!;
  expect(last).toMatch(/^error: /);
  expect(last).toMatch(message);
  expect(stderr).not.toMatch(/^ +at /m);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(readdirSync('.').sort()).toEqual(before);
}

describe('a damaged run', () => {
  beforeAll(async () => {
    const { stderr } = await latentkit(`${data} --hidden 8 --latent 2 --epochs 2 --quiet --out whole`);
    expect(stderr).toBe('');
  });

  it.each([
    ['a flipped bit in the checkpoint', 'checkpoint/state.safetensors', flip, 'resume', /the checkpoint is damaged/],
    ['half a checkpoint', 'checkpoint/state.safetensors', half, 'resume', /The file is cut off/],
    [
      'a header that overflows',
      'model.safetensors',
      overflow,
      'generate',
      /expected a header of at most 100000000 bytes, got 18446744073709551615/,
    ],
    [
      'overlapping tensors',
      'model.safetensors',
      overlap,
      'generate',
      /tensor "b" to begin at byte 8 of the data, where the last ends, got 4/,
    ],
    ['half the parameters', 'model.safetensors', half, 'evaluate', /The file is cut off/],
    [
      "another model's parameters",
      'model.safetensors',
      other,
      'inspect',
      /expected the tensor "encoder\.1\.weight" as float32 \[64, 8\], got no such tensor/,
    ],
    ['a config that is no JSON', 'config.json', half, 'evaluate', /config\.json: expected JSON/],
    ['golden vectors that are no JSON', 'golden.json', half, 'verify', /golden\.json: expected JSON/],
    [
      'a torn line of metrics',
      'metrics.jsonl',
      bytes => bytes.subarray(0, -9),
      'inspect',
      /metrics\.jsonl: line 2: expected a JSON object/,
    ],
  ])('%s', async (what, file, damage, command, message) => {
    const run = what.replaceAll(/\W/g, '-');
    cpSync('whole', run, { recursive: true });
    writeFileSync(`${run}/${file}`, damage(readFileSync(`${run}/${file}`)));
    await fails(`${command} ${run}`, message);
  });

  it('does not go on with, and is not measured on, other data than it was trained on', async () => {
    await writeCrosses('moved.idx', 'moved-classes.idx', 200);
    const { stderr } = await latentkit('train moved.idx --hidden 8 --batch-size 32 --epochs 1 --quiet --out moved');
    expect(stderr).toBe('');
    await writeCrosses('moved.idx', 'moved-classes.idx', 190);
    for (const command of ['evaluate', 'resume']) {
      await fails(`${command} moved`, /the train rows are not those that the run was started on/);
    }
  });

  it('is found out by verify, with exit code 1', async () => {
    cpSync('whole', 'changed', { recursive: true });
    writeFileSync('changed/README.md', 'something else');
    rmSync('changed/onnx/decoder_model.onnx');
    const { code, stdout } = await latentkit('verify changed');
    expect(code).toBe(1);
    expect(stdout).toMatch(/missing {2}onnx\/decoder_model\.onnx\n {2}changed {2}README\.md/);
    expect(stdout).toContain("decoder: does NOT give the engine's numbers");
  });
});

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length >> 1);
}

function flip(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  damaged[damaged.length - 5]! ^= 1;
  return damaged;
}

function overflow(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(8, 0xff), bytes.subarray(8)]);
}

function overlap(): Buffer {
  return safetensors({ a: [0, 8], b: [4, 12] }, 12);
}

function other(): Buffer {
  return safetensors({ a: [0, 8] }, 8);
}

function safetensors(offsets: Record<string, [number, number]>, length: number): Buffer {
  const entries = Object.entries(offsets).map(([name, data_offsets]) => [
    name,
    { dtype: 'F32', shape: [2], data_offsets },
  ]);
  const header = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([size, header, Buffer.alloc(length)]);
}

it('shows the stack, and that of the cause, only with --debug', async () => {
  const { stderr, code } = await latentkit('train --config none.yaml --debug');
  expect(code).toBe(1);
  expect(stderr).toMatch(/LatentkitError: cannot read none\.yaml[\s\S]*^ +at [\s\S]*caused by: Error: ENOENT/m);
  expect(existsSync('runs')).toBe(false);
});
