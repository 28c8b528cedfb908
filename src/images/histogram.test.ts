import { describe, expect, it } from 'vitest';
import { histogram } from './histogram.ts';

const values = Array.from({ length: 1000 }, (_, i) => i / 100);

describe('histogram', () => {
  it('draws each kind as one outline whose bars sum to 1, and names kinds and marks', () => {
    const { body, height } = histogram({
      title: 'Scores',
      groups: [
        { name: 'held out', values },
        { name: 'rows', values: values.map(v => v + 3) },
      ],
      marks: [{ at: 9, name: 'anomaly above' }],
    });
    for (const part of ['Scores', 'held out', 'rows', 'anomaly above']) expect(body).toContain(`>${part}<`);
    const outlines = [...body.matchAll(/<polygon points="([^"]*)"/g)].map(match => match[1]!.split(' '));
    expect(outlines.map(points => points.length)).toEqual([82, 82]);
    const tops = outlines[0]!.filter((_, i) => i % 2 === 1).map(point => Number(point.split(',')[1]));
    const zero = Number(outlines[0]![0]!.split(',')[1]);
    const total = tops.slice(0, 40).reduce((sum, y) => sum + (zero - y), 0);
    // The axis goes from 0 to a tick above the highest bar; its length in pixels is that of the plot.
    const plot = zero - 52;
    const ticks = [...body.matchAll(/text-anchor="end">([\d.]+)</g)].map(match => Number(match[1]));
    expect((total / plot) * Math.max(...ticks)).toBeCloseTo(1, 1);
    expect(zero).toBeLessThan(height);
  });

  it('is not pressed together by the tail of another kind', () => {
    const groups = [
      { name: 'held out', values },
      { name: 'rows', values: values.map(v => 20 * v) },
    ];
    const { body } = histogram({ title: '', groups });
    const [first] = [...body.matchAll(/<polygon points="([^"]*)"/g)].map(match => match[1]!.split(' '));
    const base = Number(first![0]!.split(',')[1]);
    const filled = first!.filter((point, i) => i % 2 === 1 && Number(point.split(',')[1]) < base - 5);
    expect(filled.length).toBeGreaterThan(14);
    expect(body).toContain('beyond the axis');
  });

  it('says how much lies beyond its axis, and what is no number lies nowhere', () => {
    const tail = histogram({ title: '', groups: [{ name: 'a', values: [...values, 1e6, Number.NaN] }] }).body;
    expect(tail).toContain('beyond the axis');
    expect(tail).not.toMatch(/="[^"]*(NaN|Infinity)/);
    expect(histogram({ title: '', groups: [{ name: 'a', values: [] }] }).body).toContain('no data yet');
    const flat = histogram({
      title: '',
      groups: [{ name: 'a', values: [2, 2] }],
      marks: [{ at: Infinity, name: 'm' }],
    });
    expect(flat.body).not.toMatch(/="[^"]*(NaN|Infinity)/);
  });
});
