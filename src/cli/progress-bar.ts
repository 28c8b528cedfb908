// The bar of a training run on a terminal: the epoch under way, its loss, speed, and the time left of the whole run.

import type { SingleBar } from 'cli-progress';
import type { StepEvent } from '../train/index.ts';
import { count, duration, nats } from './format.ts';
import { epochText, type Progress, rollbackText } from './progress.ts';

const format =
  'epoch {epoch} {bar} {value}/{total}  loss {loss}  reconstruction {reconstruction}  KL {kl}  {rate} images/s  {left} left';

/** A bar that is drawn anew each epoch, with a line above it for each finished one. */
export async function progressBar(stream: NodeJS.WritableStream): Promise<Progress> {
  const cliProgress = await import('cli-progress');
  const { SingleBar, Presets } = cliProgress.default;
  const options = { format, stream, clearOnComplete: true, hideCursor: true, barsize: 20, linewrap: false, fps: 8 };
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
    epoch: record => line(epochText(record, latest)),
    rollback: event => line(rollbackText(event)),
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
