// latentkit generate

import { areImages } from '../../artifact/index.ts';
import { LatentkitError } from '../../errors.ts';
import { halfBlocks, imageGrid, pairGrid } from '../../images/index.ts';
import { generate, type Memorisation } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { defaultOut, writeRows } from '../output.ts';
import { type Showing, taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(generate, {
  options: command =>
    command
      .option(
        '--out <file>',
        'picture (.png), array (.npy) or table (.csv; of tables also .tsv, .ndjson, .parquet) (default: samples.png or samples.csv)',
      )
      .option('--preview', 'show the samples in the terminal'),
  async show({ samples, sampler, memorisation }, showing) {
    const [count, ...shape] = samples.shape;
    const { values, io } = showing;
    const { columns } = showing.run.config.model.input;
    const out = values.out ?? defaultOut('samples', shape, columns);
    if (values.preview && !areImages(shape)) {
      throw new LatentkitError('usage', `--preview: rows of [${shape.join(', ')}] are no images; leave it out.`);
    }
    await writeRows(out, {
      values: samples,
      columns,
      picture: () => (memorisation ? pairGrid(samples, memorisation.rows) : imageGrid(samples)),
    });
    if (values.preview) (values.json ? io.stderr : io.stdout).write(preview(samples, showing));
    const by = sampler === 'prior' ? '' : ` by the sampler ${sampler}`;
    return {
      text: [`${count} samples${by}: ${out}`, ...(memorisation ? words(memorisation) : [])].join('\n'),
      json: { count, samples: out, sampler, ...(memorisation && { memorisation: figures(memorisation) }) },
    };
  },
});

/** What the check came to; the picture has the nearest training row below each sample. */
function words({ medianDistance, medianTestDistance, testRows, suspects, z }: Memorisation): string[] {
  const copied = suspects > 0.05 && z < -3;
  return [
    `distance to the nearest training row: ${medianDistance.toFixed(3)} (median), of ${testRows} test rows ${medianTestDistance.toFixed(3)}; z = ${z.toFixed(1)}`,
    `${(100 * suspects).toFixed(1)} % of the samples are nearer than 99 % of the test rows are` +
      (copied ? ': look at the pairs; smooth samples lie near to everything, copies look like the row below them' : ''),
  ];
}

function figures({
  nearest,
  distance,
  medianDistance,
  medianTestDistance,
  testRows,
  suspects,
  z,
}: Memorisation): object {
  const [rows, distances] = [nearest, distance].map(({ data }) => [...data]);
  return { rows, distances, medianDistance, medianTestDistance, testRows, suspects, z };
}

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
