// latentkit evaluate

import { evaluate } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { count, nats } from '../format.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(evaluate, {
  show(result) {
    const { negElbo, reconstruction, kl, likelihood, binarization, samples, rows, data, split } = result;
    const draws = samples === 1 ? 'one draw' : `the mean of ${samples} draws`;
    const grey = binarization === 'none' ? 'grey values' : `${binarization} binarisation`;
    const text =
      `negative ELBO ${nats(negElbo)} nats = reconstruction ${nats(reconstruction)} + KL ${nats(kl)}\n` +
      `a bound, ${draws} for each of ${count(rows)} ${split} rows of ${data}; ${likelihood} likelihood, ${grey}`;
    return { text, json: { ...result } };
  },
});
