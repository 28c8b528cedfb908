// What a training run came to, for people and for scripts.

import type { Run } from '../train/index.ts';
import type { Answer } from './command.ts';
import { count, duration, nats } from './format.ts';

/**
 * A run's answer.
 * @param path the run's folder as the user named it
 * @param seconds since the command was started
 */
export function trainingAnswer(run: Run, path: string, seconds: number): Answer {
  const best = run.records.findLast(record => record.best);
  const peakMemoryMB = Math.round(process.resourceUsage().maxRSS / 1000);
  const json = {
    status: run.status,
    run: path,
    testNegElbo: run.test?.negElbo ?? null,
    testReconstruction: run.test?.reconstruction ?? null,
    testKl: run.test?.kl ?? null,
    validationNegElbo: best?.validation.negElbo ?? null,
    bestEpoch: best?.epoch ?? null,
    epochs: run.records.length,
    imagesPerSecond: Math.round(run.imagesPerSecond),
    peakMemoryMB,
    seed: run.config.training.seed,
    seconds: Math.round(seconds * 100) / 100,
  };
  return { json, text: run.status === 'finished' ? finishedText(run, path, seconds, peakMemoryMB) : '' };
}

function finishedText(run: Run, path: string, seconds: number, peakMemoryMB: number): string {
  const { test, records, config } = run;
  const { model } = config;
  const best = records.findLast(record => record.best);
  const isTable = model.input.columns !== undefined;
  const grey = model.binarization === 'none' ? 'grey values' : `${model.binarization} binarisation`;
  const lines = [
    `${records.length} ${records.length === 1 ? 'epoch' : 'epochs'} in ${duration(seconds)}, ${count(run.imagesPerSecond)} images/s, peak memory ${peakMemoryMB} MB`,
  ];
  if (test !== undefined) {
    lines.push(
      `test        negative ELBO ${nats(test.negElbo)} nats = reconstruction ${nats(test.reconstruction)} + KL ${nats(test.kl)}`,
      `            a bound, one draw for each of ${count(test.rows)} rows; ${model.likelihood.type} likelihood${isTable ? '' : `, ${grey}`}`,
    );
  }
  if (best !== undefined) {
    lines.push(`validation  negative ELBO ${nats(best.validation.negElbo)} nats; kept: epoch ${best.epoch}`);
  }
  return [
    ...lines,
    '',
    `${path}/images  learning curves, and pictures of the data: originals and reconstructions, samples`,
    `${path}/onnx    encoder, decoder and score, for any ONNX Runtime`,
    '',
    `Next: latentkit generate ${path}${isTable ? ' --out rows.csv' : ' --preview'}`,
    `      latentkit evaluate ${path} --samples 10`,
    `      latentkit inspect ${path}`,
  ].join('\n');
}
