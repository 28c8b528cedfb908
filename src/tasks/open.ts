// Opens a run folder for use.

import { type Folder, nodeFolder, readParameters, readRunConfig } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import { buildModel, TrainedVae } from '../models/index.ts';
import { type NodeDevice, nodeRuntime, type Runtime } from '../runtime/index.ts';
import type { OpenedRun } from './task.ts';

/** Where an opened model is executed: on the CPU unless told. */
export interface LoadOptions {
  readonly device?: NodeDevice | undefined;
  /** A runtime that is open already; then `device` does not count. */
  readonly runtime?: Runtime | undefined;
}

/**
 * Opens a run: its config and the parameters that validation chose. No code is executed by it.
 *
 * @throws LatentkitError `io` where there is no such folder, `artifact` where it is no run, has no parameters yet, or a
 * file is damaged, `runtime` where the device is not to be had.
 * @example const run = await load('runs/mnist-mlp');
 */
export async function load(
  where: string | Folder,
  options: LoadOptions = {},
): Promise<OpenedRun & { readonly folder: Folder }> {
  const { device = 'cpu', runtime } = options;
  const folder = typeof where === 'string' ? await nodeFolder(where) : where;
  const config = await readRunConfig(folder);
  const model = buildModel(config.model);
  if (!(await folder.has('model.safetensors'))) {
    throw new LatentkitError(
      'artifact',
      `${folder.describe('model.safetensors')}: expected the parameters of a trained model, got no such file. ` +
        'They are written after the first epoch: go on with the run by `latentkit resume`.',
    );
  }
  const parameters = await readParameters(folder, model);
  return { folder, config, vae: new TrainedVae(model, parameters, runtime ?? (await nodeRuntime({ device }))) };
}
