// latentkit train

import { basename } from 'node:path';
import type { Command } from 'commander';
import { dataNames, loadData, loaderSummaries } from '../data/index.ts';
import { buildModel, presets } from '../models/index.ts';
import { fit, suitedTraining } from '../train/index.ts';
import { addCommonOptions, addExamples, answer, type CommonOptions, type DefineCommand } from './command.ts';
import { count } from './format.ts';
import { addOptions } from './options.ts';
import { freeFolder, namedFolder } from './out-folder.ts';
import { deviceRuntime } from './runtime.ts';
import { watched } from './session.ts';
import { modelFlags, trainingFlags } from './train-flags.ts';
import { type TrainValues, trainingNote, trainingRequest } from './training-request.ts';
import { trainingAnswer } from './training-summary.ts';

interface Values extends TrainValues, CommonOptions {
  readonly overwrite?: boolean;
}

export const define: DefineCommand = (command, io, setExitCode) => {
  addTrainOptions(command);
  command.action(async (given: string | undefined, values: Values) => {
    const began = performance.now();
    const request = await trainingRequest(given, values);
    const runtime = await deviceRuntime(values.device);
    const data = await loadData(request.source);
    const { name: modelName, spec } = request.model(data.train);
    const training = suitedTraining(data.train.size, request.training);
    const { parameters } = buildModel(spec);
    const size = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const name = `${slug(data.train.name)}-${modelName}`;
    const { path, folder } = await (request.out === undefined
      ? freeFolder(name)
      : namedFolder(request.out, values.overwrite ?? false));
    const run = await watched(io, { ...values, path }, (session, progress) => {
      progress.note(
        `${data.train.name}: ${count(data.train.size)} training, ${count(data.validation.size)} validation and ` +
          `${count(data.test.size)} test rows; ${modelName} with ${count(size)} parameters; to ${path}`,
      );
      for (const note of data.train.notes ?? []) progress.note(note);
      const suited = trainingNote(request.training, training);
      if (suited !== undefined) progress.note(suited);
      return fit(spec, data, { ...training, ...session, folder, runtime });
    });
    setExitCode(run.exitCode);
    answer(io, values, trainingAnswer(run.result, path, (performance.now() - began) / 1000));
  });
};

function addTrainOptions(command: Command): void {
  command
    .argument('[data]', `${dataNames.join(', ')}, or the path of data: ${loaderSummaries.join('; ')}`)
    .option(
      '--model <name|file>',
      `model of the literature: ${Object.keys(presets).join(', ')} (default: mlp; of tables table, of sound sigma-vae); or one of your own, YAML or JSON ` +
        '(`latentkit schema model`)',
    )
    .option('--preset <name>', 'the same as --model, for names only')
    .option('--config <file>', 'config, YAML or JSON (`latentkit schema config`); flags win over it')
    .option('--labels <file>', 'IDX file of class numbers, where the data is an IDX file')
    .option('--strict', 'stop at an image that cannot be read, instead of leaving it out');
  addOptions(command, modelFlags);
  addOptions(command, trainingFlags);
  command
    .option('--out <folder>', 'run folder (default: the first free one of runs/DATA-MODEL, runs/DATA-MODEL-2, ...)')
    .option('--overwrite', 'replace the run that --out holds');
  addCommonOptions(command);
  addExamples(
    command,
    'train mnist --model mlp --epochs 20 --seed 1',
    'train mnist --model conv --latent 2 --out runs/plane --json',
    'train sprites --model beta-vae --network conv --hidden 32,32,64,64 --latent 10',
    'train --config train.yaml --learning-rate 3e-4',
  );
}

/** A data set's name as part of a folder's name. */
function slug(name: string): string {
  // train-images-idx3-ubyte.gz is `train-images`.
  const stem = basename(name)
    .replace(/\.(gz|csv|tsv|ndjson|jsonl|parquet|npy|npz|safetensors)$/g, '')
    .replace(/[.-](idx\d*(-ubyte)?|ubyte)$/, '');
  return stem.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '') || 'data';
}
