// latentkit duplicates

import { pairGrid } from '../../images/index.ts';
import { type Duplicates, duplicates } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns, count } from '../format.ts';
import { csv, expectImages, formatOf, writeFile, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

/** Pairs that are printed. */
const printed = 10;

export const define: DefineCommand = taskCommand(duplicates, {
  argument: { field: 'data', description: 'what is searched (default: the data of the run)' },
  options: command =>
    command.option(
      '--out <file>',
      'table of pairs and distances (.csv), or picture of them, one row of a pair over the other (.png) (default: duplicates.csv)',
    ),
  async show(result, { values }) {
    const { found, threshold, heldOut, searched } = result;
    const out = values.out ?? 'duplicates.csv';
    const pairs = pairsOf(result);
    if (formatOf(out, ['csv', 'png']) === 'csv') {
      const names = ['a', 'b', 'distance'] as const;
      await writeFile(
        out,
        csv(
          names.map(name => ({ name, at: i => pairs[i]![name] })),
          pairs.length,
        ),
      );
    } else if (pairs.length > 0) {
      expectImages(out, result.first);
      await writeRows(out, { values: result.first, picture: () => pairGrid(result.first, result.second) });
    }
    const where = heldOut === undefined ? '' : `, by ${count(heldOut)} validation rows`;
    const lines = pairs.slice(0, printed).map(({ a, b, distance }) => [`${a}`, `${b}`, distance.toFixed(3)]);
    return {
      text: [
        `${count(found)} pairs of ${count(searched)} rows are nearer than ${threshold.toFixed(3)}${where}`,
        ...(pairs.length > 0
          ? [`${columns([['row', 'row', 'distance'], ...lines])}the nearest ${pairs.length}: ${out}`]
          : []),
      ].join('\n'),
      json: {
        ...(pairs.length > 0 && { out }),
        found,
        threshold,
        ...(heldOut !== undefined && { heldOut }),
        searched,
        pairs,
      },
    };
  },
});

function pairsOf({ pairs, distances }: Duplicates): { a: number; b: number; distance: number }[] {
  return Array.from(distances.data, (distance, i) => ({
    a: pairs.data[2 * i]!,
    b: pairs.data[2 * i + 1]!,
    distance,
  }));
}
