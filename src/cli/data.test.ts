import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePng } from '../images/index.ts';
import { latentkit, scratchDirectory, writeCrosses } from './testing.ts';

let leave: () => Promise<void>;
const cacheBefore = process.env.LATENTKIT_CACHE;
beforeAll(async () => {
  leave = await scratchDirectory();
  process.env.LATENTKIT_CACHE = `${process.cwd()}/cache`;
  mkdirSync('photos/dark', { recursive: true });
  mkdirSync('photos/light');
  for (let i = 0; i < 20; i++) {
    const data = Uint8Array.from({ length: 64 }, (_, at) => (i % 2 ? 200 : 20) + ((at * i) % 40));
    const file = encode({ width: 8, height: 8, channels: 1, depth: 8, data });
    writeFileSync(`photos/${i % 2 ? 'light' : 'dark'}/${i}.png`, file);
  }
  await writeCrosses('crosses.idx', 'classes.idx', 50);
  writeFileSync(
    'people.csv',
    `age,city\n${Array.from({ length: 40 }, (_, i) => `${i},${i % 2 ? 'Bern' : 'Rome'}`).join('\n')}\n`,
  );
});
afterAll(async () => {
  if (cacheBefore === undefined) delete process.env.LATENTKIT_CACHE;
  else process.env.LATENTKIT_CACHE = cacheBefore;
  await leave();
});

describe('latentkit data inspect', () => {
  it('says what a folder of images is, and shows it', async () => {
    const { code, stdout } = await latentkit('data inspect photos --out sheets/photos.png');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^photos: image folder, 20 rows of \[8, 8, 1\]\n/);
    expect(stdout).toMatch(/classes of train +dark \d, light \d\n/);
    expect(stdout).toContain('Contact sheet: sheets/photos.png');
    const sheet = decodePng(readFileSync('sheets/photos.png'), 'sheet');
    // 20 images in 5 columns and 4 rows, each ten times as large with two pixels between.
    expect([sheet.width, sheet.height]).toEqual([5 * 82 + 2, 4 * 82 + 2]);
    expect([sheet.data[2 * sheet.width + 2], sheet.data[2 * sheet.width + 2 + 4 * 82]]).toEqual([20, 20]);
  });

  it('tells scripts the same', async () => {
    const { stdout, json } = await latentkit('data inspect photos --json');
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(json()).toMatchObject({ kind: 'image folder', rows: 20, shape: [8, 8, 1], warnings: [] });
  });

  it('looks at any kind of data', async () => {
    expect((await latentkit('data inspect crosses.idx')).stdout).toMatch(
      /^crosses\.idx: IDX file, 50 rows of \[8, 8, 1\]/,
    );
    expect((await latentkit('data inspect mnist')).stdout).toMatch(/train, validation, test +55,000, 5,000, 10,000/);
    const { stdout } = await latentkit('data inspect people.csv');
    expect(stdout).toMatch(/^people\.csv: table, 40 rows of \[2\]/);
    expect(stdout).toMatch(
      /\n {2}column +type +missing +values\n {2}age +integer .*0 to 39\n {2}city +binary .*Bern, Rome\n/,
    );
  });

  it('names what is broken', async () => {
    writeFileSync('photos/dark/broken.png', 'no image');
    const { stdout } = await latentkit('data inspect photos');
    expect(stdout).toMatch(/Note: 1 of 21 images cannot be read and were left out\. .*broken\.png/);
    const strict = await latentkit('data inspect photos --strict');
    expect(strict).toMatchObject({ code: 1, stdout: '' });
    expect(strict.stderr).toMatch(/broken\.png: expected a PNG/);
    const training = await latentkit('train photos --epochs 1 --batch-size 4 --out runs/a');
    expect(training.code).toBe(0);
    expect(training.stderr).toContain('1 of 21 images cannot be read and were left out.');
    expect((await latentkit('train photos --epochs 1 --out runs/b --strict')).stderr).toMatch(/broken\.png/);
  });

  it.each([
    ['data', /data: expected inspect, got nothing\. For example: latentkit data inspect photos/],
    ['data look', /data: expected inspect, got "look"/],
    ['data inspect', /missing required argument 'path'/],
    ['data inspect phtos', /got "phtos"\. Check the path/],
    ['data inspect photos --out sheet.jpg', /--out sheet\.jpg: expected a name that ends in \.png/],
    ['data inspect people.csv --out sheet.png', /--out: rows of \[2\] are no images; leave it out/],
    ['data inspect crosses.idx --strict', /--strict: expected a folder of images, got "crosses\.idx"/],
  ])('%s', async (line, message) => {
    const { code, stdout, stderr } = await latentkit(line);
    expect(stderr).toMatch(message);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });
});

it('trains on a folder of images, and applies the run to other images', async () => {
  const trained = await latentkit('train photos --epochs 2 --batch-size 4 --hidden 16 --latent 2 --out runs/photos');
  expect(trained).toMatchObject({ code: 0 });
  const config = JSON.parse(readFileSync('runs/photos/config.json', 'utf8'));
  expect(config.data.source).toMatchObject({ type: 'images', size: [8, 8], channels: 1, classes: ['dark', 'light'] });
  mkdirSync('others');
  const data = new Uint8Array(30 * 20 * 3).fill(90);
  writeFileSync('others/large.png', encode({ width: 30, height: 20, channels: 3, depth: 8, data }));
  const { code, stderr } = await latentkit('reconstruct runs/photos --data others --out others.npy');
  expect({ code, stderr: stderr.includes('error') }).toEqual({ code: 0, stderr: false });
  expect((await latentkit('resume runs/photos --epochs 3')).code).toBe(0);
});
