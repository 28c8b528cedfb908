import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf, formatNumber, rangeOf } from './axes.ts';
import { figure } from './figure.ts';
import { lineChart } from './line-chart.ts';
import { decodePng } from './png.ts';
import { renderPng } from './render.ts';
import { text, textWidth, toSvg } from './svg.ts';

describe('axes', () => {
  it('divides a range at round values', () => {
    expect(axisOf([0, 100]).ticks).toEqual([0, 20, 40, 60, 80, 100]);
    expect(axisOf([98.2, 160]).ticks).toEqual([100, 120, 140, 160]);
    expect(axisOf([98.2, 157], { widen: true })).toEqual({
      range: [80, 160],
      step: 20,
      ticks: [80, 100, 120, 140, 160],
    });
    expect(axisOf([1, 3], { count: 8, whole: true }).ticks).toEqual([1, 2, 3]);
    expect(axisOf([-0.3, 0.3]).ticks).toEqual([-0.2, 0, 0.2]);
  });

  it('has few ticks, in order and inside, for any range', () => {
    const scale = fc.double({ min: 1e-9, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), scale, fc.boolean(), (low, size, widen) => {
        fc.pre(low + size * 1e-3 !== low && size > Math.abs(low) * 1e-9);
        const { ticks, range } = axisOf([low, low + size], { widen });
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(8);
        for (const [i, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThan(i === 0 ? Number.NEGATIVE_INFINITY : ticks[i - 1]!);
          expect(tick).toBeGreaterThanOrEqual(range[0] - size * 1e-6);
          expect(tick).toBeLessThanOrEqual(range[1] + size * 1e-6);
        }
      }),
    );
  });

  it('writes numbers for people', () => {
    expect(formatNumber(100, 20)).toBe('100');
    expect(formatNumber(0.30000000000000004, 0.1)).toBe('0.3');
    expect(formatNumber(-12_500, 2500)).toBe('−12,500');
    expect(formatNumber(-0.001, 0.1)).toBe('0.0');
    expect(formatNumber(2.5e-7, 1e-7)).toBe('2.50e−7');
  });

  it('finds the range of what is finite', () => {
    expect(rangeOf([Number.NaN, 3, Number.POSITIVE_INFINITY, -1])).toEqual([-1, 3]);
    expect(rangeOf([5], 1)).toEqual([4, 6]);
    expect(rangeOf([0])).toEqual([-1, 1]);
    expect(rangeOf([Number.NaN])).toBeUndefined();
  });
});

describe('lineChart', () => {
  const epochs = Array.from({ length: 30 }, (_, i) => i + 1);
  const chart = (y: number[]) =>
    lineChart({ title: 'Bound', unit: 'nats', series: [{ name: 'train', x: epochs, y }] }).body;

  it('draws one line through all points, and breaks it where a value is missing', () => {
    const whole = chart(epochs.map(e => 100 / e));
    expect(whole.match(/<polyline/g)).toHaveLength(1);
    expect(/points="([^"]*)"/.exec(whole)![1]!.split(' ')).toHaveLength(30);
    const broken = chart(epochs.map(e => (e === 10 || e === 12 ? Number.NaN : 100 / e)));
    expect(broken.match(/<polyline/g)).toHaveLength(2);
    expect(broken.match(/<circle/g)).toHaveLength(1);
  });

  it('shows a single point, and says when there is nothing', () => {
    const one = lineChart({ title: 'x', series: [{ name: 'train', x: [1], y: [104.3] }] }).body;
    expect(one).toContain('<circle');
    expect(one).not.toMatch(/NaN|Infinity/);
    expect(lineChart({ title: 'x', series: [{ name: 'train', x: [], y: [] }] }).body).toContain('no data yet');
  });

  it('tells title, unit, names and last values', () => {
    const body = chart(epochs.map(e => 90 + 60 / e));
    for (const part of ['Bound', 'nats', 'train', '92.00']) expect(body).toContain(`>${part}<`);
  });

  it('never writes a coordinate that is no number', () => {
    const values = fc.array(fc.oneof(fc.double(), fc.constant(Number.NaN)), { maxLength: 40 });
    fc.assert(
      fc.property(values, values, (a, b) => {
        const { body } = lineChart({
          title: '',
          series: [
            { name: 'a', x: a.map((_, i) => i), y: a },
            { name: 'b', x: b, y: a },
          ],
        });
        expect(body).not.toMatch(/="[^"]*(NaN|Infinity)/);
      }),
    );
  });
});

describe('svg', () => {
  it('escapes what users write', () => {
    expect(text(0, 0, '<a&"b">\u0007')).toContain('>&lt;a&amp;&quot;b&quot;&gt;</text>');
  });

  it('leaves room for wide letters', () => {
    expect(textWidth('WWW')).toBeGreaterThan(textWidth('iii') * 2);
  });
});

describe('renderPng', () => {
  const drawing = (title: string) =>
    figure([lineChart({ title: 'KL', series: [{ name: 'train', x: [1, 2], y: [3, 4] }] })], { title });

  it('draws a figure at twice its size, and the same bytes each time', async () => {
    const bytes = await renderPng(drawing('Curves'));
    const picture = decodePng(bytes, 'chart');
    expect([picture.width, picture.height]).toEqual([2 * drawing('').width, 2 * drawing('').height]);
    expect(await renderPng(drawing('Curves'))).toEqual(bytes);
    expect(toSvg(drawing('Curves'))).toMatch(/^<svg .*<\/svg>$/);
  });

  it('draws text without any font of the system', async () => {
    const ink = async (title: string) => {
      const { data } = decodePng(await renderPng(drawing(title), { scale: 1 }), 'chart');
      return data.reduce((sum, value) => sum + (255 - value), 0);
    };
    expect((await ink('MMMM')) - (await ink(''))).toBeGreaterThan(20_000);
    expect((await ink('βσµ')) - (await ink(''))).toBeGreaterThan(5000);
  });
});
