// `npm run bench -- denoise-audio`: noise taken out of speech. A denoiser is trained on some speakers and tried on another, beside
// spectral subtraction and the Wiener filter, each at the setting that is best on the speakers of training in the very
// noise. The data are spoken digits, one a file, named DIGIT_SPEAKER_TAKE.wav (the Free Spoken Digit Dataset).
//
// A test signal is five digits of one speaker with pauses of a quarter second, after half a second of noise alone. The noise is
// white, or babble of 3 to 8 voices: takes 0 to 4 of the speakers of training, which nothing was trained on. Its level is
// relative to the power of the speech where there is speech. Figures are improvements of the scale-invariant SDR.

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRun, nodeFolder } from '../dist/artifact/index.js';
import { decodeWav, drawsOf, makeNoise, mix, mono, siSdr } from '../dist/audio/index.js';
import { loadData } from '../dist/data/index.js';
import { presets } from '../dist/models/index.js';
import { nodeRuntime } from '../dist/runtime/index.js';
import { denoiseAudio, load } from '../dist/tasks/index.js';
import { fit } from '../dist/train/index.js';
import { count, readOptions } from './options.mjs';
import { baselines, prepare, restore } from './speech-baselines.mjs';
import { printTable } from './table.mjs';

const usage = `Usage: npm run bench -- denoise-audio --data FOLDER [options]

  --data FOLDER    WAV files DIGIT_SPEAKER_TAKE.wav, or .tar.gz archives of such
  --speaker NAME   who is held out (default: the last by name)
  --signals N      test signals in each noise at each level (default 40)
  --minutes N      of mixtures to train on (default 30)
  --epochs N       default 6
  --run FOLDER     where to keep the run, or a run that was trained so
  --json FILE      write the figures`;

const options = readOptions(
  usage,
  {
    data: { type: 'string' },
    speaker: { type: 'string' },
    signals: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '30' },
    epochs: { type: 'string', default: '6' },
    run: { type: 'string' },
    json: { type: 'string' },
  },
  values => {
    if (values.data === undefined) throw new Error('--data: expected the folder with the recordings');
    const [signals, minutes, epochs] = ['signals', 'minutes', 'epochs'].map(flag => count(values, flag));
    return { ...values, signals, minutes, epochs };
  },
);

const rate = 8000;
const framing = { rate, frame: 256, hop: 64 };
const lead = 0.5;
const scratch = mkdtempSync(join(tmpdir(), 'latentkit-speech-'));
try {
  const takes = readTakes(options.data);
  const speakers = [...new Set(takes.map(({ speaker }) => speaker))].sort();
  const heldOut = options.speaker ?? speakers.at(-1);
  const known = speakers.filter(speaker => speaker !== heldOut);
  const run = await trainedRun(takes.filter(({ speaker, take }) => speaker !== heldOut && take >= 5));
  await compare(takes, heldOut, known, run);
} finally {
  rmSync(scratch, { recursive: true });
}

/** All recordings of a folder, those in archives too. */
function readTakes(folder) {
  const archives = readdirSync(folder).filter(name => name.endsWith('.tar.gz'));
  const source = archives.length > 0 ? join(scratch, 'unpacked') : folder;
  if (archives.length > 0) mkdirSync(source);
  for (const name of archives) execFileSync('tar', ['xzf', join(folder, name), '-C', source]);
  return readdirSync(source, { recursive: true })
    .map(name => ({ name, match: /(\d)_([a-z]+)_(\d+)\.wav$/.exec(name) }))
    .filter(({ match }) => match)
    .map(({ name, match: [, digit, speaker, take] }) => {
      const path = join(source, name);
      return { path, digit, speaker, take: Number(take), samples: mono(decodeWav(readFileSync(path), path)) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function trainedRun(takes) {
  const runtime = await nodeRuntime({ threads: 1 });
  const where = options.run ?? join(scratch, 'run');
  mkdirSync(where, { recursive: true });
  if (!(await isRun(await nodeFolder(where)))) {
    const folder = join(scratch, 'clean');
    mkdirSync(folder);
    for (const { path, digit, speaker, take } of takes)
      copyFileSync(path, join(folder, `${digit}_${speaker}_${take}.wav`));
    const data = await loadData({ type: 'noisyAudio', path: folder, rate, minutes: options.minutes });
    const spec = presets.cvae.build({
      input: { shape: data.train.shape, dtype: 'uint8' },
      latent: 16,
      hidden: [256, 512],
      prior: 'conditionalNormal',
      klWeight: 10,
      condition: { type: 'attributes', width: data.train.attributes.names.length, hidden: 128 },
    });
    const start = performance.now();
    const schedule = { type: 'cosine' };
    await fit(spec, data, { folder: where, epochs: options.epochs, schedule, runtime });
    console.log(`trained on ${takes.length} recordings in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  }
  return load(where, { runtime });
}

/** Signals of one speaker in one noise at one level. */
function makeSignals(takes, { speaker, type, snr, voices, number, seed }) {
  const own = takes.filter(take => take.speaker === speaker);
  return Array.from({ length: number }, (_, step) => {
    const draws = drawsOf({ seed, stream: 0, step });
    const digits = Array.from({ length: 5 }, () => own[draws.below(own.length)].samples);
    const pause = Math.round(0.25 * rate);
    const length = lead * rate + digits.reduce((sum, samples) => sum + samples.length + pause, 0);
    const clean = new Float32Array(length);
    let [at, energy, sounding] = [lead * rate, 0, 0];
    for (const samples of digits) {
      clean.set(samples, at);
      at += samples.length + pause;
      sounding += samples.length;
      energy += samples.reduce((sum, value) => sum + value * value, 0);
    }
    const noise = makeNoise(type, { length, rate, draws, voices });
    return { clean, noisy: mix(clean, noise, { snr, power: energy / sounding }) };
  });
}

function mean(values) {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** Of a mean. */
function standardError(values) {
  const middle = mean(values);
  return Math.sqrt(mean(values.map(value => (value - middle) ** 2)) / (values.length - 1));
}

/** Decibels of the SI-SDR that were gained. */
function gain(restored, { clean, noisy }) {
  return siSdr(restored, clean) - siSdr(noisy, clean);
}

/** What a method gains of each signal, at the setting that gains most of the signals for tuning. */
function gainsOfBaseline(method, tuning, signals) {
  const gains = (set, setting) =>
    set.map(({ prepared, ...signal }) => gain(restore(prepared, method, setting), signal));
  const [{ setting }] = baselines[method].settings
    .map(setting => ({ setting, figure: mean(gains(tuning, setting)) }))
    .sort((a, b) => b.figure - a.figure);
  return { setting, gains: gains(signals, setting) };
}

async function compare(takes, heldOut, known, run) {
  const voices = takes.filter(({ speaker, take }) => speaker !== heldOut && take < 5).map(({ samples }) => samples);
  const spent = { sound: 0, wall: 0, processor: 0 };
  const rows = [];
  for (const type of ['white', 'babble']) {
    for (const snr of [0, 5, 10]) {
      const signalsOf = (speaker, number, seed) =>
        makeSignals(takes, { speaker, type, snr, voices, number, seed }).map(signal => ({
          ...signal,
          prepared: prepare(signal.noisy, framing, lead),
        }));
      const signals = signalsOf(heldOut, options.signals, 1);
      const tuning = known.flatMap(speaker => signalsOf(speaker, Math.ceil(options.signals / 6), 2));
      const peers = Object.keys(baselines).map(method => ({ method, ...gainsOfBaseline(method, tuning, signals) }));
      const own = [];
      for (const signal of signals) own.push(gain(await timed(run, signal.noisy, spent), signal));
      const [best] = [...peers].sort((a, b) => mean(b.gains) - mean(a.gains));
      const above = own.map((value, i) => value - best.gains[i]);
      rows.push({
        noise: type,
        snr,
        peers: peers.map(({ method, setting, gains }) => ({ method, setting, gain: mean(gains) })),
        latentkit: mean(own),
        aboveBest: mean(above),
        error: standardError(above),
      });
    }
  }
  const db = value => value.toFixed(2);
  console.log(`\nImprovement of SI-SDR in dB, ${options.signals} signals of ${heldOut}, who was not trained on:\n`);
  printTable([
    ['noise', 'SNR', ...Object.keys(baselines), 'latentkit', 'above the best of these'],
    ...rows.map(({ noise, snr, peers, latentkit, aboveBest, error }) => [
      noise,
      `${snr} dB`,
      ...peers.map(peer => db(peer.gain)),
      db(latentkit),
      `${db(aboveBest)} ± ${db(error)}`,
    ]),
  ]);
  const realTime = { wall: spent.sound / spent.wall, processor: spent.sound / spent.processor };
  console.log(
    `\n${realTime.processor.toFixed(0)} × real time by the processor time of one thread, ${realTime.wall.toFixed(0)} × by the clock`,
  );
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ heldOut, realTime, rows }, null, 2)}\n`);
}

/** Denoises a signal; adds to the seconds of sound, of the clock and of the processor. */
async function timed(run, noisy, spent) {
  const [start, used] = [performance.now(), process.cpuUsage()];
  const { channels } = await denoiseAudio(run, { rate, channels: [noisy] });
  const { user, system } = process.cpuUsage(used);
  spent.sound += noisy.length / rate;
  spent.wall += (performance.now() - start) / 1000;
  spent.processor += (user + system) / 1e6;
  return channels[0];
}
