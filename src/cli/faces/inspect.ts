// latentkit inspect

import { describeObjective } from '../../models/index.ts';
import { type Inspection, inspect } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { bytes, columns, count, nats } from '../format.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(inspect, {
  show: (result, { path }) => ({
    text: `${overview(result, path)}${words(result)}\n${tables(result)}`,
    json: { ...result },
  }),
});

function overview({ config, size, finished, epochs, best }: Inspection, path: string): string {
  const { model, training, data } = config;
  const { objective, likelihood, input, latent, binarization } = model;
  const grey = binarization === 'none' ? 'grey values' : `${binarization} binarisation`;
  const state = finished ? 'finished' : 'not finished; go on with `latentkit resume`';
  return columns([
    ['run', `${path} (${state})`],
    [
      'data',
      `${data.name}: ${count(data.rows.train)} training, ${count(data.rows.validation)} validation, ${count(data.rows.test)} test rows`,
    ],
    ['model', `${latent} latents, ${count(size)} parameters, input [${input.shape.join(', ')}] of ${input.dtype}`],
    ['likelihood', `${likelihood.type}, ${grey}`],
    ['objective', describeObjective(objective)],
    [
      'training',
      `${epochs} of ${training.epochs} epochs, batch ${training.batchSize}, ${training.optimizer.type} ${training.optimizer.learningRate}, seed ${training.seed}`,
    ],
    ...(best
      ? [
          [
            'validation',
            `negative ELBO ${nats(best.negElbo)} nats = reconstruction ${nats(best.reconstruction)} + KL ${nats(best.kl)}, epoch ${best.epoch}`,
          ],
        ]
      : []),
    ['written by', `latentkit ${config.latentkit} on ${config.device}`],
  ]);
}

function words({ doctor }: Inspection): string {
  return doctor.map(note => `\n${note}\n`).join('');
}

function tables({ parameters, files }: Inspection): string {
  const shapes = parameters.map(({ name, shape, size }) => [name, `[${shape.join(', ')}]`, count(size)]);
  const sizes = files.map(({ path, bytes: size }) => [path, bytes(size)]);
  return `${columns([['parameter', 'shape', 'numbers'], ...shapes])}\n${columns([['file', 'size'], ...sizes])}`;
}
