// latentkit generate

import { areImages } from '../../artifact/index.ts';
import { LatentkitError } from '../../errors.ts';
import { halfBlocks, imageGrid } from '../../images/index.ts';
import { generate } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { defaultOut, writeRows } from '../output.ts';
import { type Showing, taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(generate, {
  options: command =>
    command
      .option('--out <file>', 'picture (.png), array (.npy) or table (.csv) (default: samples.png, for images)')
      .option('--preview', 'show the samples in the terminal'),
  async show({ samples, sampler }, showing) {
    const [count, ...shape] = samples.shape;
    const { values, io } = showing;
    const out = values.out ?? defaultOut('samples', shape);
    if (values.preview && !areImages(shape)) {
      throw new LatentkitError('usage', `--preview: rows of [${shape.join(', ')}] are no images; leave it out.`);
    }
    await writeRows(out, { values: samples, picture: () => imageGrid(samples) });
    if (values.preview) (values.json ? io.stderr : io.stdout).write(preview(samples, showing));
    const by = sampler === 'prior' ? '' : ` by the sampler ${sampler}`;
    return { text: `${count} samples${by}: ${out}`, json: { count, samples: out, sampler } };
  },
});

type Samples = Parameters<typeof imageGrid>[0];

/** As many images side by side as the terminal is wide, with a dark line between them. */
function preview(samples: Samples, { io: { stdout, env } }: Showing): string {
  const width = Math.min(stdout.columns ?? 80, 160);
  const columns = Math.max(1, Math.floor((width - 1) / ((samples.shape[2] ?? 1) + 1)));
  const grid = imageGrid(samples, {
    columns: Math.min(columns, samples.shape[0] ?? 1),
    padding: 1,
    scale: 1,
    background: 48,
  });
  return halfBlocks(grid, { width, color: /truecolor|24bit/.test(env.COLORTERM ?? '') ? '24bit' : '256' });
}
