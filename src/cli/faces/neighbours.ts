// latentkit neighbours

import { variantGrid } from '../../images/index.ts';
import { neighbours } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns, count } from '../format.ts';
import { type Column, csv, defaultOut, formatOf, writeFile, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

/** Queries whose neighbours are printed. */
const printed = 20;

export const define: DefineCommand = taskCommand(neighbours, {
  argument: { field: 'data', description: 'what is searched (default: the data of the run)' },
  options: command =>
    command.option(
      '--out <file>',
      'picture of each query and, beside it, its neighbours (.png), table of rows and distances (.csv), or the numbers of the rows (.npy) (default: neighbours.png, for images)',
    ),
  async show({ queries, rows, distances, images, searched }, { values }) {
    const out = values.out ?? defaultOut('neighbours', queries.shape.slice(1));
    const [asked = 0, k = 0] = rows.shape;
    const found = Array.from({ length: asked }, (_, query) =>
      Array.from({ length: k }, (_, i) => ({
        row: rows.data[query * k + i]!,
        distance: distances.data[query * k + i]!,
      })),
    );
    const format = formatOf(out, ['png', 'npy', 'csv']);
    if (format === 'csv') {
      const table: Column[] = [
        { name: 'query', at: i => Math.floor(i / k) },
        { name: 'rank', at: i => 1 + (i % k) },
        { name: 'row', at: i => rows.data[i]! },
        { name: 'distance', at: i => distances.data[i]! },
      ];
      await writeFile(out, csv(table, asked * k));
    } else {
      await writeRows(out, { values: format === 'png' ? queries : rows, picture: () => variantGrid(queries, images) });
    }
    const lines = found
      .slice(0, printed)
      .map((near, query) => [
        `${query}`,
        near.map(({ row, distance }) => `${row} (${distance.toFixed(2)})`).join('  '),
      ]);
    return {
      text: `${columns([['query', 'rows (distances)'], ...lines])}of ${count(searched)} rows: ${out}`,
      json: { out, searched, neighbours: found },
    };
  },
});
