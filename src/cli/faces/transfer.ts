// latentkit transfer

import { variantGrid } from '../../images/index.ts';
import { transfer } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { defaultOut, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(transfer, {
  options: command =>
    command.option(
      '--out <file>',
      'picture of each row and, beside it, what became of it (.png), or these alone (.npy, .csv) (default: transfer.png, for images)',
    ),
  async show({ originals, images, labels, strengths }, { values, run }) {
    const { columns } = run.config.model.input;
    const out = values.out ?? defaultOut('transfer', originals.shape.slice(1), columns);
    const variants = labels ?? strengths ?? [];
    await writeRows(out, { values: images, columns, picture: () => variantGrid(originals, images) });
    const what = labels ? `class ${labels.join(', ')}` : `strength ${variants.join(', ')}`;
    return {
      text: `${originals.shape[0]} rows, each with ${what} beside it: ${out}`,
      json: { transfer: out, rows: originals.shape[0], ...(labels ? { labels } : { strengths }) },
    };
  },
});
