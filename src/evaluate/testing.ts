// Shared by the tests of this folder: a small model with parameters of no pattern, and rows for it.

import { arrayDataset, type Dataset } from '../data/index.ts';
import { buildModel, type ModelOptions, TrainedVae, vae } from '../models/index.ts';
import { dense, flatten, tanh } from '../nn/index.ts';
import { float32, nodeRuntime } from '../runtime/index.ts';

/** Numbers between -1 and 1 without a pattern that matters, the same for the same seed. */
export function numbers(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const value = Math.sin(12.9898 * (i + 1) + 78.233 * (seed + 1)) * 43758.5453;
    return 2 * (value - Math.floor(value)) - 1;
  });
}

/** 3×2 images to 2 latents and back, with weights within ±1; the posterior's are smaller, so that it covers the true one. */
export async function smallVae(options: Partial<ModelOptions> = {}): Promise<TrainedVae> {
  const spec = vae({
    input: [3, 2, 1],
    latent: 2,
    encoder: [flatten(), dense(5), tanh()],
    decoder: [dense(5), tanh(), dense('output')],
    ...options,
  });
  const model = buildModel(spec);
  const parameters = model.parameters.map(({ name, shape }, i) => {
    const scale = name.startsWith('posterior') ? 0.3 : 1;
    const count = shape.reduce((a, b) => a * b, 1);
    const values = Float32Array.from(numbers(count, i), v => scale * v);
    return [name, float32(values, shape)] as const;
  });
  return new TrainedVae(model, Object.fromEntries(parameters), await nodeRuntime({ threads: 1 }));
}

/** Grey 3×2 images. */
export function greyRows(count: number, seed = 3): Dataset {
  const data = Uint8Array.from(numbers(count * 6, seed), v => Math.round(127.5 * (v + 1)));
  return arrayDataset({ name: 'grey', data, shape: [3, 2, 1] });
}

/** Black and white 3×2 images. */
export function binaryRows(count: number, seed = 3): Dataset {
  const data = Uint8Array.from(numbers(count * 6, seed), v => (v > 0 ? 255 : 0));
  return arrayDataset({ name: 'binary', data, shape: [3, 2, 1] });
}
