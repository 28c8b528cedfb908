// What every loader must do, whatever it reads: be found by a path or a config, settle what was left out, give the same rows
// again by what was settled, and read other paths by it. A new loader does not compile until it is listed here.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy } from '../arrays/index.ts';
import { encodeWav } from '../audio/index.ts';
import { encodePng } from '../images/index.ts';
import { hostRows } from './host-rows.ts';
import { dataSchema, inspectData, loadData, readRows, recognise, type SourceConfig } from './sources.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

interface Case {
  /** The config, where a path alone does not say that it is meant. */
  readonly config?: () => SourceConfig;
  /** What holds the data, and what holds other rows of the kind. */
  readonly path: string;
  readonly other: string;
  /** Writes data with so many rows of the source's own (images, lines, samples ...), by a number that makes them differ. */
  write(path: string, rows: number, variant: number): Promise<void>;
}

const bytes = (rows: number, variant: number): Uint8Array =>
  Uint8Array.from({ length: rows * 16 }, (_, i) => (i * 7 + (i >> 4) * 31 * variant) & 255);

async function recordings(path: string, rows: number, variant: number): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let i = 0; i < rows / 5; i++) {
    const samples = Float32Array.from({ length: 4000 }, (_, t) => 0.5 * Math.sin(0.02 * t * (i + variant)));
    await writeFile(join(path, `${i}.wav`), encodeWav({ rate: 8000, channels: [samples] }));
  }
}

const lines = (rows: number, variant: number): string =>
  [
    'time,heat,load',
    ...Array.from({ length: rows }, (_, i) => `${i},${(i * 7 * variant) % 50},${Math.sin(i * variant)}`),
  ]
    .join('\n')
    .concat('\n');

const cases: Readonly<Record<SourceConfig['type'], Case>> = {
  arrays: {
    path: 'rows.npy',
    other: 'other.npy',
    write: (path, rows, variant) =>
      writeFile(path, encodeNpy({ dtype: 'uint8', shape: [rows, 4, 4], data: bytes(rows, variant) })),
  },
  idx: {
    path: 'rows-idx3-ubyte',
    other: 'other-idx3-ubyte',
    write: (path, rows, variant) =>
      writeFile(path, Uint8Array.from([0, 0, 8, 3, 0, 0, 0, rows, 0, 0, 0, 4, 0, 0, 0, 4, ...bytes(rows, variant)])),
  },
  images: {
    path: 'pictures',
    other: 'more-pictures',
    async write(path, rows, variant) {
      await mkdir(path, { recursive: true });
      for (let i = 0; i < rows; i++) {
        const data = bytes(rows, variant).subarray(16 * i, 16 * i + 16);
        await writeFile(join(path, `${i}.png`), encodePng({ width: 4, height: 4, channels: 1, data }));
      }
    },
  },
  table: {
    path: 'rows.csv',
    other: 'other.csv',
    write: (path, rows, variant) => writeFile(path, lines(rows, variant)),
  },
  series: {
    config: () => ({ type: 'series', path: at('steps.csv'), time: 'time', window: 4 }),
    path: 'steps.csv',
    other: 'other-steps.csv',
    write: (path, rows, variant) => writeFile(path, lines(rows, variant)),
  },
  audio: {
    path: 'sounds',
    other: 'other-sounds',
    write: recordings,
  },
  noisyAudio: {
    config: () => ({ type: 'noisyAudio', path: at('speech'), minutes: 0.1 }),
    path: 'speech',
    other: 'other-speech',
    write: recordings,
  },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latentkit-loaders-'));
  process.env.LATENTKIT_CACHE = join(folder, 'cache');
  for (const { path, other, write } of Object.values(cases)) {
    await write(at(path), 80, 1);
    await write(at(other), 40, 2);
  }
});
afterAll(async () => {
  delete process.env.LATENTKIT_CACHE;
  await rm(folder, { recursive: true });
});

const types = Object.keys(cases) as SourceConfig['type'][];

describe.each(types)('%s', type => {
  const { path, other, config } = cases[type];
  const source = (): SourceConfig | string => config?.() ?? at(path);

  it('is found by its path', async () => {
    if (config === undefined) expect((await recognise(at(path))).type).toBe(type);
    expect((await loadData(source())).source).toMatchObject({ type });
  });

  it('settles its config, which is plain data and gives the same rows again', async () => {
    const first = await loadData(source());
    const { train, validation, test } = first;
    expect(Math.min(train.size, validation.size, test.size)).toBeGreaterThan(0);
    const again = await loadData(dataSchema.parse(JSON.parse(JSON.stringify(first.source))));
    for (const name of ['train', 'validation', 'test'] as const) {
      expect(again[name].fingerprint).toBe(first[name].fingerprint);
      const [a, b] = [
        await hostRows(first[name], 0, first[name].size),
        await hostRows(again[name], 0, again[name].size),
      ];
      expect(a).toEqual(b);
    }
    expect(new Set([train, validation, test].map(part => part.fingerprint)).size).toBe(3);
    expect(again.source).toEqual(first.source);
  });

  it('shares no row between splits', async () => {
    const { train, validation, test } = await loadData(source());
    const positions = [train, validation, test].flatMap(part =>
      Array.from({ length: part.size }, (_, row) => part.position(row)),
    );
    expect(new Set(positions).size).toBe(positions.length);
  });

  it('reads another path by what was settled, every row', async () => {
    const { train, source: settled } = await loadData(source());
    const input = { shape: train.shape, dtype: train.dtype, range: train.range, columns: train.columns };
    const rows = await readRows(at(other), input, settled);
    expect([rows.shape, rows.dtype, rows.range]).toEqual([train.shape, train.dtype, train.range]);
    expect(rows.size).toBeGreaterThan(0);
    expect((await hostRows(rows, 0, rows.size)).data.some(value => value !== 0)).toBe(true);
    expect(rows.fingerprint).not.toBe(train.fingerprint);
  });

  it('can be looked at', async () => {
    const { train, validation, test } = await loadData(source());
    const summary = await inspectData(source());
    // Windows that reach from one split into the next are in none, and mixtures are made for each split.
    const whole = train.size + validation.size + test.size;
    if (type === 'series') expect(summary.rows).toBe(whole + 6);
    else if (type !== 'noisyAudio') expect(summary.rows).toBe(whole);
    expect(summary.shape).toEqual(train.shape);
  });

  it('says what is wrong with its config', async () => {
    const wrong = { ...(config?.() ?? (await recognise(at(path)))), valdiation: 0.1 } as unknown as SourceConfig;
    await expect(loadData(wrong)).rejects.toMatchObject({
      code: 'spec',
      message: expect.stringContaining('Did you mean "validation"?'),
    });
  });
});
