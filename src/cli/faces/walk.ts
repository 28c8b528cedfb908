// latentkit walk

import { areImages } from '../../artifact/index.ts';
import { encodeGif, encodeWebp, imageGrid, type Picture } from '../../images/index.ts';
import { rowRange } from '../../models/index.ts';
import { type Walk, walk } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { expectImages, formatOf, writeFile, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(walk, {
  options: command =>
    command.option(
      '--out <file>',
      'film (.gif, .webp), all pictures in one (.png), or .npy, .csv (default: walk.gif, for images)',
    ),
  async show(result, { values }) {
    const { images, points, steps, frameRate } = result;
    const out = values.out ?? (areImages(images.shape.slice(1)) ? 'walk.gif' : 'walk.npy');
    const format = formatOf(out, ['gif', 'webp', 'png', 'npy', 'csv']);
    if (format === 'gif' || format === 'webp') {
      expectImages(out, images);
      const encode = format === 'gif' ? encodeGif : encodeWebp;
      await writeFile(out, await encode(framesOf(result), { frameRate }));
    } else {
      await writeRows(out, { values: images, picture: () => imageGrid(images, { columns: steps }) });
    }
    const frames = points * steps;
    return {
      text: `${frames} pictures through ${points} codes and back, ${(frames / frameRate).toFixed(1)} s: ${out}`,
      json: { walk: out, frames, points, steps, frameRate },
    };
  },
});

/** Each picture by itself, large enough to be seen. */
function framesOf({ images }: Walk): Picture[] {
  return Array.from({ length: images.shape[0] ?? 0 }, (_, i) =>
    imageGrid(rowRange(images, i, i + 1), { columns: 1, padding: 0 }),
  );
}
