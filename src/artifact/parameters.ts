// model.safetensors: the parameters of the best model by validation, under their names.

import { decodeSafetensors, encodeSafetensors } from '../arrays/index.ts';
import { LatentkitError } from '../errors.ts';
import type { Model } from '../models/index.ts';
import { layoutOf, type ParameterViews, viewsOf } from '../runtime/index.ts';
import type { Folder } from './folder.ts';

const path = 'model.safetensors';

/** Writes the parameters. The bytes depend on names, shapes and values alone. */
export async function writeParameters(folder: Folder, parameters: ParameterViews): Promise<void> {
  await folder.write(path, encodeSafetensors(parameters, { format: 'latentkit' }));
}

/**
 * Reads the parameters of a model.
 * @throws LatentkitError `artifact` where the file is damaged or its tensors are not the model's.
 */
export async function readParameters(folder: Folder, model: Model): Promise<ParameterViews> {
  const where = folder.describe(path);
  const { tensors } = decodeSafetensors(await folder.read(path), where);
  const layout = layoutOf(model.parameters);
  const views = viewsOf(layout, new Float32Array(layout.length));
  for (const { name, shape } of model.parameters) {
    const found = tensors[name];
    if (found?.dtype !== 'float32' || found.shape.join() !== shape.join()) {
      const got = found === undefined ? 'no such tensor' : `${found.dtype} [${found.shape.join(', ')}]`;
      throw new LatentkitError(
        'artifact',
        `${where}: expected the tensor "${name}" as float32 [${shape.join(', ')}], got ${got}. ` +
          'The file belongs to another model than config.json describes; restore the one that was trained with it.',
      );
    }
    views[name]!.data.set(found.data as Float32Array);
  }
  return views;
}
