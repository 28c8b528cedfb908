// latentkit interpolate

import { imageGrid } from '../../images/index.ts';
import { interpolate } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { defaultOut, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(interpolate, {
  options: command =>
    command.option(
      '--out <file>',
      'picture with a walk in each line (.png), or .npy, .csv (default: interpolation.png, for images)',
    ),
  async show({ from, to, steps, images }, { values, run }) {
    const { columns } = run.config.model.input;
    const out = values.out ?? defaultOut('interpolation', images.shape.slice(1), columns);
    await writeRows(out, { values: images, columns, picture: () => imageGrid(images, { columns: steps }) });
    const walks = from.map((row, i) => `${row} to ${to[i]}`).join(', ');
    return {
      text: `rows ${walks}, in ${steps} steps each: ${out}`,
      json: { interpolation: out, from, to, steps },
    };
  },
});
