// What decoding depends on beside the file: the model, and the arithmetic that runs it. Both sides must get the same bits out
// of the networks and out of exp and log, or masses differ and what follows is noise. Which bits they get is not a matter
// of names and versions; it is tried out, on rows and codes that are a function of nothing.

import type { TrainedVae } from '../models/index.ts';
import { streamOf, wordsOf } from '../random/index.ts';
import { float32, type RowTensor } from '../runtime/index.ts';
import { createSha256, type Sha256 } from '../sha256.ts';
import { bucketCount, medianOf, PosteriorBuckets } from './buckets.ts';
import { levelsOf } from './levels.ts';
import { intervalOf } from './quantise.ts';

/** Runtimes choose other kernels for one row than for many. */
const batches = [1, 64] as const;

/** SHA-256 of a model's parameters, by name. What is computed with them is the arithmetic's affair. */
export function modelHash({ model, parameters }: TrainedVae): string {
  const hash = createSha256();
  for (const { name } of model.parameters) {
    hash.update(new TextEncoder().encode(name));
    hash.update(bytesOf(parameters[name]!.data));
  }
  return hash.hex();
}

/** SHA-256 of what encoder, decoder and masses come to here. */
export async function arithmeticHash(vae: TrainedVae): Promise<string> {
  const { input, latent, likelihood } = vae.model.spec;
  const width = input.shape.reduce((a, b) => a * b, 1);
  const word = wordsOf({ seed: 0, stream: streamOf('compression/probe'), step: 0 });
  const hash = createSha256();
  for (const rows of batches) {
    const x: RowTensor<'uint8'> = {
      dtype: 'uint8',
      shape: [rows, ...input.shape],
      data: Uint8Array.from({ length: rows * width }, () => (word() < 2 ** 30 ? word() % 256 : 0)),
    };
    const z = Float32Array.from({ length: rows * latent }, () => medianOf(word() % bucketCount));
    const { mean, logVar } = await vae.run('encoder', x);
    const { output } = await vae.run('output', float32(z, [rows, latent]));
    for (const { data } of [mean!, logVar!, output!]) hash.update(bytesOf(data));
    const posterior = new PosteriorBuckets();
    updateWithStarts(hash, mean!.data.length, i =>
      intervalOf(posterior.at(mean!.data[i]!, logVar!.data[i]!), word() % bucketCount),
    );
    const levels = levelsOf(likelihood);
    updateWithStarts(hash, width, i => {
      levels.at(output!.data, i, width);
      return intervalOf(levels, word() % levels.count);
    });
  }
  return hash.hex();
}

function updateWithStarts(hash: Sha256, count: number, at: (i: number) => { readonly start: number }): void {
  hash.update(bytesOf(Float64Array.from({ length: count }, (_, i) => at(i).start)));
}

function bytesOf({
  buffer,
  byteOffset,
  byteLength,
}: Float32Array | Float64Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
