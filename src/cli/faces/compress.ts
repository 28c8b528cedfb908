// latentkit compress

import { compress } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { bytes, count } from '../format.ts';
import { formatOf, writeFile } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(compress, {
  argument: { field: 'data', description: 'what is compressed (default: the data of the run)' },
  outArgument: 'the compressed file (.lkz)',
  options: command => command.option('--out <file>', 'the compressed file (default: compressed.lkz)'),
  async show({ file, rows, dimensions, bitsPerDimension, boundPerDimension }, { values }) {
    const out = values.out ?? 'compressed.lkz';
    formatOf(out, ['lkz']);
    await writeFile(out, file);
    const bits = `${bitsPerDimension.toFixed(4)} bits a number, by the bound ${boundPerDimension.toFixed(4)}`;
    return {
      text: `${count(rows)} rows, ${bytes(rows * dimensions)} as bytes, in ${bytes(file.length)} (${bits}): ${out}`,
      json: { out, rows, dimensions, bytes: file.length, bitsPerDimension, boundPerDimension },
    };
  },
});
