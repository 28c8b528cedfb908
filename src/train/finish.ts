// What a finished run leaves beside its parameters: exported models, pictures, the card, and last the golden vectors.

import {
  type EpochRecord,
  type Folder,
  type RunConfig,
  writeCard,
  writeGolden,
  writeOnnx,
  writePictures,
} from '../artifact/index.ts';
import { type DataSplits, hostRows } from '../data/index.ts';
import type { BoundEstimate } from '../evaluate/index.ts';
import type { TrainedVae } from '../models/index.ts';

export interface FinishedRun {
  readonly config: RunConfig;
  readonly vae: TrainedVae;
  readonly records: readonly EpochRecord[];
  readonly test: BoundEstimate;
  readonly imagesPerSecond: number;
  readonly data: DataSplits;
}

/** Writes everything that is made of the finished model. Each file is whole or absent; golden.json says all are there. */
export async function finishRun(folder: Folder, run: FinishedRun): Promise<void> {
  const { vae, data } = run;
  const parameters = vae.model.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  await writeOnnx(folder, vae);
  await writePictures(folder, { ...run, test: data.test });
  await writeCard(folder, { ...run, parameters }, data.test);
  await writeGolden(folder, vae, await hostRows(data.test, 0, Math.min(3, data.test.size)));
}
