// latentkit resume

import { z } from 'zod';
import { nodeFolder, readCheckpoint, readMetrics, readRunConfig } from '../artifact/index.ts';
import { resume } from '../train/index.ts';
import { addCommonOptions, addExamples, answer, type CommonOptions, type DefineCommand } from './command.ts';
import { addOptions, givenOptions } from './options.ts';
import { deviceRuntime } from './runtime.ts';
import { watched } from './session.ts';
import { trainingAnswer } from './training-summary.ts';

interface ResumeFlags {
  readonly epochs?: number | undefined;
}

const flags: z.ZodType<ResumeFlags> = z.strictObject({
  epochs: z.int().positive().optional().describe('train up to so many epochs in all (default: as the run was started)'),
});

export const define: DefineCommand = (command, io, setExitCode) => {
  command.argument('<run>', 'run folder');
  addOptions(command, flags);
  addCommonOptions(command);
  addExamples(command, 'resume runs/mnist-mlp', 'resume runs/mnist-mlp --epochs 40');
  command.action(async (path: string, values: CommonOptions & Readonly<Record<string, unknown>>) => {
    const began = performance.now();
    const folder = await nodeFolder(path);
    const config = await readRunConfig(folder);
    const { epochs = config.training.epochs }: ResumeFlags = givenOptions(flags, values);
    const runtime = await deviceRuntime(values.device);
    const before = (await readMetrics(folder)).length;
    const counters = (await readCheckpoint(folder))?.current.counters;
    const run = await watched(io, { ...values, path }, (session, progress) => {
      progress.note(whereItStands(path, counters, epochs));
      return resume(folder, { ...session, runtime, epochs });
    });
    const trained = run.result.records.length - before;
    const { text, json } = trainingAnswer(run.result, path, (performance.now() - began) / 1000);
    const finished = run.result.status === 'finished' && trained === 0;
    setExitCode(run.exitCode);
    answer(io, values, { json, text: finished ? `The run was finished already; no epoch was left.\n${text}` : text });
  });
};

type Standing = { readonly epoch: number; readonly stepInEpoch: number } | undefined;

function whereItStands(path: string, counters: Standing, epochs: number): string {
  if (counters === undefined) return `${path}: no checkpoint yet; training from the start`;
  const { epoch, stepInEpoch } = counters;
  if (epoch >= epochs) return `${path}: all ${epoch} epochs are trained`;
  const within = stepInEpoch === 0 ? '' : `, after its step ${stepInEpoch}`;
  return `${path}: going on in epoch ${epoch + 1} of ${epochs}${within}`;
}
