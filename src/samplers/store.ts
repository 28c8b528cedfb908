// samplers/<type>.safetensors in a run folder: a fitted sampler, which says of what spec and which parameters it is. A file
// of others is as good as none.

import { decodeSafetensors, encodeSafetensors, type Folder, parametersHash } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { isSymbolic } from '../graph/index.ts';
import type { TrainedVae } from '../models/index.ts';
import type { Sampler } from '../models/sampler.ts';
import type { HostTensor } from '../runtime/index.ts';
import { scaleShapes } from './codes.ts';
import { type FittedSampler, openSampler } from './fitted.ts';
import { samplerOf } from './table.ts';

/** What the file says of itself. */
async function remarksOn(folder: Folder, spec: Sampler): Promise<Record<string, string>> {
  return { format: 'latentkit', sampler: JSON.stringify(spec), parameters: await parametersHash(folder) };
}

const pathOf = ({ type }: Sampler): string => `samplers/${type}.safetensors`;

/** Keeps a fitted sampler with the run. */
export async function writeSampler(folder: Folder, { spec, tensors }: FittedSampler): Promise<void> {
  await folder.write(pathOf(spec), encodeSafetensors(tensors, await remarksOn(folder, spec)));
}

/**
 * The sampler that was kept with a run, or one that there is nothing to fit of; undefined where there is none of this spec and the model's present parameters.
 * @throws LatentkitError `artifact` where the file is damaged.
 */
export async function readSampler(folder: Folder, vae: TrainedVae, spec: Sampler): Promise<FittedSampler | undefined> {
  if (spec.type === 'prior') return openSampler(vae, spec, {});
  const path = pathOf(spec);
  if (!(await folder.has(path))) return undefined;
  const { tensors, metadata } = decodeSafetensors(await folder.read(path), folder.describe(path));
  const expected = Object.entries(await remarksOn(folder, spec));
  if (expected.some(([name, remark]) => metadata[name] !== remark)) return undefined;
  const { latent } = vae.model.spec;
  const shapes = Object.entries({ ...scaleShapes(latent), ...samplerOf(spec).shapes(spec, latent) });
  const checked = shapes.map(([name, shape]): [string, HostTensor<'float32'>] => {
    const found = tensors[name];
    const fits = found?.shape.length === shape.length && shape.every((d, i) => isSymbolic(d) || d === found.shape[i]);
    if (fits && isFloat32(found)) return [name, found];
    throw new LatentkitError(
      'artifact',
      `${folder.describe(path)}: expected the tensor "${name}" as float32 [${shape.join(', ')}], got ` +
        `${found === undefined ? 'no such tensor' : `${found.dtype} [${found.shape.join(', ')}]`}. ` +
        'Delete the file: the sampler is then fitted anew.',
    );
  });
  return openSampler(vae, spec, Object.fromEntries(checked));
}

function isFloat32(tensor: HostTensor): tensor is HostTensor<'float32'> {
  return tensor.dtype === 'float32';
}
