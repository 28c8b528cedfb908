// For tests of the command line: streams that remember, and small IDX files.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Io } from './io.ts';
import { run } from './run.ts';

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line of standard output, parsed. */
  readonly json: () => Record<string, unknown>;
}

/** How to run a command. */
export interface CallOptions {
  readonly isTTY?: boolean;
  /** Ctrl-C is pressed as soon as standard error holds this. */
  readonly interruptAt?: string;
  /** What standard input gives; nothing unless told. */
  readonly input?: string | NodeJS.ReadableStream;
  /** Told each text that comes on standard output. */
  readonly onOutput?: (text: string) => void;
}

/** Runs one command line in this process. */
export async function latentkit(line: string | readonly string[], options: CallOptions = {}): Promise<Outcome> {
  const args = typeof line === 'string' ? line.split(' ') : line;
  const text = { stdout: '', stderr: '' };
  let interrupt: (() => void) | undefined;
  const stream = (name: 'stdout' | 'stderr'): Io['stdout'] => {
    const sink = new PassThrough();
    sink.on('data', (chunk: Buffer) => {
      text[name] += chunk.toString();
      if (name === 'stdout') options.onOutput?.(chunk.toString());
      if (options.interruptAt !== undefined && text.stderr.includes(options.interruptAt)) {
        interrupt?.();
        interrupt = undefined;
      }
    });
    return Object.assign(sink, { isTTY: options.isTTY ?? false, columns: 100 });
  };
  const { input = '' } = options;
  const io: Io = {
    stdin: typeof input === 'string' ? Readable.from([input]) : input,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: {},
    onInterrupt(handler) {
      interrupt = handler;
      return () => undefined;
    },
  };
  const code = await run(args, io);
  // Streams hand over their data a turn later.
  await new Promise(resolve => setImmediate(resolve));
  return { code, ...text, json: () => JSON.parse(text.stdout.trimEnd().split('\n').at(-1)!) };
}

/** A folder that becomes the working directory; the returned function goes back and removes it. */
export async function scratchDirectory(): Promise<() => Promise<void>> {
  const before = process.cwd();
  const scratch = await mkdtemp(join(tmpdir(), 'latentkit-cli-'));
  process.chdir(scratch);
  return async () => {
    process.chdir(before);
    await rm(scratch, { recursive: true, force: true });
  };
}

/** Writes an IDX file of bytes. */
export async function writeIdx(path: string, shape: readonly number[], data: Uint8Array): Promise<void> {
  const sizes = shape.flatMap(size => [0, 0, size >> 8, size & 255]);
  await writeFile(path, Uint8Array.from([0, 0, 8, shape.length, ...sizes, ...data]));
}

/** Writes 8×8 images, each with a bright row and a bright column, and the rows' numbers as labels. */
export async function writeCrosses(images: string, labels: string, count: number): Promise<void> {
  const data = new Uint8Array(count * 64);
  const classes = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const row = (image * 7) % 8;
    const column = (image * 5 + (image >> 3)) % 8;
    for (let i = 0; i < 8; i++) {
      data[image * 64 + row * 8 + i] = 255;
      data[image * 64 + i * 8 + column] = 200;
    }
    classes[image] = row;
  }
  await writeIdx(images, [count, 8, 8], data);
  await writeIdx(labels, [count], classes);
}
