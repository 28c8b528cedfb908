// latentkit traverse

import { captioned, imageGrid, renderPng } from '../../images/index.ts';
import { traverse } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns } from '../format.ts';
import { defaultOut, expectImages, formatOf, writeFile, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(traverse, {
  options: command =>
    command.option(
      '--out <file>',
      'picture with an axis in each line, its number and use before it (.png), or .npy, .csv (default: traversal.png, for images)',
    ),
  async show({ axes, positions, images }, { values, run }) {
    const { columns: kinds } = run.config.model.input;
    const out = values.out ?? defaultOut('traversal', images.shape.slice(1), kinds);
    const picture = () => imageGrid(images, { columns: positions.length });
    if (formatOf(out, ['png', 'npy', 'csv']) === 'png') {
      expectImages(out, images);
      const captions = axes.map(({ index, use }) => `${index}: ${use.toFixed(2)}`);
      await writeFile(out, await renderPng(captioned(picture(), captions), { scale: 1 }));
    } else {
      await writeRows(out, { values: images, columns: kinds, picture });
    }
    const table = columns([
      ['axis', 'use', 'deviation'],
      ...axes.map(({ index, use, deviation }) => [`${index}`, use.toFixed(3), deviation.toFixed(3)]),
    ]);
    return { text: `${table}${axes.length} axes, one in each line: ${out}`, json: { traversal: out, axes, positions } };
  },
});
