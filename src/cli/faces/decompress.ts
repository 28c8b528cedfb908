// latentkit decompress

import { encodeNpy } from '../../arrays/index.ts';
import { areImages, nodeFolder } from '../../artifact/index.ts';
import { encodePng, picturesOf } from '../../images/index.ts';
import { type Decompressed, decompress } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { count } from '../format.ts';
import { writeFile } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(decompress, {
  argument: { field: 'file', description: 'the compressed file' },
  outArgument: 'where to write',
  options: command =>
    command.option(
      '--out <path>',
      'folder of images as PNG, or array (.npy) (default: decompressed, or decompressed.npy for other rows)',
    ),
  async show(result, { values }) {
    const [rows = 0, ...shape] = result.rows.shape;
    const out = values.out ?? (areImages(shape) ? 'decompressed' : 'decompressed.npy');
    if (out.endsWith('.npy') || !areImages(shape)) await writeFile(out, encodeNpy(result.rows));
    else await writePictures(out, result);
    return { text: `${count(rows)} rows: ${out}`, json: { out, rows } };
  },
});

/** A PNG for each row, by its name where it has one. */
async function writePictures(out: string, { rows, names }: Decompressed): Promise<void> {
  const folder = await nodeFolder(out, { create: true });
  const pictures = picturesOf(rows);
  const digits = `${pictures.length}`.length;
  for (const [i, picture] of pictures.entries()) {
    await folder.write(pngName(names?.[i] ?? `${i + 1}`.padStart(digits, '0')), encodePng(picture));
  }
}

/** Images of other kinds come back as PNG, and say so. */
function pngName(name: string): string {
  return /\.png$/i.test(name) ? name : `${name}.png`;
}
