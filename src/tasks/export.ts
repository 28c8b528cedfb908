// The model as files that stand alone: ONNX for any ONNX Runtime, safetensors for other programs, and what is done to data
// before they are fed to either.

import { z } from 'zod';
import { memoryFolder, writeOnnx, writeParameters } from '../artifact/index.ts';
import { summaries } from './summaries.ts';
import { defineTask, type NoInput, noInput, type Task } from './task.ts';

export interface Exported {
  /** The files' bytes by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Writes what the run's own folder holds anew from the parameters, so that it can be had where that is damaged. */
export const exportModel: Task<NoInput, Exported> = defineTask({
  name: 'export',
  summary: summaries.export,
  example: 'export runs/mnist-mlp --out exported',
  input: noInput,
  output: z.object({ files: z.record(z.string(), z.instanceof(Uint8Array)) }),
  async run({ run: { vae, config }, progress }) {
    const folder = memoryFolder();
    await writeOnnx(folder, vae);
    await writeParameters(folder, vae.parameters);
    // Scaling, standardising and transforms are in the graphs; what comes before them is how files become numbers.
    const { source } = config.data;
    const preprocessing = { input: vae.model.spec.input, ...(source !== undefined && { source }) };
    await folder.write('preprocessing.json', `${JSON.stringify(preprocessing, null, 2)}\n`);
    const paths = await folder.list();
    const files = await Promise.all(paths.map(async path => [path, await folder.read(path)] as const));
    progress?.(1);
    return { files: Object.fromEntries(files) };
  },
});
