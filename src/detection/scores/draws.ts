// Scores that are averages over codes drawn from q(z|x). The draws' noise is the same for every row, so a row has one score,
// whatever it is scored with, and rows differ by themselves alone.

import { LogMeanExp } from '../../evaluate/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Model, TrainedVae } from '../../models/index.ts';
import type { RowTensor } from '../../runtime/index.ts';
import { RowProgram } from './row-program.ts';

/** Codes drawn for each row. */
const draws = 16;

/** Scores rows one way. */
export interface Scorer {
  score(rows: RowTensor): Promise<Float64Array>;
  dispose(): Promise<void>;
}

type Average = (perDraw: readonly Float32Array[]) => Float64Array;

/** −E_q log p(x|z) in nats: An and Cho 2015, "Variational Autoencoder based Anomaly Detection using Reconstruction Probability". */
export function openReconstructionProbability(vae: TrainedVae, seed: number): Promise<Scorer> {
  return openDraws(
    vae,
    seed,
    model => model.boundGraph().outputs.reconstruction!,
    perDraw => {
      return Float64Array.from(perDraw[0]!, (_, row) => perDraw.reduce((sum, values) => sum + values[row]!, 0) / draws);
    },
  );
}

/** −log 1/K Σ p(x, zₖ)/q(zₖ|x) in nats: the bound of Burda et al. 2016, equation 8. */
export function openNegIwae(vae: TrainedVae, seed: number): Promise<Scorer> {
  return openDraws(
    vae,
    seed,
    model => model.importanceGraph().outputs.logWeight!,
    perDraw => {
      const mean = new LogMeanExp(perDraw[0]!.length);
      for (const values of perDraw) mean.add(values);
      return mean.values.map(value => -value);
    },
  );
}

async function openDraws(
  vae: TrainedVae,
  seed: number,
  term: (model: Model) => Tensor,
  average: Average,
): Promise<Scorer> {
  const program = await RowProgram.open(vae, { term: term(vae.model) });
  const noises = Array.from({ length: draws }, (_, draw) => program.sharedNoise(seed, draw));
  return {
    async score(rows) {
      const perDraw: Float32Array[] = [];
      for (const noise of noises) perDraw.push((await program.run(rows, noise)).term!);
      return average(perDraw);
    },
    dispose: () => program.dispose(),
  };
}
