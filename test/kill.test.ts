// The built command, killed with SIGKILL at random moments and resumed each time: never a file that cannot be read, and at
// the end the same bits as a run that was never stopped.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeSafetensors, nodeFolder, readCheckpoint, readMetrics, readRunConfig } from '../src/artifact/index.ts';
import { wordsOf } from '../src/random/index.ts';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const kills = 25;
let directory: string;
let images: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latentkit-kill-'));
  images = join(directory, 'bars-idx3-ubyte');
  await writeFile(images, bars(1500));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test(`killed at ${kills} random moments and resumed, a run comes to the same bits`, { timeout: 300_000 }, async () => {
  const random = wordsOf({ seed: 9, stream: 0, step: 0 });
  let killed = 0;
  for (let seed = 1; killed < kills; seed++) {
    const whole = join(directory, `whole-${seed}`);
    const pieces = join(directory, `pieces-${seed}`);
    expect(await run(train(whole, seed))).toBe(0);
    for (let code: number | null = null; code !== 0; ) {
      const started = existsSync(join(pieces, 'config.json'));
      const delay = killed < kills ? 150 + (random() % 1200) : undefined;
      code = await run(started ? ['resume', pieces, '--quiet'] : train(pieces, seed), delay);
      expect([0, null]).toContain(code);
      if (code === null) killed += 1;
      await checkReadable(pieces);
    }
    expect(await readFile(join(pieces, 'model.safetensors'))).toEqual(await readFile(join(whole, 'model.safetensors')));
    expect(await run(['verify', pieces, '--quiet'])).toBe(0);
  }
});

function train(out: string, seed: number): string[] {
  const size = ['--latent', '8', '--hidden', '64', '--batch-size', '25', '--epochs', '40', '--seed', String(seed)];
  return ['train', images, ...size, '--ema', '0.99', '--checkpoint-seconds', '0.05', '--out', out, '--quiet'];
}

/** Runs the command; gives its exit code, or null where it was killed after `delay` milliseconds. */
function run(args: readonly string[], delay?: number): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), delay);
    child.on('error', reject);
    child.on('exit', code => {
      clearTimeout(timer);
      resolve(code);
    });
  });
}

/** Whatever a killed run left can be read. */
async function checkReadable(path: string): Promise<void> {
  if (!existsSync(join(path, 'config.json'))) return;
  const folder = await nodeFolder(path);
  await readRunConfig(folder);
  await readMetrics(folder);
  await readCheckpoint(folder);
  if (await folder.has('model.safetensors')) decodeSafetensors(await folder.read('model.safetensors'), 'model');
}

/** An IDX file of 8×8 images, each with a bright column. */
function bars(rows: number): Uint8Array {
  const header = [0, 0, 8, 3, 0, 0, rows >> 8, rows & 255, 0, 0, 0, 8, 0, 0, 0, 8];
  const pixels = Array.from({ length: rows * 64 }, (_, i) => (i % 8 === (i >> 6) % 8 ? 200 + ((i >> 9) % 50) : 0));
  return Uint8Array.from([...header, ...pixels]);
}
