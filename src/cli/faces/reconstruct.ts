// latentkit reconstruct

import { pairGrid } from '../../images/index.ts';
import { reconstruct } from '../../tasks/index.ts';
import type { DefineCommand } from '../command.ts';
import { columns, nats } from '../format.ts';
import { defaultOut, writeRows } from '../output.ts';
import { taskCommand } from '../task-command.ts';

export const define: DefineCommand = taskCommand(reconstruct, {
  options: command =>
    command.option(
      '--out <file>',
      'picture of originals over reconstructions (.png), or the reconstructions (.npy, .csv) (default: reconstructions.png, for images)',
    ),
  async show({ start, originals, reconstructions, score, reconstruction, kl }, { values, run }) {
    const { columns: kinds } = run.config.model.input;
    const out = values.out ?? defaultOut('reconstructions', originals.shape.slice(1), kinds);
    await writeRows(out, {
      values: reconstructions,
      columns: kinds,
      picture: () => pairGrid(originals, reconstructions),
    });
    const rows = Array.from(score.data, (value, i) => ({
      row: start + i,
      score: value,
      reconstruction: reconstruction.data[i]!,
      kl: kl.data[i]!,
    }));
    const table = columns([
      ['row', 'score (nats)', 'reconstruction', 'KL'],
      ...rows.map(r => [`${r.row}`, nats(r.score), nats(r.reconstruction), nats(r.kl)]),
    ]);
    return { text: `${table}\n${rows.length} rows: ${out}`, json: { reconstructions: out, rows } };
  },
});
