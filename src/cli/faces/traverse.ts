// latentkit traverse

import { imageGrid } from '../../images/index.ts';
import { traverse } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns } from '../format.ts';
import { defaultOut, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(traverse, {
  options: command =>
    command.option(
      '--out <file>',
      'picture with an axis in each line (.png), or .npy, .csv (default: traversal.png, for images)',
    ),
  async show({ axes, positions, images }, { values }) {
    const out = values.out ?? defaultOut('traversal', images.shape.slice(1));
    await writeRows(out, { values: images, picture: () => imageGrid(images, { columns: positions.length }) });
    const table = columns([
      ['axis', 'use', 'deviation'],
      ...axes.map(({ index, use, deviation }) => [`${index}`, use.toFixed(3), deviation.toFixed(3)]),
    ]);
    return { text: `${table}${axes.length} axes, one in each line: ${out}`, json: { traversal: out, axes, positions } };
  },
});
