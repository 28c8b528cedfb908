// onnx/: the trained model as standalone ONNX files with the parameters inside, for any ONNX Runtime on any machine.

import type { TrainedVae } from '../models/index.ts';
import { emitOnnx } from '../onnx/index.ts';
import type { Folder } from './folder.ts';

/** The exported models: what each is, and the model's graph that it is made of. */
export const exported = {
  encoder: 'data x → the posterior q(z|x): its mean, and what else describes it (logVar, where it is Gaussian)',
  decoder: 'latent z → mean of the data, scaled to [0, 1]; of a table, on the scale of its columns',
  score: 'data x → score in nats (no sampling): reconstruction at the posterior mean, plus KL',
} as const;

export type ExportedName = keyof typeof exported;
export const exportedNames: readonly ExportedName[] = ['encoder', 'decoder', 'score'];

/** The path of an exported model in a run folder. */
export function onnxPath(name: ExportedName): string {
  return `onnx/${name}_model.onnx`;
}

/** Writes the exported models; they take any batch size. */
export async function writeOnnx(folder: Folder, vae: TrainedVae): Promise<void> {
  const embed = new Map(Object.entries(vae.parameters).map(([name, { data }]) => [name, data]));
  const { model } = vae;
  const graphs = { encoder: model.encoderGraph(), decoder: model.decoderGraph(), score: model.scoreGraph() };
  for (const name of exportedNames) {
    await folder.write(onnxPath(name), emitOnnx(graphs[name], { embed, description: exported[name] }));
  }
}
