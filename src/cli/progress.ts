// How training is told while it goes on: a bar on a terminal, plain lines otherwise, nothing with --quiet.

import type { StepEvent } from '../train/index.ts';
import type { Io } from './io.ts';
import { progressBar } from './progress-bar.ts';
import { diagnosisText, epochText, type Progress, rollbackText, stepText } from './progress-text.ts';

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
