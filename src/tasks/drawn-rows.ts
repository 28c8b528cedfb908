// New rows of codes: of images what the decoder expects, of tables rows drawn from what it says of each column.

import { toPossible } from '../columns.ts';
import type { TrainedVae } from '../models/index.ts';
import type { RowTensor } from '../runtime/index.ts';

/** Rows [n, ...shape] of codes [n, latent], on the scale of [0, 1]; of a table on its columns' own, within their ranges. */
export async function rowsOfCodes(
  vae: TrainedVae,
  codes: RowTensor<'float32'>,
  seed: number,
): Promise<RowTensor<'float32'>> {
  const { columns } = vae.model.spec.input;
  if (columns === undefined) return (await vae.run('decoder', codes)).mean!;
  const { x } = await vae.run('observation', codes, { seed, step: 0 });
  toPossible(x!.data, columns);
  return x!;
}
