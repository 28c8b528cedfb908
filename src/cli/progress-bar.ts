// The bar of a training run on a terminal: the epoch under way, its loss, speed, and the time left of the whole run.

import type { SingleBar } from 'cli-progress';
import type { StepEvent } from '../train/index.ts';
import { count, duration, nats } from './format.ts';
import { colorsOf, type Io } from './io.ts';
import { diagnosisText, epochText, type Progress, rollbackText } from './progress-text.ts';

// What matters most comes first, as narrow terminals cut off the end.
const format =
  'epoch {epoch} {bar} {value}/{total}  {left} left  {rate} images/s  loss {loss}  reconstruction {reconstruction}  KL {kl}';

/** A bar that is drawn anew each epoch, with a line above it for each finished one. */
export async function progressBar(io: Io): Promise<Progress> {
  const { green, yellow } = colorsOf(io);
  const stream = io.stderr;
  const cliProgress = await import('cli-progress');
  const { SingleBar, Presets } = cliProgress.default;
  const options = {
    format,
    stream,
    clearOnComplete: true,
    hideCursor: true,
    barsize: (io.stderr.columns ?? 80) < 120 ? 8 : 20,
    linewrap: false,
    fps: 8,
  };
  let bar: SingleBar | undefined;
  let latest: StepEvent | undefined;
  const close = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const line = (text: string): void => {
    close();
    stream.write(`${text}\n`);
  };
  return {
    step(event) {
      latest = event;
      if (bar === undefined) {
        bar = new SingleBar(options, Presets.shades_classic);
        bar.start(event.stepsPerEpoch, event.stepInEpoch, payloadOf(event));
      } else bar.update(event.stepInEpoch, payloadOf(event));
    },
    epoch: record => line(epochText(record, latest).replace('(best)', green('(best)'))),
    diagnosis: note => line(note.severity === 'warning' ? yellow(diagnosisText(note)) : diagnosisText(note)),
    rollback: event => line(yellow(rollbackText(event))),
    note: line,
    close,
  };
}

function payloadOf(event: StepEvent): Record<string, string> {
  const { epoch, epochs, loss, reconstruction, kl, imagesPerSecond, secondsLeft } = event;
  return {
    epoch: `${epoch}/${epochs}`,
    loss: nats(loss),
    reconstruction: nats(reconstruction),
    kl: nats(kl),
    rate: count(imagesPerSecond),
    left: duration(secondsLeft),
  };
}
