// latentkit map

import { encodeNpy } from '../../arrays/index.ts';
import { areImages } from '../../artifact/index.ts';
import { picturesOf, renderPng, type Scatter, scatterChart, scatterPage } from '../../images/index.ts';
import { type LatentMap, map } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { count } from '../format.ts';
import { type Column, csv, csvColumns, formatOf, writeFile } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(map, {
  argument: { field: 'data', description: 'what is shown (default: the data of the run)' },
  options: command =>
    command.option(
      '--out <file>',
      'page on which each point shows its picture (.html), picture (.png), or the points (.csv, .npy) (default: map.html)',
    ),
  async show(result, { values, path }) {
    const out = values.out ?? 'map.html';
    const format = formatOf(out, ['html', 'png', 'csv', 'npy']);
    const chart = chartOf(result, path);
    if (format === 'png') await writeFile(out, await renderPng(scatterChart(chart)));
    else if (format === 'npy') await writeFile(out, encodeNpy(result.points));
    else await writeFile(out, format === 'csv' ? table(result) : page(result, chart));
    const { method, rows, of } = result;
    return {
      text: `${count(rows.data.length)} of ${count(of)} rows by ${titles[method]}: ${out}`,
      json: { map: out, method, rows: rows.data.length, of, ...(result.shares && { shares: result.shares }) },
    };
  },
});

const titles = { pca: 'principal components', umap: 'UMAP', tsne: 't-SNE' } as const;

function chartOf({ method, points, shares, rows, labels, labelNames, of }: LatentMap, path: string): Scatter {
  const percent = shares?.map(share => `${(100 * share).toFixed(0)} %`).join(' and ');
  const shown = rows.data.length < of ? `${count(rows.data.length)} of ${count(of)} rows` : `${count(of)} rows`;
  return {
    title: `Latent space of ${path}`,
    subtitle: `${shown}, by ${titles[method]}${percent ? `: ${percent} of the variance` : ''}.`,
    points: points.data,
    classes: labels?.data,
    names: labelNames,
  };
}

function page({ images, rows }: LatentMap, chart: Scatter): string {
  const pictures = areImages(images.shape.slice(1)) ? picturesOf(images) : undefined;
  return scatterPage({ ...chart, captions: Array.from(rows.data, row => `row ${row}`), pictures });
}

function table({ points, rows, labels, labelNames }: LatentMap): string {
  const columns: Column[] = [
    { name: 'row', at: i => rows.data[i]! },
    ...(labels ? [{ name: 'label', at: (i: number) => labelNames?.[labels.data[i]!] ?? labels.data[i]! }] : []),
    ...csvColumns('x', points),
  ];
  return csv(columns, rows.data.length);
}
