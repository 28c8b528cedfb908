// detector/held-out*.safetensors in a run folder: what is known of held-out rows, and their scores by name. Each file says of
// which parameters it is; one of others is as good as none. With them a threshold is changed without any data.

import { decodeSafetensors, encodeSafetensors, type Folder, parametersHash } from '../artifact/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import { float32 } from '../runtime/index.ts';
import type { ScoreName } from './detector.ts';
import type { Vectors } from './drift/energy.ts';
import type { HeldOutFacts } from './held-out.ts';
import { sortedScores } from './thresholds/conformal.ts';

const factsPath = 'detector/held-out.safetensors';
const scoresPath = (name: ScoreName): string => `detector/held-out.${name}.safetensors`;

/** Keeps the facts with the run. */
export async function writeHeldOut(folder: Folder, { usual, codes, values }: HeldOutFacts): Promise<void> {
  await write(folder, factsPath, { usual: { width: usual.length, data: usual }, codes, ...(values && { values }) });
}

/** The facts that were kept; undefined where there are none of the model's present parameters. */
export async function readHeldOut(folder: Folder, { model }: TrainedVae): Promise<HeldOutFacts | undefined> {
  const { input, latent } = model.spec;
  const width = input.shape.reduce((a, b) => a * b, 1);
  const widths = { usual: width, codes: latent };
  const kept = await read(folder, factsPath, input.columns ? { ...widths, values: width } : widths);
  const { usual, codes, values } = kept ?? {};
  return usual && codes && { usual: Float32Array.from(usual.data), codes, ...(values && { values }) };
}

/** Keeps the scores of the calibration rows. */
export async function writeCalibration(folder: Folder, name: ScoreName, scores: Float64Array): Promise<void> {
  await write(folder, scoresPath(name), { scores: { width: 1, data: scores } });
}

/** The scores that were kept, ascending; undefined where there are none of the model's present parameters. */
export async function readCalibration(folder: Folder, name: ScoreName): Promise<Float64Array | undefined> {
  const kept = await read(folder, scoresPath(name), { scores: 1 });
  return kept?.scores && sortedScores(kept.scores.data);
}

async function write(folder: Folder, path: string, vectors: Readonly<Record<string, Vectors>>): Promise<void> {
  const tensors = Object.entries(vectors).map(([name, { width, data }]) => [
    name,
    float32(Float32Array.from(data), [data.length / width, width]),
  ]);
  const remarks = { format: 'latentkit', parameters: await parametersHash(folder) };
  await folder.write(path, encodeSafetensors(Object.fromEntries(tensors), remarks));
}

/** Tensors of the given widths. Throws a LatentkitError `artifact` where the file is damaged. */
async function read(
  folder: Folder,
  path: string,
  widths: Readonly<Record<string, number>>,
): Promise<Readonly<Record<string, Vectors>> | undefined> {
  if (!(await folder.has(path))) return undefined;
  const where = folder.describe(path);
  const { tensors, metadata } = decodeSafetensors(await folder.read(path), where);
  if (metadata.parameters !== (await parametersHash(folder))) return undefined;
  const found = Object.entries(widths).map(([name, width]): [string, Vectors] => {
    const tensor = tensors[name];
    if (tensor?.dtype === 'float32' && tensor.shape[1] === width) return [name, { width, data: tensor.data }];
    const got = tensor ? `${tensor.dtype} [${tensor.shape.join(', ')}]` : 'no such tensor';
    throw new LatentkitError(
      'artifact',
      `${where}: expected the tensor "${name}" as float32 [rows, ${width}], got ${got}. Delete the file: it is then made anew.`,
    );
  });
  return Object.fromEntries(found);
}
