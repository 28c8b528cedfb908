// What people come with by mistake, from the command line on: files that are empty, damaged, of another kind or too large to
// be true, and numbers that are none. Each is refused by a sentence that says where it is, what was expected, what came and
// how to mend it, or is treated in a way that is said.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { encode } from 'fast-png';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../arrays/index.ts';
import { encodeWav } from '../audio/index.ts';
import { float32 } from '../runtime/index.ts';
import { latentkit, scratchDirectory } from './testing.ts';

/** A table, the first line its header. */
const people = [
  'age,income,city',
  ...Array.from(
    { length: 60 },
    (_, i) => `${20 + ((i * 7) % 50)},${1000 + ((i * 137) % 900)},${['Bern', 'Rome', 'Oslo'][i % 3]}`,
  ),
];

/** The table with another value in its fifth row. */
function withCell(column: number, value: string): string {
  return people.with(5, people[5]!.split(',').with(column, value).join(',')).join('\n');
}

/** The table with other columns. */
function withColumns(change: (cells: readonly string[]) => readonly string[]): string {
  return people.map(line => change(line.split(',')).join(',')).join('\n');
}

const sound = (length: number): Uint8Array =>
  encodeWav({ rate: 8000, channels: [Float32Array.from({ length }, (_, i) => Math.sin(i / 9) / 3)] });

/** 16-bit samples as a file keeps them are finite; those of floats need not be. */
function floatSound(samples: Float32Array): Uint8Array {
  const file = Buffer.alloc(44 + samples.byteLength);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + samples.byteLength, 4);
  file.write('WAVEfmt ', 8);
  [16, 3 | (1 << 16), 8000, 32_000, 4 | (32 << 16)].forEach((word, i) => {
    file.writeUInt32LE(word, 16 + 4 * i);
  });
  file.write('data', 36);
  file.writeUInt32LE(samples.byteLength, 40);
  file.set(new Uint8Array(samples.buffer), 44);
  return file;
}

/** An image of one pixel whose header says 60,000 × 60,000. */
function bomb(): Uint8Array {
  const file = Buffer.from(encode({ width: 1, height: 1, channels: 1, depth: 8, data: Uint8Array.of(0) }));
  file.writeUInt32BE(60_000, 16);
  file.writeUInt32BE(60_000, 20);
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
  return file;
}

const picture = (side: number, seed: number, depth: 8 | 16 = 8): Uint8Array => {
  const values = Array.from({ length: side * side }, (_, at) => (at * (seed + 3)) % 256);
  const data = depth === 8 ? Uint8Array.from(values) : Uint16Array.from(values, value => 257 * value);
  return encode({ width: side, height: side, channels: 1, depth, data });
};

function write(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    if (path.includes('/')) mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    writeFileSync(path, content);
  }
}

const many = (count: number, file: (i: number) => [string, string | Uint8Array]): Record<string, string | Uint8Array> =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => file(i)));

let leave: () => Promise<void>;
const cacheBefore = process.env.LATENTKIT_CACHE;

beforeAll(async () => {
  leave = await scratchDirectory();
  process.env.LATENTKIT_CACHE = `${process.cwd()}/cache`;
  mkdirSync('empty');
  const cmyk = sharp({ create: { width: 9, height: 8, channels: 3, background: '#c83214' } });
  write({
    'people.csv': people.join('\n'),
    ...many(24, i => [`pictures/${i}.png`, picture(8, i)]),
    ...many(6, i => [`sounds/${i}.wav`, sound(4096 + i)]),
    'notes/readme.txt': 'mine',
    'one/a.png': picture(8, 1),
    'bomb/a.png': bomb(),
    'header.csv': people[0]!,
    'one.csv': people.slice(0, 2).join('\n'),
    'constant.csv': `a,b\n${'3,x\n'.repeat(40)}`,
    'nothing.csv': '',
    'words.csv': withCell(0, 'old'),
    'unseen.csv': withCell(2, 'Lima'),
    'infinite.csv': withCell(1, 'inf'),
    'nan.csv': withCell(1, 'NaN'),
    'more.csv': withColumns(cells => [...cells, '1'].with(3, cells[0] === 'age' ? 'height' : '1')),
    'turned.csv': withColumns(cells => cells.toReversed()),
    'fewer.csv': withColumns(cells => cells.slice(1)),
    'renamed.csv': people.with(0, 'age,Income,city').join('\n'),
    'cut.csv': people.join('\n').slice(0, -8),
    'cut.npy': encodeNpy(float32(new Float32Array(60), [30, 2])).subarray(0, 200),
    'infinite.npy': encodeNpy(float32(Float32Array.of(1, 2, 3, Number.POSITIVE_INFINITY, 5, 6), [3, 2])),
    'silence/0.wav': sound(0),
    'cut/0.wav': sound(4096).subarray(0, 30),
    'wrong/0.wav': floatSound(Float32Array.from({ length: 4096 }, (_, i) => (i === 77 ? Number.NaN : 0.1))),
    'others/large.png': picture(30, 1),
    'others/deep.png': picture(8, 2, 16),
    'others/cmyk.jpg': await cmyk.toColourspace('cmyk').jpeg().toBuffer(),
    'others/cut.png': picture(30, 3).subarray(0, 90),
    'others/bomb.png': bomb(),
  });
  for (const [data, more] of [
    ['people.csv', '--hidden 8'],
    ['pictures', '--hidden 8'],
    ['sounds', '--hidden 8 --likelihood normal'],
  ]) {
    const run = `runs/${data!.replace('.csv', '')}`;
    const { code, stderr } = await latentkit(
      `train ${data} ${more} --latent 2 --epochs 1 --batch-size 4 --quiet --out ${run}`,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
}, 30_000);
afterAll(async () => {
  if (cacheBefore === undefined) delete process.env.LATENTKIT_CACHE;
  else process.env.LATENTKIT_CACHE = cacheBefore;
  await leave();
});

/** The command fails by one sentence, prints nothing else and leaves nothing behind. */
async function refuses(line: string, message: RegExp): Promise<void> {
  const before = readdirSync('.').sort();
  const { code, stdout, stderr } = await latentkit(line);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(readdirSync('.').sort()).toEqual(before);
}

describe('training on', () => {
  it.each([
    ['empty', /^error: empty: expected files of data, got an empty folder\. Name another\.$/m],
    [
      'notes',
      /notes: expected data of a kind that is known, got a folder of none \(readme\.txt\)\. .*Known are: .*\.csv/,
    ],
    ['one', /one: expected at least 3 images, to train on some and hold some back, got 1\. Add images/],
    ['one.csv', /one\.csv: expected at least 3 rows, to train on some and hold some back, got 1\. Add rows/],
    ['bomb', /bomb.a\.png: expected an image of at most 100 million pixels, got a larger one\. Make it smaller/],
    ['nothing.csv', /nothing\.csv: expected rows of a table, got an empty file/],
    ['header.csv', /header\.csv: expected rows of a table, got the line with the names of columns alone/],
    ['words.csv', /words\.csv: column "age": expected numbers, as most of its values are, got "old" too/],
    ['cut.csv', /cut\.csv: line 61: expected 3 values, one a column, got \d\. .*the file is cut off/],
    ['cut.npy', /cut\.npy: expected 240 bytes for <f4 \[30, 2\], got \d+\. The file is cut off/],
    ['infinite.npy', /infinite\.npy: row 1, column "x1": expected a finite number, got Infinity/],
    ['silence', /silence.0\.wav: expected samples, got a file of length zero/],
    ['cut', /cut.0\.wav: expected .*got/],
    ['wrong', /wrong.0\.wav: expected finite samples, got NaN at sample 77 of channel 0/],
  ])('%s is refused', async (data, message) => {
    await refuses(`train ${data} --epochs 1 --out runs/none`, message);
  });

  it.each([
    ['constant.csv', ['column "a": it is 3 in every row', 'column "b": left out, since it is "x" in every row']],
    ['infinite.csv', ['column "income": 1 value is infinite and counts as missing.']],
    ['unseen.csv', ['column "city": 1 rare categories']],
    [
      'others',
      ['2 of 5 images cannot be read and were left out.', 'bomb.png: expected an image of at most 100 million'],
    ],
  ])('%s says what becomes of it', async (data, sentences) => {
    const { code, stderr } = await latentkit(
      `train ${data} --hidden 4 --latent 2 --epochs 1 --batch-size 1 --out runs/treated --overwrite`,
    );
    expect(code).toBe(0);
    for (const sentence of sentences) expect(stderr).toContain(sentence);
  });
});

describe('a run is asked about', () => {
  it.each([
    [
      'people',
      'fewer.csv',
      /fewer\.csv: expected a column "age", got the columns income, city\. Name a file that has it/,
    ],
    ['people', 'renamed.csv', /renamed\.csv: expected a column "income", got .* Did you mean "Income"\?/],
    ['people', 'words.csv', /words\.csv: line 6, column "age": expected a number, got "old"/],
    ['people', 'cut.csv', /cut\.csv: line 61: expected 3 values/],
    ['people', 'empty', /empty: expected files of data, got an empty folder/],
    ['people', 'pictures', /pictures: the model takes a table, got data without columns\. Name data of that kind/],
    ['pictures', 'people.csv', /people\.csv: the model takes data without columns, got a table/],
    ['pictures', 'sounds', /sounds: the model takes rows of uint8 \[8, 8, 1\], got float32 \[1024, 1\]\. Name data of/],
    ['pictures', 'bomb', /bomb.a\.png: expected an image of at most 100 million pixels/],
    ['sounds', 'silence', /silence.0\.wav: expected samples, got a file of length zero/],
    ['sounds', 'wrong/0.wav', /wrong.0\.wav: expected finite samples, got NaN at sample 77/],
    ['people', 'nowhere.csv', /got "nowhere\.csv"\. Check the path/],
  ])('%s: what it thinks of %s is refused', async (run, data, message) => {
    await refuses(`detect runs/${run} ${data}`, message);
  });

  it.each([
    ['people', 'unseen.csv', 'column "city": 1 value, "Lima", is none of its categories and counts as missing.'],
    ['people', 'infinite.csv', 'column "income": 1 value is infinite and counts as missing.'],
    ['people', 'more.csv', 'columns that the model does not know are left out: height.'],
    ['pictures', 'others', '2 of 5 images cannot be read and were left out.'],
  ])('%s: what becomes of %s is said, unless it is to be quiet', async (run, data, sentence) => {
    const { code, stderr } = await latentkit(`reconstruct runs/${run} --data ${data} --out out.npy`);
    expect({ code, said: stderr.split('\n').some(line => line.startsWith(sentence)) }).toEqual({ code: 0, said: true });
    expect((await latentkit(`reconstruct runs/${run} --data ${data} --out out.npy --quiet`)).stderr).toBe('');
  });

  it('a table with its columns in another order, and a missing number, as they are meant', async () => {
    const scores = async (data: string): Promise<readonly number[]> => {
      const { json } = await latentkit(`reconstruct runs/people --data ${data} --count 60 --out out.npy --json`);
      return (json().rows as { score: number }[]).map(({ score }) => score);
    };
    const straight = await scores('people.csv');
    expect(await scores('turned.csv')).toEqual(straight);
    const gap = await scores('nan.csv');
    expect(gap.every(Number.isFinite)).toBe(true);
    expect(gap.findIndex((score, i) => score !== straight[i])).toBe(4);
  });
});

describe('a verb that makes no sense for the data says so', () => {
  it.each([
    ['denoise runs/people', /denoise: expected a model of images or sound, got one of a table\. .*`latentkit impute`/],
    ['compress runs/people', /compression takes a model of bytes, got one of float32/],
    ['impute runs/pictures', /impute: expected a model of a table; .*`latentkit complete`/],
    ['fidelity runs/sounds', /fidelity: expected a model of a table/],
    ['transfer runs/people', /transfer: expected a model that is told the class of each row .*or "to"/],
    ['generate runs/people --out a.png', /--out a\.png: expected a name that ends in \.csv or/],
  ])('%s', refuses);
});

it.each(['interpolate', 'neighbours', 'traverse', 'walk', 'complete'])(
  '%s works on fewer rows than it shows by default',
  async verb => {
    const { code, stderr } = await latentkit(`${verb} runs/people --out few.npy --quiet`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  },
);

it.each([
  ['reconstruct', 'reconstructions.csv'],
  ['interpolate', 'interpolation.csv'],
  ['complete', 'completions.csv'],
  ['traverse', 'traversal.csv'],
])('%s writes rows of a table as a table, unless told', async (verb, file) => {
  expect((await latentkit(`${verb} runs/people`)).stdout).toContain(file);
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split(/\r?\n/);
  expect(header).toBe('age,income,city');
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) expect(row).toMatch(/^\d+,[\d.]+,(Bern|Rome|Oslo)$/);
});
