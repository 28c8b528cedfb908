// golden.json: inputs and the outputs that the engine gave for them, and the hash of every other file. `verify` replays
// the one on the exported models and checks the other, so a run can be trusted after it was moved, or before it is used.

import { z } from 'zod';
import { LatentkitError } from '../errors.ts';
import type { Graph } from '../graph/index.ts';
import { conditionFeeds, type TrainedVae } from '../models/index.ts';
import {
  float32,
  type HostTensor,
  type HostTensors,
  int32,
  type Program,
  type RowTensor,
  type Runtime,
} from '../runtime/index.ts';
import { parseSpec } from '../schema.ts';
import { sha256Hex } from '../sha256.ts';
import type { Folder } from './folder.ts';
import { parseJson } from './json.ts';
import { ledgerPath } from './ledger.ts';
import { type ExportedName, onnxPath } from './onnx.ts';

const path = 'golden.json';
const dtypes = ['float32', 'int32', 'uint8'] as const;

interface PlainTensor {
  readonly dtype: (typeof dtypes)[number];
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Golden {
  readonly files: Readonly<Record<string, string>>;
  readonly cases: readonly {
    readonly model: ExportedName;
    readonly inputs: Readonly<Record<string, PlainTensor>>;
    readonly outputs: Readonly<Record<string, PlainTensor>>;
  }[];
}

// JSON has no NaN, which stands for what is missing in a table: JSON.stringify makes it null.
const number = z
  .number()
  .nullable()
  .transform(value => value ?? Number.NaN);
const tensor = z.object({ dtype: z.enum(dtypes), shape: z.array(z.int()), data: z.array(number) });
const goldenSchema: z.ZodType<Golden> = z.object({
  files: z.record(z.string(), z.string()),
  cases: z.array(
    z.object({
      model: z.enum(['encoder', 'decoder', 'score']),
      inputs: z.record(z.string(), tensor),
      outputs: z.record(z.string(), tensor),
    }),
  ),
});

/** Writes golden.json for a few rows of data; to be written last, since it hashes what is there. */
export async function writeGolden(folder: Folder, vae: TrainedVae, rows: RowTensor): Promise<void> {
  const { model } = vae;
  const encoded = await vae.run('encoder', rows);
  const codes = encoded.mean!;
  const told = (graph: Graph, of: RowTensor): Record<string, PlainTensor> => plainAll(conditionFeeds(model, graph, of));
  const cases: Golden['cases'] = [
    { model: 'encoder', inputs: { x: plain(rows), ...told(model.encoderGraph(), rows) }, outputs: plainAll(encoded) },
    {
      model: 'decoder',
      inputs: { z: plain(codes), ...told(model.decoderGraph(), codes) },
      outputs: plainAll(await vae.run('decoder', codes)),
    },
    {
      model: 'score',
      inputs: { x: plain(rows), ...told(model.scoreGraph(), rows) },
      outputs: plainAll(await vae.run('score', rows)),
    },
  ];
  const files: Record<string, string> = {};
  for (const file of await folder.list()) {
    if (isHashed(file)) files[file] = sha256Hex(await folder.read(file));
  }
  await folder.write(path, `${JSON.stringify({ files, cases } satisfies Golden)}\n`);
}

/**
 * The checkpoint changes when a run is resumed, the ledger when it is evaluated, and samplers are fitted when they are first
 * drawn from; golden.json cannot hold its own hash.
 */
function isHashed(file: string): boolean {
  return file !== path && file !== ledgerPath && !/^(checkpoint|samplers)\//.test(file);
}

/** What `verify` found. */
export interface Verification {
  readonly ok: boolean;
  /** Files that are missing, or whose contents are not what was written. */
  readonly files: {
    readonly checked: number;
    readonly missing: readonly string[];
    readonly changed: readonly string[];
  };
  /** Each exported model with the largest relative difference from the golden outputs. */
  readonly models: readonly { readonly model: ExportedName; readonly difference: number; readonly ok: boolean }[];
}

/** Outputs may differ by so much, relative to the largest magnitude of the output, or to 1 where that is less. */
const tolerance = 1e-5;

/**
 * Checks every file's hash and replays the golden vectors on the exported models.
 * @throws LatentkitError `artifact` where the run has no golden.json or it is damaged.
 */
export async function verifyRun(folder: Folder, runtime: Runtime): Promise<Verification> {
  const where = folder.describe(path);
  if (!(await folder.has(path))) {
    throw new LatentkitError(
      'artifact',
      `${where}: expected the golden vectors of a finished run, got no such file. Finish the run with \`latentkit resume\`.`,
    );
  }
  const { files, cases } = parseSpec(goldenSchema, parseJson(await folder.read(path), where), where);
  const missing: string[] = [];
  const changed: string[] = [];
  for (const [file, hash] of Object.entries(files)) {
    if (!(await folder.has(file))) missing.push(file);
    else if (sha256Hex(await folder.read(file)) !== hash) changed.push(file);
  }
  const models: Verification['models'][number][] = [];
  for (const { model, inputs, outputs } of cases) {
    const difference = missing.includes(onnxPath(model))
      ? Number.POSITIVE_INFINITY
      : await replay(folder, runtime, model, inputs, outputs);
    models.push({ model, difference, ok: difference <= tolerance });
  }
  const ok = missing.length === 0 && changed.length === 0 && models.every(model => model.ok);
  return { ok, files: { checked: Object.keys(files).length, missing, changed }, models };
}

async function replay(
  folder: Folder,
  runtime: Runtime,
  model: ExportedName,
  inputs: Readonly<Record<string, PlainTensor>>,
  outputs: Readonly<Record<string, PlainTensor>>,
): Promise<number> {
  let program: Program | undefined;
  try {
    program = await runtime.load(await folder.read(onnxPath(model)));
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, host(value)]));
    const results = await program.run(feeds);
    return Math.max(...Object.entries(outputs).map(([name, { data }]) => difference(results[name]?.data, data)));
  } catch {
    // A file that is no model, or another one, differs as much as can be.
    return Number.POSITIVE_INFINITY;
  } finally {
    await program?.dispose();
  }
}

/** The largest difference over the largest magnitude expected; a KL of nearly nothing is the difference of numbers of about 1. */
function difference(got: ArrayLike<number> | undefined, expected: readonly number[]): number {
  if (got?.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [error, magnitude] = [0, 1];
  for (let i = 0; i < expected.length; i++) {
    error = Math.max(error, Math.abs(got[i]! - expected[i]!));
    magnitude = Math.max(magnitude, Math.abs(expected[i]!));
    if (Number.isNaN(got[i])) return Number.POSITIVE_INFINITY;
  }
  return error / magnitude;
}

function plain({ dtype, shape, data }: HostTensor): PlainTensor {
  if (dtype === 'bool') throw new LatentkitError('internal', `golden vectors of ${dtype}`);
  return { dtype, shape, data: Array.from(data) };
}

function plainAll(rows: HostTensors): Record<string, PlainTensor> {
  return Object.fromEntries(Object.entries(rows).map(([name, value]) => [name, plain(value)]));
}

function host({ dtype, shape, data }: PlainTensor): HostTensor {
  if (dtype === 'uint8') return { dtype, shape, data: Uint8Array.from(data) };
  return dtype === 'int32' ? int32(Int32Array.from(data), shape) : float32(Float32Array.from(data), shape);
}
