// detector/scores.safetensors in a run folder: what a detector was fitted to normal rows, and which parameters of the model it is
// of. A file of others is as good as none.

import { decodeSafetensors, encodeSafetensors, type Folder, parametersHash } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { isSymbolic, type Shape } from '../graph/index.ts';
import type { TrainedVae } from '../models/index.ts';
import type { HostTensor } from '../runtime/index.ts';
import { type Detector, type FittedScores, openDetector } from './detector.ts';
import { calibrationShape } from './scores/combination.ts';
import { fittedShapes } from './scores/graph-scores.ts';

const path = 'detector/scores.safetensors';

/** Keeps a detector with the run. */
export async function writeDetector(folder: Folder, { fitted: { seed, tensors } }: Detector): Promise<void> {
  const remarks = { format: 'latentkit', seed: String(seed), parameters: await parametersHash(folder) };
  await folder.write(path, encodeSafetensors(tensors, remarks));
}

/**
 * The detector that was kept with a run; undefined where there is none of the model's present parameters.
 * @throws LatentkitError `artifact` where the file is damaged.
 */
export async function readDetector(folder: Folder, vae: TrainedVae): Promise<Detector | undefined> {
  if (!(await folder.has(path))) return undefined;
  const where = folder.describe(path);
  const { tensors, metadata } = decodeSafetensors(await folder.read(path), where);
  if (metadata.parameters !== (await parametersHash(folder))) return undefined;
  const seed = Number(metadata.seed ?? Number.NaN);
  if (!Number.isSafeInteger(seed) || seed < 0) throw damaged(where, `a seed, got ${metadata.seed ?? 'none'}`);
  const fitted = fittedShapes(vae.model.spec);
  const take = (name: string, shape: Shape): HostTensor<'float32'> => {
    const found = tensors[name];
    if (found && isFloat32(found) && found.shape.length === shape.length) {
      if (shape.every((dim, i) => isSymbolic(dim) || dim === found.shape[i])) return found;
    }
    const got = found === undefined ? 'no such tensor' : `${found.dtype} [${found.shape.join(', ')}]`;
    throw damaged(where, `the tensor "${name}" as float32 [${shape.join(', ')}], got ${got}`);
  };
  const known: FittedScores['tensors'] = {
    'residual.deviation': take('residual.deviation', fitted['residual.deviation']),
    'code.mean': take('code.mean', fitted['code.mean']),
    'code.precision': take('code.precision', fitted['code.precision']),
    'normal.codes': take('normal.codes', fitted['normal.codes']),
    'normal.rows': take('normal.rows', fitted['normal.rows']),
    combination: take('combination', calibrationShape),
  };
  return openDetector(vae, { seed, tensors: known });
}

function damaged(where: string, expected: string): LatentkitError {
  return new LatentkitError(
    'artifact',
    `${where}: expected ${expected}. Delete the file: the detector is then fitted anew.`,
  );
}

function isFloat32(tensor: HostTensor): tensor is HostTensor<'float32'> {
  return tensor.dtype === 'float32';
}
