// Every command as a user meets it: its help, whose examples are run as they stand, its files and its JSON.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '../arrays/index.ts';
import { decodePng, encodePng } from '../images/index.ts';
import { tasks } from '../tasks/index.ts';
import { latentkit, scratchDirectory, writeCrosses } from './testing.ts';

const run = 'runs/mnist-mlp';
const other = 'runs/mnist-conv';
const people = 'runs/people';

let leave: () => Promise<void>;
beforeAll(async () => {
  leave = await scratchDirectory();
  await writeCrosses('crosses.idx', 'classes.idx', 1300);
  writeFileSync('train.yaml', 'data: crosses.idx\n');
  const flags = '--labels classes.idx --hidden 16 --latent 3 --batch-size 64 --epochs 1 --quiet';
  expect(await latentkit(`train crosses.idx ${flags} --out ${run}`)).toMatchObject({ code: 0, stderr: '' });
  cpSync(run, other, { recursive: true });
  mkdirSync('digits/even', { recursive: true });
  for (const name of ['one.png', 'even/two.png', 'even/four.png'])
    writeFileSync(`digits/${name}`, stripes(name.length));
  expect(await latentkit(`compress ${run} digits digits.lkz`)).toMatchObject({ code: 0, stderr: '' });
  writeFileSync('people.csv', table(2000));
  writeFileSync('new.csv', table(30));
  writeFileSync('incomplete.csv', table(30).replaceAll(',Rome', ','));
  expect(await latentkit(`train people.csv --epochs 2 --quiet --out ${people}`)).toMatchObject({ code: 0, stderr: '' });
});
afterAll(() => leave());

/** Rows of a number, a category and whether the number is large. */
function table(rows: number): string {
  const line = (i: number): string =>
    `${(i * 37) % 100},${(i * 37) % 100 > 49 ? 'yes' : 'no'},${['Rome', 'Bern'][i % 2]}`;
  return ['age,old,city', ...Array.from({ length: rows }, (_, i) => line(i)), ''].join('\n');
}

/** A picture of 8×8 pixels, black and white. */
function stripes(every: number): Uint8Array {
  const data = Uint8Array.from({ length: 64 }, (_, i) => (i % every === 0 ? 255 : 0));
  return encodePng({ width: 8, height: 8, channels: 1, data });
}

describe('help', () => {
  it('lists every command', async () => {
    const { code, stdout, stderr } = await latentkit('--help');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name, summary } of Object.values(tasks)) {
      expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}`, 'm'));
    }
    expect(await latentkit([])).toMatchObject({ code: 0, stdout });
    expect((await latentkit('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(['train', 'resume', 'compare', 'models', 'schema', ...Object.keys(tasks)])(
    'of %s has examples that work',
    async command => {
      const { code, stdout } = await latentkit(`${command} --help`);
      expect(code).toBe(0);
      expect(stdout).toMatch(/--json .*one JSON object/);
      const examples = [...stdout.matchAll(/^ {2}\$ latentkit ([^>\n]*)/gm)].map(match => match[1]!.trim());
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect(example.startsWith(command)).toBe(true);
        if (['train', 'resume'].includes(command)) {
          // All of it is read and checked before the device is.
          const { stderr } = await latentkit(`${example} --device none`);
          expect(stderr).toMatch(/^error: --device: expected one of/);
        } else {
          expect(await latentkit(example), example).toMatchObject({ code: 0, stderr: '' });
        }
      }
    },
  );

  it('shows the options of the schema', async () => {
    const { stdout } = await latentkit('interpolate --help');
    expect(stdout).toMatch(/--split <name> +which part of the data: train, validation, test \(default: test\)/);
    expect(stdout).toMatch(/--from <n,\.\.\.> +rows to begin at \(default: the first 5\)/);
    expect(stdout).toMatch(/--steps <number> .*\(default: 10\)/s);
    expect((await latentkit('embed --help')).stdout).toMatch(/--log-var +give/);
  });
});

/** The JSON that a command prints, and nothing beside it. */
async function answerOf(line: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr, json } = await latentkit(`${line} --json`);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  return json();
}

const png = (path: string) => decodePng(readFileSync(path), path);

describe('commands', () => {
  it('evaluate: the figure that training printed, with its kind', async () => {
    const result = await answerOf(`evaluate ${run}`);
    const card = readFileSync(`${run}/README.md`, 'utf8');
    expect(card).toContain(`| test | ${Number(result.negElbo).toFixed(2)} |`);
    expect(result).toMatchObject({ run, kind: 'bound', unit: 'nats per row', samples: 1, rows: 130, split: 'test' });
    expect(result).toMatchObject({ likelihood: 'bernoulli', binarization: 'none' });
    const other = await answerOf(`evaluate ${run} --data crosses.idx --samples 3`);
    // Of other data every row is a test row.
    expect(other).toMatchObject({ samples: 3, split: 'test', rows: 1300 });
    expect((await latentkit(`evaluate ${run}`)).stdout).toMatch(/a bound, one draw for each of 130 test rows/);
  });

  it('evaluate --nll --full: estimates beside the bound, each with its kind', async () => {
    const result = await answerOf(`evaluate ${run} --nll 3 --full --split validation`);
    const figures = result.figures as { name: string; kind: string; samples?: number; split: string }[];
    expect(figures.find(({ name }) => name === 'nll')).toMatchObject({
      kind: 'estimate',
      samples: 3,
      split: 'validation',
    });
    expect(figures.map(({ name }) => name)).toContain('knnAccuracy');
    const { stdout } = await latentkit(`evaluate ${run} --nll 3 --full --split validation`);
    expect(stdout).toMatch(/^KL of the dimensions: [\d.]+ [\d.]+ [\d.]+$/m);
    expect(stdout).toMatch(/^−log p\(x\) +[\d.]+ ± [\d.]+ nats per row +estimate, K = 3$/m);
    expect(stdout).toMatch(/^SSIM +[\d.]+ ± [\d.]+ +statistic$/m);
    expect(stdout).toMatch(
      /^Fréchet distance \(mnist-features\) +[\d.]+ +estimate, of 130 samples and as many rows in mnist-features:[\da-f]{8}$/m,
    );
    const ledger = readFileSync(`${run}/evaluations.jsonl`, 'utf8').trimEnd().split('\n');
    expect(ledger.filter(line => line.includes('"split":"validation"'))).toHaveLength(1);
    const five = await answerOf(`evaluate ${run} --nll`);
    expect((five.figures as typeof figures).find(({ name }) => name === 'nll')).toMatchObject({ samples: 500 });
    const { stderr } = await latentkit(`evaluate ${run} --nll many`);
    expect(stderr).toMatch(/^error: --nll: expected .*"many"/);
  });

  it('compare: like beside like, and a refusal with its reason', async () => {
    const { columns, unlike } = await answerOf(`compare ${run} ${other} --nll 3`);
    expect(unlike).toEqual([]);
    const all = columns as { name: string; of: { samples?: number; rows: number }; entries: object[] }[];
    const bound = all.find(({ name, of }) => name === 'negElbo' && of.samples === 1 && of.rows === 130)!;
    expect(bound.entries).toMatchObject([
      { run, rank: 1 },
      { run: other, rank: 1 },
    ]);
    const flags = '--hidden 16 --latent 3 --batch-size 64 --epochs 1 --quiet --likelihood normal';
    expect(await latentkit(`train crosses.idx ${flags} --out runs/normal`)).toMatchObject({ code: 0 });
    const { stdout } = await latentkit(`compare ${run} runs/normal`);
    expect(stdout).toMatch(
      /^negative ELBO \(bound\) of 130 test rows of .*; bernoulli likelihood, grey values \(cross/m,
    );
    expect(stdout).toMatch(
      /^Not ranked:\n {2}negative ELBO of .*: likelihood bernoulli and normal; measure pseudo and/m,
    );
    const { stderr } = await latentkit(`compare ${run}`);
    expect(stderr).toMatch(/^error: compare: expected two runs or more/);
  });

  it('generate: a grid, an array or a table; the same for the same seed', async () => {
    await answerOf(`generate ${run} --count 6 --out out/a.png`);
    expect(png('out/a.png')).toMatchObject({ width: 3 * 82 + 2, height: 2 * 82 + 2, channels: 1 });
    expect(await answerOf(`generate ${run} --count 2 --seed 5 --out b.npy`)).toEqual({
      run,
      count: 2,
      samples: 'b.npy',
      sampler: 'prior',
    });
    await answerOf(`generate ${run} --count 4 --seed 5 --out c.npy`);
    const [b, c] = ['b.npy', 'c.npy'].map(path => decodeNpy(readFileSync(path), path));
    expect(b!.shape).toEqual([2, 8, 8, 1]);
    expect([...c!.data.subarray(0, 128)]).toEqual([...b!.data]);
    await answerOf(`generate ${run} --count 2 --out d.csv`);
    expect(readFileSync('d.csv', 'utf8')).toMatch(/^x_0,x_1,.*,x_63\r\n[\d.e-]+,/);
    const wrong = await latentkit(`generate ${run} --out e.jpg`);
    expect(wrong.stderr).toBe('error: --out e.jpg: expected a name that ends in .png or .npy or .csv.\n');
  });

  it('generate --sampler: fitted at its first use, and the same from then on', async () => {
    const line = `generate ${run} --sampler gmm --components 3 --count 2 --out e.npy`;
    const answer = await answerOf(line);
    expect(answer).toMatchObject({ sampler: 'gmm', count: 2 });
    const [samples, fitted] = ['e.npy', `${run}/samplers/gmm.safetensors`].map(path => readFileSync(path));
    expect(await answerOf(line)).toEqual(answer);
    expect(readFileSync('e.npy').equals(samples!)).toBe(true);
    expect(readFileSync(`${run}/samplers/gmm.safetensors`).equals(fitted!)).toBe(true);
    expect((await latentkit(line)).stdout).toBe('2 samples by the sampler gmm: e.npy\n');
    expect(await answerOf(`verify ${run}`)).toMatchObject({ ok: true });
    const { stderr } = await latentkit(`generate ${run} --sampler knn --components 3`);
    expect(stderr).toBe(
      'error: generate: sampler knn: unknown field "components". Expected one of: type, neighbours.\n',
    );
    expect((await latentkit(`generate ${run} --sampler gmmm`)).stderr).toMatch(
      /^error: --sampler: .*Did you mean "gmm"\?/,
    );
  });

  it('generate --preview: half blocks on the terminal, apart from the JSON', async () => {
    const { stdout } = await latentkit(`generate ${run} --count 4 --preview`);
    expect(stdout).toMatch(/\[48;5;\d+m▀/);
    // Two rows of pixels make a line: 8 of the image and the line above and below it.
    expect(stdout.split('\n').filter(line => line.includes('▀'))).toHaveLength(5);
    const both = await latentkit(`generate ${run} --count 4 --preview --json`);
    expect(both.json()).toMatchObject({ count: 4 });
    expect(both.stderr).toContain('▀');
  });

  it('reconstruct: pairs, and a score for each row', async () => {
    const { rows } = await answerOf(`reconstruct ${run} --start 120 --count 50 --out pairs.png`);
    expect(rows).toHaveLength(10);
    const [first] = rows as { row: number; score: number; reconstruction: number; kl: number }[];
    expect(first!.row).toBe(120);
    expect(first!.score).toBeCloseTo(first!.reconstruction + first!.kl, 3);
    expect(png('pairs.png').width).toBe(8 * 82 + 2);
    const beyond = await latentkit(`reconstruct ${run} --start 130`);
    expect(beyond.stderr).toMatch(/^error: start: expected a row below 130/);
  });

  it('interpolate: a walk in each line', async () => {
    const result = await answerOf(`interpolate ${run} --from 0,3 --to 7,8 --steps 5 --out walk.png`);
    expect(result).toEqual({ run, interpolation: 'walk.png', from: [0, 3], to: [7, 8], steps: 5 });
    expect(png('walk.png')).toMatchObject({ width: 5 * 82 + 2, height: 2 * 82 + 2 });
  });

  it('embed: arrays with labels and log-variances, or one table', async () => {
    const { files } = await answerOf(`embed ${run} --log-var --out z.npy`);
    expect(files).toEqual(['z.npy', 'z.log-var.npy', 'z.labels.npy']);
    const [mean, logVar, labels] = (files as string[]).map(path => decodeNpy(readFileSync(path), path));
    expect([mean!.shape, logVar!.shape, labels!.shape]).toEqual([[130, 3], [130, 3], [130]]);
    await answerOf(`embed ${run} --out z.csv`);
    const [header, first] = readFileSync('z.csv', 'utf8').split('\r\n');
    expect(header).toBe('row,label,mean_0,mean_1,mean_2');
    expect(first!.split(',').map(Number)).toEqual([0, labels!.data[0], ...mean!.data.subarray(0, 3)]);
  });

  it('generate and impute: rows of a table as its columns have them', async () => {
    await answerOf(`generate ${people} --count 50 --out made.csv`);
    const [header, ...lines] = readFileSync('made.csv', 'utf8').trimEnd().split(/\r?\n/);
    expect([header, lines.length]).toEqual(['age,old,city', 50]);
    for (const line of lines) expect(line).toMatch(/^\d\d?,(yes|no),(Rome|Bern)$/);
    const result = await answerOf(`impute ${people} incomplete.csv --out whole.csv --multiple 2`);
    expect(result).toMatchObject({
      files: ['whole.csv', 'whole-1.csv', 'whole-2.csv'],
      missing: { age: 0, old: 0, city: 15 },
    });
    for (const file of result.files as string[]) {
      const given = readFileSync('incomplete.csv', 'utf8').trimEnd().split('\n');
      const whole = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
      expect(whole).toHaveLength(given.length);
      whole.forEach((line, i) => {
        expect(line).toMatch(i === 0 ? /^age/ : /,(Rome|Bern)$/);
        // What was given is as it was.
        expect(line.startsWith(given[i]!)).toBe(true);
      });
    }
    expect((await latentkit(`impute ${run}`)).stderr).toMatch(/expected a model of a table/);
  });

  it('fidelity: how like real rows those are that the model makes up, or a file holds', async () => {
    const made = await answerOf(`fidelity ${people}`);
    expect(made).toMatchObject({ rows: { synthetic: 1600, train: 1600, test: 200 } });
    const copied = await answerOf(`fidelity ${people} people.csv`);
    expect(copied).toMatchObject({ rows: { synthetic: 2000 }, nearest: { medianOfSynthetic: 0 } });
    expect((await latentkit(`fidelity ${people}`)).stdout).toMatch(/^old +accuracy +[\d.]+ +[\d.]+$/m);
  });

  it('export: the same files as in the run, and how data are read', async () => {
    const { files } = await answerOf(`export ${run} --out given`);
    expect(files).toHaveLength(5);
    const { input, source } = JSON.parse(readFileSync('given/preprocessing.json', 'utf8'));
    const { model, data } = JSON.parse(readFileSync(`${run}/config.json`, 'utf8'));
    expect([input, source]).toEqual([model.input, data.source]);
    for (const file of (files as string[]).filter(name => name !== 'preprocessing.json')) {
      expect(readFileSync(`given/${file}`).equals(readFileSync(`${run}/${file}`)), file).toBe(true);
    }
  });

  it('verify and inspect', async () => {
    expect(await answerOf(`verify ${run}`)).toMatchObject({ ok: true, files: { missing: [], changed: [] } });
    expect(await answerOf(`inspect ${run}`)).toMatchObject({ run, finished: true, epochs: 1, best: { epoch: 1 } });
    const { stdout } = await latentkit(`inspect ${run}`);
    expect(stdout).toMatch(/^posterior\.weight +\[16, 6\] +96$/m);
    expect(stdout).toMatch(/^golden\.json +[\d.]+ kB$/m);
  });

  it('schema: a JSON Schema of each part', async () => {
    const config = JSON.parse((await latentkit('schema')).stdout);
    expect(Object.keys(config.properties)).toEqual(['data', 'preset', 'presetOptions', 'model', 'training', 'out']);
    expect(config.properties.training.properties.epochs).toMatchObject({ type: 'integer', default: 20 });
    expect(config.properties.model.required).not.toContain('input');
    expect((await latentkit('schema model --json')).json().title).toBe('Latentkit model');
    expect((await latentkit('schema training')).stdout).toContain('passes over the training rows');
  });
});

describe('compress and decompress', () => {
  it('keep names and every pixel', async () => {
    expect((await latentkit(`compress ${run} digits --out digits.lkz`)).stdout).toMatch(
      /^3 rows, 192 B as bytes, in \d+ B \(\d+\.\d{4} bits a number, by the bound \d+\.\d{4}\): digits\.lkz\n$/,
    );
    expect(await latentkit(`decompress ${run} digits.lkz again --json`)).toMatchObject({ code: 0 });
    for (const name of ['one.png', 'even/two.png', 'even/four.png']) {
      expect(decodePng(readFileSync(`again/${name}`), name)).toEqual(decodePng(readFileSync(`digits/${name}`), name));
    }
    expect(await latentkit(`decompress ${run} digits.lkz --out digits.npy`)).toMatchObject({ code: 0 });
    expect(decodeNpy(readFileSync('digits.npy'), 'digits.npy').shape).toEqual([3, 8, 8, 1]);
  });

  it('say what is amiss', async () => {
    expect((await latentkit(`compress ${run}`)).stderr).toMatch(/has the value 200, but the likelihood "bernoulli"/);
    expect((await latentkit(`compress ${run} digits digits.zip`)).stderr).toMatch(/a name that ends in \.lkz/);
    expect((await latentkit(`decompress ${run} digits/one.png`)).stderr).toMatch(
      /file that `latentkit compress` wrote/,
    );
    expect((await latentkit(`decompress ${run}`)).stderr).toMatch(/expected a file that/);
  });
});
