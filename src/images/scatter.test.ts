import { describe, expect, it } from 'vitest';
import { captioned } from './captions.ts';
import { decodePng } from './png.ts';
import { renderPng } from './render.ts';
import { classColor, scatterChart } from './scatter.ts';
import { scatterPage } from './scatter-page.ts';
import { toSvg } from './svg.ts';

const points = [0, 0, 4, 0, 0, 2, 4, 2];
const chart = {
  title: 'Latent <space>',
  subtitle: '4 of 9 rows',
  points,
  classes: [0, 1, 1, -1],
  names: ['cat', 'dog'],
};

/** The circles of a drawing: centre, radius and fill. */
const circles = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="([^"]+)"/g)].map(([, x, y, r, fill]) => ({
    x: Number(x),
    y: Number(y),
    r: Number(r),
    fill,
  }));

describe('scatterChart', () => {
  it('draws each point in the colour of its class, on equal scales', () => {
    const svg = toSvg(scatterChart(chart));
    const [a, b, c, d] = circles(svg).filter(({ r }) => r < 3);
    expect(b!.x - a!.x).toBeGreaterThan(0);
    expect(a!.y - c!.y).toBeCloseTo((b!.x - a!.x) / 2, 1);
    expect([d!.x, d!.y]).toEqual([b!.x, c!.y]);
    expect([a, b, c, d].map(circle => circle!.fill)).toEqual([0, 1, 1, -1].map(classColor));
    for (const name of ['cat', 'dog', 'unknown', 'Latent &lt;space&gt;']) expect(svg).toContain(`>${name}</text>`);
  });

  it('has no legend without classes, and leaves out what is no number', () => {
    const svg = toSvg(scatterChart({ title: 'x', points: [1, 1, Number.NaN, 2, 3, 3] }));
    expect(circles(svg)).toHaveLength(2);
    expect(svg).not.toContain('unknown');
  });

  it('tells many classes apart, and counts those that the legend has no room for', () => {
    const classes = Array.from({ length: 40 }, (_, i) => i);
    expect(new Set(classes.map(classColor)).size).toBe(40);
    const svg = toSvg(scatterChart({ title: 'x', points: classes.flatMap(i => [i, i % 7]), classes }));
    expect(svg).toContain('and 16 more');
  });

  it('is a picture', async () => {
    const png = decodePng(await renderPng(scatterChart(chart), { scale: 1 }), 'x');
    expect([png.width, png.height]).toEqual([808, 668]);
  });
});

describe('scatterPage', () => {
  const pictures = points.slice(0, 4).map((_, k) => ({
    width: 2,
    height: 3,
    channels: 1 as const,
    data: Uint8Array.from({ length: 6 }, (_, i) => 10 * k + i),
  }));
  const captions = ['row 1', 'row 2', 'row </script>', 'row 4'];
  const page = scatterPage({ ...chart, captions, pictures });
  const data = JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!);

  it('holds points, classes and captions as data', () => {
    expect(data).toMatchObject({ points, classes: [0, 1, 1, -1], captions });
    expect(data.legend.map(({ name }: { name: string }) => name)).toEqual(['unknown', 'cat', 'dog']);
    expect(page).toContain('<title>Latent &lt;space&gt;</title>');
    expect(page.match(/<\/script>/g)).toHaveLength(2);
  });

  it('needs nothing else: no address but that of its own pictures', () => {
    expect(page).not.toMatch(/https?:|src=|@import|href=/);
  });

  it('has each picture in the sheet, in its place', () => {
    const { columns, rows, width, height, url } = data.sheet;
    expect([columns, rows, width, height]).toEqual([2, 2, 2, 3]);
    const sheet = decodePng(Buffer.from(url.split(',')[1], 'base64'), 'sheet');
    for (const [k, picture] of pictures.entries()) {
      const [left, top] = [(k % 2) * 2, Math.floor(k / 2) * 3];
      const cut = Array.from({ length: 6 }, (_, i) => sheet.data[(top + (i >> 1)) * sheet.width + left + (i & 1)]);
      expect(cut).toEqual([...picture.data]);
    }
  });

  it('makes large pictures smaller by the mean of their pixels', () => {
    const large = {
      width: 96,
      height: 96,
      channels: 1 as const,
      data: Uint8Array.from({ length: 96 * 96 }, (_, i) => (i % 2 === 0 ? 40 : 80)),
    };
    const made = scatterPage({ title: 'x', points: [0, 0], captions: ['a'], pictures: [large] });
    const sheet = JSON.parse(/id="data">(.*?)<\/script>/s.exec(made)![1]!).sheet;
    expect([sheet.width, sheet.height]).toEqual([48, 48]);
    const { data: values } = decodePng(Buffer.from(sheet.url.split(',')[1], 'base64'), 'sheet');
    expect(values.every(value => value === 60)).toBe(true);
  });

  it('runs a script that parses', () => {
    const script = /<\/script>\n<script>(.*?)<\/script>/s.exec(page)![1]!;
    expect(() => new Function(script)).not.toThrow();
  });
});

it('captioned: words before each line, and the picture as it was', async () => {
  const data = Uint8Array.from({ length: 40 * 60 }, (_, i) => (i * 7) % 251);
  const drawing = captioned({ width: 40, height: 60, channels: 1, data }, ['one', 'two']);
  expect([...drawing.body.matchAll(/>(one|two)</g)].map(match => match[1])).toEqual(['one', 'two']);
  const png = decodePng(await renderPng(drawing, { scale: 1 }), 'x');
  const left = png.width - 40;
  expect(left).toBeGreaterThan(16);
  const red = Array.from({ length: 40 * 60 }, (_, i) => {
    const [x, y] = [left + (i % 40), Math.floor(i / 40)];
    return png.data[(y * png.width + x) * png.channels]!;
  });
  expect(red).toEqual([...data]);
});
