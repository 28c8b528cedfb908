// The commands that show latent space: what they write, as other readers see it.

import { readFileSync } from 'node:fs';
import { parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeNpy } from '../arrays/index.ts';
import { decodePng } from '../images/index.ts';
import { latentkit, scratchDirectory, writeCrosses } from './testing.ts';

const run = 'run';

let leave: () => Promise<void>;
beforeAll(async () => {
  leave = await scratchDirectory();
  await writeCrosses('crosses.idx', 'classes.idx', 400);
  await writeCrosses('others.idx', 'their-classes.idx', 40);
  const flags = '--labels classes.idx --hidden 8 --latent 3 --batch-size 64 --epochs 1 --quiet';
  expect(await latentkit(`train crosses.idx ${flags} --out ${run}`)).toMatchObject({ code: 0, stderr: '' });
}, 60_000);
afterAll(() => leave());

/** What a command that works answers, as JSON. */
async function answerOf(line: string): Promise<Record<string, unknown>> {
  const outcome = await latentkit(`${line} --json --quiet`);
  expect(outcome, line).toMatchObject({ code: 0, stderr: '' });
  return outcome.json();
}

const size = (path: string): number[] => {
  const { width, height } = decodePng(readFileSync(path), path);
  return [width, height];
};

describe('walk', () => {
  it.each(['gif', 'webp'])('is a film as %s', async ending => {
    const answer = await answerOf(`walk ${run} --points 3 --steps 4 --frame-rate 10 --out walk.${ending}`);
    expect(answer).toMatchObject({ frames: 12, frameRate: 10 });
    const { pages, pageHeight, width, delay, loop } = await sharp(`walk.${ending}`, { animated: true }).metadata();
    expect({ pages, pageHeight, width, loop }).toEqual({ pages: 12, pageHeight: 80, width: 80, loop: 0 });
    expect(new Set(delay)).toEqual(new Set([100]));
  });

  it('is a picture with a leg in each line, or an array', async () => {
    await answerOf(`walk ${run} --rows 0,3,9 --steps 4 --out walk.png`);
    expect(size('walk.png')).toEqual([4 * 82 + 2, 3 * 82 + 2]);
    await answerOf(`walk ${run} --points 2 --steps 3 --out walk.npy`);
    expect(decodeNpy(readFileSync('walk.npy'), 'walk.npy').shape).toEqual([6, 8, 8, 1]);
    const { stderr } = await latentkit(`walk ${run} --out walk.mp4`);
    expect(stderr).toBe('error: --out walk.mp4: expected a name that ends in .gif or .webp or .png or .npy or .csv.\n');
  });
});

it('traverse: an axis in each line', async () => {
  const { axes } = await answerOf(`traverse ${run} --count 2 --steps 5 --out traversal.png`);
  expect(axes).toHaveLength(2);
  const [width, height] = size('traversal.png');
  expect(height).toBe(2 * 82 + 2);
  // Before the pictures stand the captions.
  expect(width).toBeGreaterThan(5 * 82 + 2 + 16);
});

describe('transfer', () => {
  it('shows each row and its variants beside it', async () => {
    const { labels } = await answerOf(`transfer ${run} --rows 0,1 --out swap.png`);
    expect(labels).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(size('swap.png')).toEqual([9 * 82 + 2 + 8, 2 * 82 + 2]);
  });

  it('goes from a class by number, or from examples, to others', async () => {
    const { strengths } = await answerOf(`transfer ${run} --rows 0 --from 2 --to 3 --strengths 0,1 --out to.npy`);
    expect(strengths).toEqual([0, 1]);
    await answerOf(`transfer ${run} --rows 0 --from others.idx --to 3 --out from.png`);
    const { stderr } = await latentkit(`transfer ${run} --to 99`);
    expect(stderr).toMatch(/^error: to: expected a class of .*, got 99/);
  });
});

describe('neighbours', () => {
  it('are a picture, or a table', async () => {
    const answer = await answerOf(`neighbours ${run} --query 4,9 --count 3 --out near.png`);
    expect(answer).toMatchObject({ searched: 40, neighbours: [{ length: 3 }, { length: 3 }] });
    expect(size('near.png')).toEqual([4 * 82 + 2 + 8, 2 * 82 + 2]);
    await answerOf(`neighbours ${run} --query 4 --count 3 --out near.csv`);
    const [head, first] = readFileSync('near.csv', 'utf8').split('\r\n');
    expect(head).toBe('query,rank,row,distance');
    expect(first).toMatch(/^0,1,\d+,[\d.e-]+$/);
  });

  it('of every row of a path, in another path', async () => {
    const answer = await answerOf(`neighbours ${run} crosses.idx --query others.idx --count 1 --out near.npy`);
    expect(answer).toMatchObject({ searched: 400 });
    // The others are the first rows once more.
    const found = answer.neighbours as { row: number; distance: number }[][];
    expect(found).toHaveLength(40);
    for (const [near] of found) expect(near!.distance).toBe(0);
  });
});

it('duplicates: a table, and pairs over each other', async () => {
  const answer = await answerOf(`duplicates ${run} crosses.idx --count 6 --out twins.csv`);
  expect(answer.found).toBeGreaterThan(0);
  expect(readFileSync('twins.csv', 'utf8').split('\r\n')).toHaveLength(8);
  await answerOf(`duplicates ${run} crosses.idx --count 6 --out twins.png`);
  expect(size('twins.png')[1]).toBe(2 * 82 + 2);
});

it('map: a page, a picture, a table', async () => {
  const answer = await answerOf(`map ${run} --method pca --count 30 --out map.html`);
  expect(answer).toMatchObject({ rows: 30, of: 40, method: 'pca' });
  const page = readFileSync('map.html', 'utf8');
  expect(page).toContain('30 of 40 rows, by principal components');
  expect(page).toContain('data:image/png;base64,');
  await answerOf(`map ${run} --method pca --out map.png`);
  expect(size('map.png')).toEqual([1616, 1336]);
  await answerOf(`map ${run} --method tsne --count 12 --neighbours 3 --out map.csv`);
  expect(readFileSync('map.csv', 'utf8')).toMatch(/^row,label,x_0,x_1\r\n\d+,\d,-?[\d.e-]+,-?[\d.e-]+\r\n/);
});

it('embed: a Parquet file that another reader reads', async () => {
  await answerOf(`embed ${run} --out codes.parquet`);
  await answerOf(`embed ${run} --out codes.npy`);
  const file = readFileSync('codes.parquet');
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
  const rows = await parquetReadObjects({ file: buffer });
  const { data } = decodeNpy(readFileSync('codes.npy'), 'codes.npy');
  expect(rows).toHaveLength(40);
  expect(rows[7]).toMatchObject({ row: 7, mean_0: data[21], mean_1: data[22], mean_2: data[23] });
});

it('generate --check-memorisation: figures, and the nearest rows below the samples', async () => {
  const line = `generate ${run} --count 4 --check-memorisation --out pairs.png`;
  const { memorisation } = await answerOf(line);
  expect(memorisation).toMatchObject({ rows: { length: 4 }, distances: { length: 4 }, testRows: 40 });
  expect(size('pairs.png')).toEqual([4 * 82 + 2, 2 * 82 + 2]);
  expect((await latentkit(line)).stdout).toMatch(/distance to the nearest training row: .* of 40 test rows .*z = /);
});
