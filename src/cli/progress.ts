// How training is told while it goes on: a bar on a terminal, plain lines otherwise, nothing with --quiet.

import { type DoctorNote, type EpochRecord, noteSentences } from '../artifact/index.ts';
import type { RollbackEvent, StepEvent } from '../train/index.ts';
import { count, duration, nats } from './format.ts';
import type { Io } from './io.ts';
import { progressBar } from './progress-bar.ts';

/** A view of a training run. */
export interface Progress {
  step(event: StepEvent): void;
  epoch(record: EpochRecord): void;
  diagnosis(note: DoctorNote): void;
  rollback(event: RollbackEvent): void;
  /** A line of its own. */
  note(text: string): void;
  /** Takes the bar away. */
  close(): void;
}

/** The view that suits the stream. */
export async function progressFor(io: Io, { quiet = false }: { quiet?: boolean | undefined }): Promise<Progress> {
  if (quiet) return silent;
  return io.stderr.isTTY ? progressBar(io) : progressLines(io.stderr);
}

const silent: Progress = {
  step: () => undefined,
  epoch: () => undefined,
  diagnosis: () => undefined,
  rollback: () => undefined,
  note: () => undefined,
  close: () => undefined,
};

const secondsBetweenLines = 10;

/** A line an epoch, and one every ten seconds within an epoch. */
export function progressLines(stream: NodeJS.WritableStream, now: () => number = () => performance.now()): Progress {
  let last = now();
  let latest: StepEvent | undefined;
  const line = (text: string): void => {
    last = now();
    stream.write(`${text}\n`);
  };
  return {
    step(event) {
      latest = event;
      if (now() - last >= 1000 * secondsBetweenLines) line(stepText(event));
    },
    epoch: record => line(epochText(record, latest)),
    diagnosis: note => line(diagnosisText(note)),
    rollback: event => line(rollbackText(event)),
    note: line,
    close: () => undefined,
  };
}

function stepText(event: StepEvent): string {
  const { epoch, epochs, stepInEpoch, stepsPerEpoch, loss, reconstruction, kl, imagesPerSecond, secondsLeft } = event;
  const terms = `loss ${nats(loss)}  reconstruction ${nats(reconstruction)}  KL ${nats(kl)}`;
  const pace = `${count(imagesPerSecond)} images/s  ${duration(secondsLeft)} left`;
  return `epoch ${epoch}/${epochs}  step ${stepInEpoch}/${stepsPerEpoch}  ${terms}  ${pace}`;
}

/** One finished epoch in a line: means over training, then the true bound on the validation rows. */
export function epochText(record: EpochRecord, latest: StepEvent | undefined): string {
  const { epoch, train, validation, best, imagesPerSecond } = record;
  const terms = `loss ${nats(train.loss)}  reconstruction ${nats(train.reconstruction)}  KL ${nats(train.kl)}`;
  const bound = `validation ${nats(validation.negElbo)}${best ? ' (best)' : '       '}`;
  const left = latest === undefined || latest.epochs === epoch ? '' : `  ${duration(latest.secondsLeft)} left`;
  const name = `epoch ${epoch}${latest === undefined ? '' : `/${latest.epochs}`}`;
  return `${name}  ${terms}  ${bound}  ${count(imagesPerSecond)} images/s${left}`;
}

/** What the doctor says, a line for each sentence. */
export function diagnosisText(note: DoctorNote): string {
  return noteSentences(note)
    .map(sentence => `  ${sentence}`)
    .join('\n');
}

/** What a return to the last good state is called. */
export function rollbackText(event: RollbackEvent): string {
  const { step, loss, epoch, learningRateScale, attempt, attempts } = event;
  return (
    `step ${step}: the loss is ${loss}. Back to the start of epoch ${epoch}, with ${learningRateScale} times the ` +
    `learning rate (attempt ${attempt} of ${attempts})`
  );
}
