// That a report is well formed, holds its parts, loads nothing, and lets nothing of its data become markup.

import { describe, expect, it } from 'vitest';
import { decodePng, encodePng } from '../images/index.ts';
import { type DetectionReport, detectionReport, heatMap } from './index.ts';
import { html } from './page.ts';

const curve = { x: [0, 0.2, 1], y: [0, 0.9, 1] };
const png = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(0, 255) });
const full: DetectionReport = {
  title: 'Anomalies in <script>alert(1)</script>',
  subtitle: 'runs/x "quoted" & more',
  facts: [['rows', '1,200']],
  notes: ['19 held-out rows cannot promise fewer false alarms than 5 %.'],
  distribution: {
    groups: [
      { name: 'held-out normal rows', values: [1, 2, 3] },
      { name: 'rows', values: [2, 3, 9] },
    ],
    marks: [{ at: 4, name: 'anomaly above' }],
  },
  ranking: { words: 'AUROC 0.97 ± 0.01', share: 0.1, roc: curve, precisionRecall: curve },
  drift: {
    drifted: true,
    words: 'They do not.',
    tests: [{ name: 'age', test: 'Kolmogorov–Smirnov', pValue: '0.0001', adjusted: '0.002', drifted: true }],
  },
  examples: [
    {
      name: 'row 7',
      verdict: 'anomaly',
      figures: 'score 9.0, p 0.25',
      pictures: [{ name: 'heat map', png }],
      contributions: [{ name: '<b>age', value: '150', expected: '41.2', excess: 7.25 }],
    },
  ],
};

/** The names of elements in order, by a reader that knows tags only; throws where they do not nest. */
function elementsOf(markup: string): string[] {
  const empty = new Set(['meta', 'img', '!doctype']);
  const [open, seen]: [string[], string[]] = [[], []];
  const body = markup.replace(/<style>[\s\S]*?<\/style>/, '');
  for (const [, slash, name, rest] of body.matchAll(/<(\/?)([a-zA-Z!][\w]*)((?:"[^"]*"|[^">])*)>/g)) {
    const tag = name!.toLowerCase();
    if (slash) expect(open.pop()).toBe(tag);
    else {
      seen.push(tag);
      if (!empty.has(tag) && !rest!.endsWith('/')) open.push(tag);
    }
  }
  expect(open).toEqual([]);
  return seen;
}

describe('detectionReport', () => {
  const report = detectionReport(full);

  it('is a page of elements that nest, with every part', () => {
    const elements = elementsOf(report);
    const count = (tag: string): number => elements.filter(name => name === tag).length;
    expect(report.startsWith('<!doctype html>')).toBe(true);
    // Both curves end at 1: the legend does not say so.
    expect(report).not.toContain('>1.000<');
    expect([count('svg'), count('img'), count('table'), count('h2')]).toEqual([3, 1, 2, 4]);
    for (const part of [
      '1,200',
      'cannot promise',
      'AUROC 0.97 ± 0.01',
      'They do not.',
      'row 7',
      '150',
      '41.2',
      '7.25',
    ]) {
      expect(report).toContain(part);
    }
  });

  it('escapes what comes from data, runs nothing and loads nothing', () => {
    expect(report).not.toMatch(/<script|<b>|https?:\/\/(?!www\.w3\.org)/);
    expect(report).toContain('Anomalies in &lt;script&gt;alert(1)&lt;/script&gt;');
    expect(report).toContain('runs/x &quot;quoted&quot; &amp; more');
    expect(report).toContain("default-src 'none'".replaceAll("'", '&#39;'));
  });

  it('says in words what it shows, in the colours of the page', () => {
    expect([...report.matchAll(/<svg[^>]*role="img" aria-label="[^"]+"/g)]).toHaveLength(3);
    expect(report).toContain('alt="row 7: heat map"');
    expect(report.replace(/<style>[\s\S]*?<\/style>/, '')).not.toMatch(/"#[0-9a-f]{6}"/);
    expect(report).toContain('prefers-color-scheme: dark');
  });

  it('leaves out what there is none of', () => {
    const { ranking: _, drift: __, ...bare } = full;
    const elements = elementsOf(detectionReport({ ...bare, examples: [] }));
    expect(elements.filter(name => name === 'h2')).toHaveLength(2);
  });
});

it('html: lists and absent values', () => {
  expect(html`<p>${[html`a`, html`<i>b</i>`]}${undefined}${1}</p>`.markup).toBe('<p>a<i>b</i>1</p>');
});

describe('heatMap', () => {
  it('is red where more than usual, blue where less, and the image where nothing', () => {
    const map = heatMap([0, 0, 1, 1], [4, -4, 0, 1], [2, 2, 1]);
    const pixels = [0, 1, 2, 3].map(i => [...map.data.subarray(3 * i, 3 * i + 3)]);
    expect(pixels.slice(0, 3)).toEqual([
      [214, 40, 24],
      [37, 99, 235],
      [140, 140, 140],
    ]);
    expect(pixels[3]![0]).toBeGreaterThan(pixels[3]![2]!);
    expect(decodePng(encodePng(map), 'map')).toEqual(map);
  });

  it('sums channels', () => {
    const map = heatMap([0.5, 0.5, 0.5, 0, 0, 0], [1, -2, 1, 0, 2, 0], [1, 2, 3]);
    expect([...map.data.subarray(0, 3)]).toEqual([198, 198, 198].map(v => expect.closeTo(v, -0.5)));
    expect([...map.data.subarray(3)]).toEqual([214, 40, 24]);
  });
});
