import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { latentkit, scratchDirectory, writeCrosses } from './testing.ts';

let leave: () => Promise<void>;
beforeAll(async () => {
  leave = await scratchDirectory();
  await writeCrosses('crosses.idx', 'classes.idx', 400);
});
afterAll(() => leave());

const small = 'train crosses.idx --labels classes.idx --hidden 16 --latent 2 --batch-size 32 --epochs 1';
const configOf = (run: string) => JSON.parse(readFileSync(`${run}/config.json`, 'utf8'));

describe('latentkit train', () => {
  it('prints one JSON object, and nothing else, on standard output', async () => {
    const { code, stdout, stderr, json } = await latentkit(`${small} --seed 3 --json`);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    const result = json();
    expect(result).toMatchObject({ run: 'runs/crosses-mlp', status: 'finished', epochs: 1, bestEpoch: 1, seed: 3 });
    for (const name of ['testNegElbo', 'testReconstruction', 'testKl', 'validationNegElbo', 'imagesPerSecond']) {
      expect(result[name], name).toBeGreaterThan(0);
    }
    expect(Number(result.testReconstruction) + Number(result.testKl)).toBeCloseTo(Number(result.testNegElbo), 4);
    expect(result.peakMemoryMB).toBeGreaterThan(20);
    expect(result.seconds).toBeGreaterThan(0);
    expect(stderr).toMatch(/crosses\.idx: 320 training, 40 validation and 40 test rows; mlp with [\d,]+ parameters/);
    expect(stderr).toMatch(/epoch 1\/1 {2}loss .* validation [\d.]+ \(best\) .* images\/s/);
    for (const file of [
      'model.safetensors',
      'onnx/score_model.onnx',
      'images/samples.png',
      'golden.json',
      'README.md',
    ]) {
      expect(existsSync(`runs/crosses-mlp/${file}`), file).toBe(true);
    }
  });

  it('takes smaller batches of few rows, says so and keeps it', async () => {
    const lines = Array.from({ length: 150 }, (_, i) => `${(i * 37) % 90},${['yes', 'no'][i % 2]}`);
    writeFileSync('few.csv', ['age,member', ...lines, ''].join('\n'));
    const { code, stdout, stderr } = await latentkit('train few.csv --epochs 1 --out few');
    expect(code).toBe(0);
    expect(stdout).toContain('latentkit generate few --out rows.csv');
    expect(stderr).toContain('For so many rows: batches of 8.\n');
    expect(configOf('few').training).toMatchObject({ batchSize: 8, epochs: 1 });
    const { stderr: own } = await latentkit('train few.csv --epochs 1 --batch-size 20 --out own');
    expect(own).not.toContain('For so many rows');
    expect(configOf('own').training).toMatchObject({ batchSize: 20, epochs: 1 });
  });

  it('finds a free folder each time', async () => {
    const { json } = await latentkit(`${small} --json`);
    const first = String(json().run);
    const second = String((await latentkit(`${small} --json`)).json().run);
    expect(second).toBe(`runs/crosses-mlp-${Number(/\d+$/.exec(first)?.[0] ?? 1) + 1}`);
  });

  it('says nothing but the result with --quiet, and a summary otherwise', async () => {
    const quiet = await latentkit(`${small} --quiet --out quiet`);
    expect(quiet).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const { stdout } = await latentkit(`${small} --out told`);
    expect(stdout).toMatch(/test +negative ELBO [\d.]+ nats = reconstruction [\d.]+ \+ KL [\d.]+/);
    expect(stdout).toContain('a bound, one draw for each of 40 rows; bernoulli likelihood, grey values');
    expect(stdout).toContain('latentkit generate told --preview');
  });

  it('has the same bits for the same seed', async () => {
    await latentkit(`${small} --seed 8 --quiet --out same-1`);
    await latentkit(`${small} --seed 8 --quiet --out same-2`);
    await latentkit(`${small} --seed 9 --quiet --out other`);
    const bits = (run: string) => readFileSync(`${run}/model.safetensors`);
    expect(bits('same-1').equals(bits('same-2'))).toBe(true);
    expect(bits('same-1').equals(bits('other'))).toBe(false);
  });

  it('replaces a run only with --overwrite, and leaves other files alone', async () => {
    await latentkit(`${small} --quiet --out kept --latent 2`);
    writeFileSync('kept/notes.txt', 'mine');
    const before = readFileSync('kept/model.safetensors');
    const refused = await latentkit(`${small} --out kept`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^error: kept: this folder holds a run already\. .*--overwrite.*\n$/);
    // What fails before training leaves the old run as it was.
    const failed = await latentkit(`${small} --out kept --overwrite --batch-size 5000`);
    expect(failed.stderr).toContain('expected at least one batch of 5000 training rows, got 320');
    expect(readFileSync('kept/model.safetensors').equals(before)).toBe(true);
    const done = await latentkit(`${small} --out kept --overwrite --preset conv --hidden 4,8 --quiet`);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(configOf('kept').model.encoder[0].type).toBe('conv2d');
    expect(existsSync('kept/images/manifold.png')).toBe(true);
    expect(readFileSync('kept/notes.txt', 'utf8')).toBe('mine');
    expect((await latentkit('verify kept')).code).toBe(0);
  });

  it('reads a config file, over which flags win', async () => {
    writeFileSync(
      'train.yaml',
      `data: { type: idx, images: crosses.idx, test: 20 }
preset: mlp
presetOptions: { latent: 3, hidden: [16, 8], klWeight: 2, klWarmupEpochs: 3, binarization: dynamic }
training: { epochs: 7, batchSize: 16, optimizer: { type: adamw, weightDecay: 0.1, learningRate: 0.01 } }
out: from-config
`,
    );
    const { code, stderr } = await latentkit('train --config train.yaml --epochs 1 --latent 2 --ema 0.9 --quiet');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(configOf('from-config')).toMatchObject({
      model: {
        input: { shape: [8, 8, 1] },
        latent: 2,
        binarization: 'dynamic',
        objective: { klWeight: 2, klWarmup: { epochs: 3 } },
      },
      training: {
        epochs: 1,
        batchSize: 16,
        optimizer: { type: 'adamw', weightDecay: 0.1, learningRate: 0.01, ema: 0.9 },
      },
      data: { rows: { train: 340, test: 20 } },
    });
    const other = await latentkit('train --config train.yaml --epochs 1 --optimizer sgd --out sgd --quiet');
    expect(other.stderr).toBe('');
    expect(configOf('sgd').training.optimizer).toMatchObject({ type: 'sgd', learningRate: 0.01, momentum: 0.9 });
  });

  it('takes a model of your own, whose input is that of the data', async () => {
    const layers = { encoder: [{ type: 'flatten' }], decoder: [{ type: 'dense', units: 'output' }] };
    writeFileSync('tiny.json', JSON.stringify({ latent: 2, ...layers, objective: { freeBits: 0.5 } }));
    const { code, json } = await latentkit(
      'train crosses.idx --model tiny.json --epochs 1 --kl-weight 0.5 --likelihood normal --json',
    );
    expect(code).toBe(0);
    expect(json().run).toBe('runs/crosses-tiny');
    const { model } = configOf('runs/crosses-tiny');
    expect(model).toMatchObject({ likelihood: { type: 'normal' }, objective: { klWeight: 0.5, freeBits: 0.5 } });
  });

  it('takes a model of the literature by name, and the layers of another network', async () => {
    const line = 'train crosses.idx --epochs 1 --latent 2 --hidden 4 --network conv --json';
    // A preset's name is not taken for that of a file.
    writeFileSync('beta-tc-vae', 'no model');
    const { code, json } = await latentkit(`${line} --model beta-tc-vae`);
    expect(code).toBe(0);
    expect(json().run).toBe('runs/crosses-beta-tc-vae-conv');
    const { model } = configOf('runs/crosses-beta-tc-vae-conv');
    expect(model).toMatchObject({ objective: { type: 'betaTc' }, encoder: [{ type: 'conv2d', channels: 4 }, {}, {}] });
    expect((await latentkit(`${line} --preset beta-tc-vae`)).json().testNegElbo).toBe(json().testNegElbo);
  });

  it('tells what goes wrong between the lines of progress, and inspect has the last word of it', async () => {
    const line = `${small.replace('--epochs 1', '--epochs 2')} --kl-weight 500 --learning-rate 0.01`;
    const { code, stderr } = await latentkit(`${line} --out pressed`);
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /\n {2}Over-regularisation: .* KL weight of 500\.\n {2}At this .*\n {2}To mend it: --kl-weight 1,/,
    );
    expect((await latentkit('inspect pressed')).stdout).toContain('\nOver-regularisation: reconstructions explain');
    expect((await latentkit('inspect pressed --json')).json().doctor).toHaveLength(1);

    const mended = await latentkit(`${line} --out mended --doctor fix`);
    expect(mended.stderr).toContain('  Mended after epoch 2: KL weight 1, KL warmup of');
    expect(configOf('mended').training.doctor).toBe('fix');
    expect((await latentkit(`${line} --out unwatched --doctor off`)).stderr).not.toContain('regularisation');
  });

  it('tells of rollbacks, and gives up clearly', async () => {
    const { code, stderr } = await latentkit(`${small} --learning-rate 1e35 --out diverged`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Back to the start of epoch 1, with 0\.5 times the learning rate \(attempt 1 of 4\)/);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^error: step \d+: the loss is .*clipNorm/);
  });
});

describe('latentkit resume', () => {
  it('goes on where Ctrl-C stopped, to the same bits', async () => {
    const long = small.replace('--epochs 1', '--epochs 2');
    await latentkit(`${long} --quiet --out whole`);
    const stopped = await latentkit(`${long} --json --out stopped`, { interruptAt: '; to stopped' });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain('Stopped. Go on with: latentkit resume stopped');
    expect(stopped.json()).toMatchObject({ status: 'interrupted', testNegElbo: null, run: 'stopped' });
    expect(readdirSync('stopped')).toContain('checkpoint');
    const opened = await latentkit('generate stopped');
    expect(opened).toMatchObject({ code: 1, stderr: expect.stringContaining('after the first epoch') });
    const resumed = await latentkit('resume stopped --json');
    expect(resumed.stderr).toContain('stopped: going on in epoch 1 of 2, after its step 1');
    expect(resumed.json()).toMatchObject({ status: 'finished', epochs: 2 });
    expect(readFileSync('stopped/model.safetensors').equals(readFileSync('whole/model.safetensors'))).toBe(true);
  });

  it('says that a run was finished already, or trains it further', async () => {
    await latentkit(`${small} --quiet --out done`);
    const again = await latentkit('resume done');
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/^The run was finished already/);
    const further = await latentkit('resume done --epochs 2 --json');
    expect(further.json()).toMatchObject({ status: 'finished', epochs: 2 });
    expect((await latentkit('verify done')).code).toBe(0);
  });
});
