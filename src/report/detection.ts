// The report of a detection: what was found, how far to trust it, and why.

import { type Histogram, histogram, lineChart } from '../images/index.ts';
import { type Html, html, inlinePng, inlineSvg, page } from './page.ts';

/** What a number of a row adds. */
interface Contribution {
  /** A column's name, or a place. */
  readonly name: string;
  readonly value: string;
  readonly expected: string;
  /** Nats beyond what it adds in normal rows. */
  readonly excess: number;
}

/** A row that scores high. */
export interface Example {
  readonly name: string;
  readonly verdict: string;
  /** Score and p-value in words. */
  readonly figures: string;
  readonly pictures?: readonly { readonly name: string; readonly png: Uint8Array }[];
  /** The largest first. */
  readonly contributions?: readonly Contribution[];
}

export interface DetectionReport {
  readonly title: string;
  /** Model and data. */
  readonly subtitle: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** What to know before relying on it. */
  readonly notes: readonly string[];
  readonly distribution: Pick<Histogram, 'groups' | 'marks' | 'xLabel'>;
  /** ROC and precision–recall, where it is known what is an anomaly. */
  readonly ranking?: {
    readonly words: string;
    /** The share of anomalies, which a guess has for its precision. */
    readonly share: number;
    readonly roc: Curve;
    readonly precisionRecall: Curve;
  };
  readonly drift?: {
    readonly drifted: boolean;
    readonly words: string;
    readonly tests: readonly {
      readonly name: string;
      readonly test: string;
      readonly pValue: string;
      readonly adjusted: string;
      readonly drifted: boolean;
    }[];
  };
  readonly examples: readonly Example[];
}

interface Curve {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

/** The report as an HTML file. */
export function detectionReport(report: DetectionReport): string {
  const { title, subtitle, facts, notes, distribution, ranking, drift, examples } = report;
  return page(title, [
    html`<header><h1>${title}</h1><p class="quiet">${subtitle}</p></header>
<dl class="cards">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${notes.map(note => html`<p class="note">${note}</p>`)}
<section aria-labelledby="scores"><h2 id="scores">Scores</h2>
<figure>${inlineSvg(histogram({ title: 'Share of rows by score', width: 880, ...distribution }), scoresInWords(distribution))}
<figcaption>Higher is less like what the model was trained on. Each kind of row sums to 1.</figcaption></figure></section>`,
    ...(ranking ? [rankingSection(ranking)] : []),
    ...(drift ? [driftSection(drift)] : []),
    html`<section aria-labelledby="examples"><h2 id="examples">Rows that score highest</h2>
<p class="quiet">What each number adds to −log p(x|z) in nats, beyond what it adds on average in held-out normal rows.</p>
<div class="rows">${examples.map(example)}</div></section>`,
  ]);
}

function scoresInWords({ groups, marks = [] }: DetectionReport['distribution']): string {
  const kinds = groups.map(({ name, values }) => `${values.length} ${name}`).join(' and ');
  const lines = marks.map(({ name, at }) => `${name} ${at.toPrecision(4)}`).join(', ');
  return `Histogram of the scores of ${kinds}${lines === '' ? '' : `; ${lines}`}`;
}

function rankingSection({ words, share, roc, precisionRecall }: NonNullable<DetectionReport['ranking']>): Html {
  const size = { width: 420, height: 320, yRange: [0, 1], lastValues: false } as const;
  const guess = { name: 'a guess', dashed: true };
  const rocChart = lineChart({
    ...size,
    title: 'ROC',
    xLabel: 'false alarms, of normal rows',
    series: [
      { name: 'found, of anomalies', ...thinned(roc) },
      { ...guess, x: [0, 1], y: [0, 1] },
    ],
  });
  const precisionChart = lineChart({
    ...size,
    title: 'Precision and recall',
    xLabel: 'recall: found, of anomalies',
    series: [
      { name: 'precision', ...thinned(precisionRecall) },
      { ...guess, x: [0, 1], y: [share, share] },
    ],
  });
  return html`<section aria-labelledby="ranking"><h2 id="ranking">Against the labels</h2><p>${words}</p>
<div class="charts"><figure>${inlineSvg(rocChart, `ROC curve. ${words}`)}</figure>
<figure>${inlineSvg(precisionChart, `Precision–recall curve. ${words}`)}</figure></div></section>`;
}

/** More points than a screen has pixels make a file large and show nothing. */
const mostPoints = 600;

function thinned({ x, y }: Curve): Curve {
  const step = Math.max(1, (x.length - 1) / mostPoints);
  const kept = Array.from({ length: Math.ceil((x.length - 1) / step) }, (_, i) => Math.floor(i * step));
  kept.push(x.length - 1);
  return { x: kept.map(i => x[i]!), y: kept.map(i => y[i]!) };
}

function driftSection({ drifted, words, tests }: NonNullable<DetectionReport['drift']>): Html {
  return html`<section aria-labelledby="drift"><h2 id="drift">Do these rows look like those of training?</h2>
<p class="note ${drifted ? 'alarm' : 'calm'}">${words}</p>
<div class="wide"><table><caption>Two-sample tests. The corrected p-value is what the verdict is by.</caption>
<thead><tr><th scope="col">of</th><th scope="col">test</th><th scope="col">p</th><th scope="col">corrected p</th><th scope="col"></th></tr></thead>
<tbody>${tests.map(
    test => html`<tr><th scope="row">${test.name}</th><td>${test.test}</td><td class="number">${test.pValue}</td>
<td class="number">${test.adjusted}</td><td class="${test.drifted ? 'anomaly' : ''}">${test.drifted ? 'drifted' : ''}</td></tr>`,
  )}</tbody></table></div></section>`;
}

function example({ name, verdict, figures, pictures, contributions }: Example): Html {
  return html`<article><h3>${name} <span class="${verdict}">${verdict}</span></h3><p class="quiet">${figures}</p>
${
  pictures &&
  html`<div class="pictures">${pictures.map(
    picture =>
      html`<figure>${inlinePng(picture.png, `${name}: ${picture.name}`)}<figcaption>${picture.name}</figcaption></figure>`,
  )}</div>`
}
${contributions && contributionTable(name, contributions)}</article>`;
}

function contributionTable(name: string, contributions: readonly Contribution[]): Html {
  const most = contributions.reduce((a, { excess }) => Math.max(a, excess), 1e-9);
  return html`<table><caption>What is unusual about ${name}</caption>
<thead><tr><th scope="col">what</th><th scope="col">value</th><th scope="col">expected</th><th scope="col">nats beyond usual</th></tr></thead>
<tbody>${contributions.map(
    ({ name, value, expected, excess }) => html`<tr><th scope="row">${name}</th><td>${value}</td><td>${expected}</td>
<td class="number">${excess.toFixed(2)} <meter min="0" max="1" value="${Math.max(0, excess / most).toFixed(3)}"></meter></td></tr>`,
  )}</tbody></table>`;
}
