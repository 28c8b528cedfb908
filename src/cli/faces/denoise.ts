// latentkit denoise

import { areImages } from '../../artifact/index.ts';
import { encodeWav } from '../../audio/index.ts';
import { imageGrid, pairGrid } from '../../images/index.ts';
import type { HostTensor } from '../../runtime/index.ts';
import { denoise } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { defaultOut, formatOf, writeFile, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(denoise, {
  argument: {
    field: 'data',
    description:
      'noisy data: a file or a folder, an image of any size, or a WAV file (default: the data of the run, made noisy)',
  },
  options: command =>
    command.option(
      '--out <file>',
      'picture of noisy rows over denoised ones, or the one denoised image (.png), what was denoised (.npy, .csv), or of sound a WAV file (default: denoised.png, for images; denoised.wav)',
    ),
  async show({ method, noisy, denoised, level, psnr, rate }, { values }) {
    if (rate !== undefined) return showSound({ rate, denoised }, values.out ?? 'denoised.wav');
    const [count = 0, ...shape] = denoised.shape;
    const out = values.out ?? defaultOut('denoised', shape);
    const alone = count === 1 && areImages(shape) && psnr === undefined;
    const picture = () =>
      alone ? imageGrid(denoised, { columns: 1, padding: 0, scale: 1 }) : pairGrid(noisy, denoised);
    await writeRows(out, { values: denoised, picture });
    const mean = level && level.data.reduce((sum, value) => sum + value, 0) / level.data.length;
    const by =
      method === 'trained' ? 'by one pass of a model of noisy data' : 'by inference from a model of clean data';
    const parts = [
      `${count} ${count === 1 ? 'row' : 'rows'} denoised ${by}`,
      ...(mean === undefined ? [] : [`level ${mean.toFixed(3)}`]),
      ...(psnr ? [`PSNR ${psnr.noisy.toFixed(2)} dB, then ${psnr.denoised.toFixed(2)} dB`] : []),
    ];
    return {
      text: `${parts.join('; ')}: ${out}`,
      json: { out, rows: count, method, ...(mean !== undefined && { level: mean }), ...(psnr && { psnr }) },
    };
  },
});

/** Writes sound, and says how much of it there is. */
async function showSound({ rate, denoised }: { rate: number; denoised: HostTensor<'float32'> }, out: string) {
  const [count = 0, length = 0] = denoised.shape;
  formatOf(out, ['wav']);
  const channels = Array.from({ length: count }, (_, i) => denoised.data.subarray(i * length, (i + 1) * length));
  await writeFile(out, encodeWav({ rate, channels }));
  const seconds = length / rate;
  return { text: `${seconds.toFixed(1)} s of sound denoised: ${out}`, json: { out, rate, channels: count, seconds } };
}
