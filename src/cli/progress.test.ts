import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { DoctorNote, EpochRecord } from '../artifact/index.ts';
import type { StepEvent } from '../train/index.ts';
import { bytes, columns, duration } from './format.ts';
import type { Io, Output } from './io.ts';
import { progressFor, progressLines } from './progress.ts';

/** A terminal of which nothing is read. */
const ioOf = (output: Output): Io => ({
  stdin: new PassThrough(),
  stdout: output,
  stderr: output,
  env: {},
  onInterrupt: () => () => undefined,
});

const step = (stepInEpoch: number): StepEvent => ({
  step: 100 + stepInEpoch,
  epoch: 2,
  epochs: 4,
  stepInEpoch,
  stepsPerEpoch: 100,
  loss: 120.5,
  reconstruction: 100,
  kl: 20.5,
  imagesPerSecond: 12345.6,
  secondsLeft: 75,
});

const record: EpochRecord = {
  epoch: 2,
  step: 200,
  train: { loss: 119, reconstruction: 99, kl: 20 },
  validation: { negElbo: 118.25, reconstruction: 98, kl: 20.25, rows: 50 },
  best: true,
  learningRate: 1e-3,
  klWeight: 1,
  seconds: 1,
  imagesPerSecond: 12000,
};

const note: DoctorNote = {
  diagnosis: 'posteriorCollapse',
  title: 'posterior collapse',
  status: 'found',
  severity: 'warning',
  epoch: 2,
  seen: '0 of 8 units are active',
  evidence: { activeUnits: 0 },
  why: 'the posterior gives up first',
  mends: ['--kl-warmup-epochs 2', '--free-bits 0.1'],
};

const rollback = { step: 107, loss: Number.NaN, epoch: 2, learningRateScale: 0.5, attempt: 1, attempts: 4 };

function stream(isTTY: boolean): { output: Output; text: () => string } {
  const output = Object.assign(new PassThrough(), { isTTY, columns: 200 });
  let text = '';
  output.on('data', chunk => {
    text += chunk;
  });
  return { output, text: () => text };
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

it('writes a line an epoch, and one every ten seconds within it', async () => {
  const { output, text } = stream(false);
  let now = 0;
  const lines = progressLines(output, () => now);
  for (let i = 1; i <= 25; i++) {
    now += 1000;
    lines.step(step(i));
  }
  lines.epoch(record);
  lines.epoch({ ...record, best: false });
  lines.diagnosis(note);
  lines.diagnosis({ ...note, status: 'resolved', seen: '6 of 8 units are active' });
  lines.rollback(rollback);
  await turn();
  expect(text()).toBe(
    `epoch 2/4  step 10/100  loss 120.50  reconstruction 100.00  KL 20.50  12,346 images/s  1 min 15 s left
epoch 2/4  step 20/100  loss 120.50  reconstruction 100.00  KL 20.50  12,346 images/s  1 min 15 s left
epoch 2/4  loss 119.00  reconstruction 99.00  KL 20.00  validation 118.25 (best)  12,000 images/s  1 min 15 s left
epoch 2/4  loss 119.00  reconstruction 99.00  KL 20.00  validation 118.25         12,000 images/s  1 min 15 s left
  Posterior collapse: 0 of 8 units are active.
  The posterior gives up first.
  To mend it: --kl-warmup-epochs 2, or --free-bits 0.1.
  Posterior collapse is over: 6 of 8 units are active.
step 107: the loss is NaN. Back to the start of epoch 2, with 0.5 times the learning rate (attempt 1 of 4)
`,
  );
});

it('draws a bar on a terminal, and takes it away before each line', async () => {
  const { output, text } = stream(true);
  const bar = await progressFor(ioOf(output), {});
  bar.step(step(40));
  await turn();
  expect(text()).toMatch(/epoch 2\/4 █+░+ 40\/100 {2}1 min 15 s left {2}12,346 images\/s {2}loss 120\.50 .* KL 20\.50/);
  const before = text().length;
  bar.epoch(record);
  bar.close();
  await turn();
  const after = text().slice(before);
  // The line is cleared (CSI K) before it is written over.
  expect(after).toMatch(/\[\d?K[^\n]*epoch 2\/4 {2}loss 119\.00 .*\(best\).*\n$/s);
});

it('says nothing with --quiet', async () => {
  const { output, text } = stream(true);
  const io = ioOf(output);
  const silent = await progressFor(io, { quiet: true });
  silent.step(step(1));
  silent.epoch(record);
  silent.diagnosis(note);
  silent.rollback(rollback);
  silent.note('something');
  silent.close();
  await turn();
  expect(text()).toBe('');
});

it('formats numbers for people', () => {
  expect([0.4, 59.6, 61, 3599, 3600, 7500, Number.NaN].map(duration)).toEqual([
    '0 s',
    '1 min 0 s',
    '1 min 1 s',
    '59 min 59 s',
    '1 h 0 min',
    '2 h 5 min',
    '?',
  ]);
  expect([0, 999, 1000, 1_740_000].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.7 MB']);
  expect(
    columns([
      ['a', 'bc'],
      ['def', 'g'],
    ]),
  ).toBe('a    bc\ndef  g\n');
});
