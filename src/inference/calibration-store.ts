// completions/<name>.safetensors in a run folder: the errors of completions of held-out rows. A file says of what
// parameters it is; one of others is as good as none.

import { decodeSafetensors, encodeSafetensors, type Folder, parametersHash } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { float32, type HostTensor } from '../runtime/index.ts';
import type { ErrorCurve } from './error-curve.ts';

const pathOf = (name: string): string => `completions/${name}.safetensors`;

/** Keeps a curve with the run; its name says what was hidden, and how it was completed. */
export async function writeErrorCurve(
  folder: Folder,
  name: string,
  { variance, squaredError }: ErrorCurve,
): Promise<void> {
  const tensors = {
    variance: float32(variance, [variance.length]),
    squaredError: float32(squaredError, [squaredError.length]),
  };
  const remarks = { format: 'latentkit', parameters: await parametersHash(folder) };
  await folder.write(pathOf(name), encodeSafetensors(tensors, remarks));
}

/**
 * The curve that was kept; undefined where there is none of the model's present parameters.
 * @throws LatentkitError `artifact` where the file is damaged.
 */
export async function readErrorCurve(folder: Folder, name: string): Promise<ErrorCurve | undefined> {
  const path = pathOf(name);
  if (!(await folder.has(path))) return undefined;
  const { tensors, metadata } = decodeSafetensors(await folder.read(path), folder.describe(path));
  if (metadata.parameters !== (await parametersHash(folder))) return undefined;
  const { variance, squaredError } = tensors;
  if (
    variance &&
    squaredError &&
    isFloat32(variance) &&
    isFloat32(squaredError) &&
    variance.data.length > 0 &&
    variance.data.length === squaredError.data.length
  ) {
    return { variance: variance.data, squaredError: squaredError.data };
  }
  throw new LatentkitError(
    'artifact',
    `${folder.describe(path)}: expected the tensors "variance" and "squaredError" as float32 of one length, got ` +
      `${
        Object.entries(tensors)
          .map(([of, { dtype, shape }]) => `"${of}" ${dtype} [${shape.join(', ')}]`)
          .join(', ') || 'none'
      }. ` +
      'Delete the file: errors are then measured anew.',
  );
}

function isFloat32(tensor: HostTensor): tensor is HostTensor<'float32'> {
  return tensor.dtype === 'float32';
}
