// What is said of training while it goes on, in lines.

import { type DoctorNote, type EpochRecord, noteSentences } from '../artifact/index.ts';
import type { RollbackEvent, StepEvent } from '../train/index.ts';
import { count, duration, nats } from './format.ts';

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

/** Where an epoch stands. */
export function stepText(event: StepEvent): string {
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
