// A training run under the eyes of a person: told while it goes on, and stopped in good order by Ctrl-C.

import type { Run, SessionOptions } from '../train/index.ts';
import type { CommonOptions } from './command.ts';
import { type Io, interruptedExitCode } from './io.ts';
import { progressFor } from './progress.ts';
import type { Progress } from './progress-text.ts';

/** Runs training with progress and interrupt; the exit code says whether it came to its end. */
export async function watched(
  io: Io,
  { quiet, path }: CommonOptions & { readonly path: string },
  train: (session: SessionOptions, progress: Progress) => Promise<Run>,
): Promise<{ readonly result: Run; readonly exitCode: number }> {
  const progress = await progressFor(io, { quiet });
  const controller = new AbortController();
  const stopListening = io.onInterrupt(() => {
    controller.abort();
    progress.note('Finishing the step and writing a checkpoint; press Ctrl-C again to stop at once.');
  });
  try {
    const result = await train(
      {
        signal: controller.signal,
        onStep: event => progress.step(event),
        onEpoch: record => progress.epoch(record),
        onDiagnosis: note => progress.diagnosis(note),
        onRollback: event => progress.rollback(event),
      },
      progress,
    );
    const interrupted = result.status === 'interrupted';
    if (interrupted) progress.note(`Stopped. Go on with: latentkit resume ${path}`);
    return { result, exitCode: interrupted ? interruptedExitCode : 0 };
  } finally {
    progress.close();
    stopListening();
  }
}
