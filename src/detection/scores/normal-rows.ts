// What graph scores compare a row with: measured once on rows that are taken as normal.

import { type Dataset, hostRowsAt } from '../../data/index.ts';
import { solvePositive } from '../../evaluate/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { TrainedVae } from '../../models/index.ts';
import { permutation, streamOf } from '../../random/index.ts';
import { float32, type HostTensor } from '../../runtime/index.ts';
import { type FittedName, rowTakenApart } from './graph-scores.ts';
import { featureCount, rowFacts } from './row-facts.ts';
import { RowProgram } from './row-program.ts';

/** Rows that moments are taken of, and rows that are kept to be compared with: so many numbers of them at most. */
const most = { measured: 20_000, kept: 2000, numbers: 2 ** 23 };
const chunk = 1024;

/** A residual that hardly varies among normal rows counts as if it did by so much of what residuals do on average. */
const leastDeviation = 0.1;
/** The same of a direction in which codes do not vary. */
const ridge = 1e-4;

export interface MeasureOptions {
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Measures normal rows: 20,000 of them, drawn by the seed, of which 2,000 are kept. */
export async function measureNormalRows(
  vae: TrainedVae,
  data: Dataset,
  { seed, signal, progress }: MeasureOptions,
): Promise<Record<FittedName, HostTensor<'float32'>>> {
  const { latent, input } = vae.model.spec;
  const features = featureCount(input);
  const order = permutation(data.size, { seed, stream: streamOf('detection/normal'), step: 0 });
  const kept = Math.min(most.kept, data.size, Math.max(1, Math.floor(most.numbers / (2 * features))));
  // In the order in which they lie on disk, those to be kept first.
  const rows = [...order.slice(0, kept).sort(), ...order.slice(kept, most.measured).sort()];
  const facts = rowFacts(vae.model);
  const { code, logVar, residual, given } = facts;
  const outputs: Record<string, Tensor> = { code, residual, apart: rowTakenApart(facts) };
  const program = await RowProgram.open(vae, { ...outputs, ...(logVar && { logVar }), ...(given && { given }) });
  const codes = new CodeMoments(latent);
  const residuals = { squares: new Float64Array(features), count: new Float64Array(features) };
  const reference = { codes: new Float32Array(kept * latent), rows: new Float32Array(kept * 2 * features) };
  try {
    for (let start = 0; start < rows.length; start += chunk) {
      signal?.throwIfAborted();
      const part = rows.slice(start, start + chunk);
      const measured = await program.run(await hostRowsAt(data, part));
      codes.add(measured.code!, measured.logVar);
      measured.residual!.forEach((value, i) => {
        residuals.squares[i % features]! += value * value;
        residuals.count[i % features]! += measured.given?.[i] ?? 1;
      });
      const left = Math.min(part.length, kept - start);
      if (left > 0) {
        reference.codes.set(measured.code!.subarray(0, left * latent), start * latent);
        reference.rows.set(measured.apart!.subarray(0, left * 2 * features), start * 2 * features);
      }
      progress?.((start + part.length) / rows.length);
    }
  } finally {
    await program.dispose();
  }
  return {
    'residual.deviation': float32(deviationsOf(residuals), [features]),
    'code.mean': float32(codes.mean, [latent]),
    'code.precision': float32(codes.precision, [latent, latent]),
    'normal.codes': float32(reference.codes, [kept, latent]),
    'normal.rows': float32(reference.rows, [kept, 2 * features]),
  };
}

function deviationsOf(residuals: { readonly squares: Float64Array; readonly count: Float64Array }): Float32Array {
  const variances = residuals.squares.map((sum, i) => sum / Math.max(1, residuals.count[i]!));
  const average = variances.reduce((a, b) => a + b) / variances.length;
  // A model that never errs leaves residuals as they are.
  const least = leastDeviation * Math.sqrt(average) || 1;
  return Float32Array.from(variances, variance => Math.max(least, Math.sqrt(variance)));
}

/** Mean and covariance of the aggregated posterior: that of the means, plus the mean of the posteriors' own variances. */
class CodeMoments {
  readonly #latent: number;
  readonly #sums: Float64Array;
  readonly #products: Float64Array;
  readonly #variances: Float64Array;
  #rows = 0;

  constructor(latent: number) {
    this.#latent = latent;
    this.#sums = new Float64Array(latent);
    this.#products = new Float64Array(latent * latent);
    this.#variances = new Float64Array(latent);
  }

  add(codes: Float32Array, logVars: Float32Array | undefined): void {
    const latent = this.#latent;
    for (let at = 0; at < codes.length; at += latent) {
      for (let i = 0; i < latent; i++) {
        const value = codes[at + i]!;
        this.#sums[i]! += value;
        if (logVars) this.#variances[i]! += Math.exp(logVars[at + i]!);
        for (let j = 0; j < latent; j++) this.#products[i * latent + j]! += value * codes[at + j]!;
      }
      this.#rows++;
    }
  }

  get mean(): Float32Array {
    return Float32Array.from(this.#sums, sum => sum / this.#rows);
  }

  get precision(): Float32Array {
    const [latent, rows] = [this.#latent, this.#rows];
    const covariance = this.#products.map((product, at) => {
      const [i, j] = [Math.floor(at / latent), at % latent];
      return (
        product / rows - (this.#sums[i]! / rows) * (this.#sums[j]! / rows) + (i === j ? this.#variances[i]! / rows : 0)
      );
    });
    const diagonal = Array.from({ length: latent }, (_, i) => covariance[i * latent + i]!);
    const least = ridge * (diagonal.reduce((a, b) => a + b) / latent) || 1;
    const identity = new Float64Array(latent * latent);
    for (let i = 0; i < latent; i++) {
      identity[i * latent + i] = 1;
      covariance[i * latent + i]! += least;
    }
    return Float32Array.from(solvePositive(covariance, identity, latent, latent));
  }
}
