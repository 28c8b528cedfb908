// The sampler that a task draws codes by: the one that is kept with the run, or one fitted now and kept from here on.

import { LatentkitError } from '../errors.ts';
import type { Sampler } from '../models/index.ts';
import {
  checkDraw,
  type FittedSampler,
  fitSampler,
  openSampler,
  readSampler,
  writeSampler,
} from '../samplers/index.ts';
import { splitsOf } from './rows.ts';
import type { TaskContext } from './task.ts';

/**
 * Opens a sampler of a run.
 *
 * @param temperature what the codes are to be drawn at, which is refused before anything is fitted.
 * @throws LatentkitError `data` where a sampler has to be fitted and the run cannot load its data.
 */
export async function samplerFor(context: TaskContext, spec: Sampler, temperature: number): Promise<FittedSampler> {
  const { vae, folder } = context.run;
  checkDraw(vae, spec, temperature);
  if (spec.type === 'prior') return openSampler(vae, spec, {});
  const known = folder && (await readSampler(folder, vae, spec));
  if (known !== undefined) return known;
  const fitted = await fitSampler(vae, context.data ?? (await splitsOf(context.run)), spec, context);
  if (folder !== undefined) await keep(() => writeSampler(folder, fitted));
  return fitted;
}

/** A folder that cannot be written does not keep anyone from drawing. */
async function keep(write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof LatentkitError && error.code === 'io')) throw error;
  }
}
