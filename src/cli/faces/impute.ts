// latentkit impute

import { extname } from 'node:path';
import { float32 } from '../../runtime/index.ts';
import { impute } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns as aligned, count } from '../format.ts';
import { writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(impute, {
  argument: { field: 'data', description: 'the table to fill in (default: that of the run)' },
  options: command =>
    command.option(
      '--out <file>',
      'the whole table (.csv, .tsv, .ndjson, .parquet, .npy), and the drawn ones beside it with numbers (default: imputed.csv)',
    ),
  async show({ columns, rows, drawn, missing }, { values }) {
    const out = values.out ?? 'imputed.csv';
    await writeRows(out, { values: rows, columns });
    const [tables = 0] = drawn.shape;
    const size = rows.data.length;
    const files = [out];
    for (let m = 0; m < tables; m++) {
      const file = `${out.slice(0, -extname(out).length)}-${m + 1}${extname(out)}`;
      const table = float32(drawn.data.subarray(m * size, (m + 1) * size), rows.shape);
      await writeRows(file, { values: table, columns });
      files.push(file);
    }
    const filled = Object.entries(missing).filter(([, number]) => number > 0);
    const total = filled.reduce((sum, [, number]) => sum + number, 0);
    return {
      text: [
        `${count(total)} values of ${count(rows.shape[0] ?? 0)} rows filled in: ${files.join(', ')}`,
        aligned(filled.map(([name, number]) => [`  ${name}`, count(number)])).trimEnd(),
      ]
        .filter(Boolean)
        .join('\n'),
      json: { files, missing },
    };
  },
});
