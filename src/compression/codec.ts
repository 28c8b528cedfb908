// Rows to a file and back. What comes back is what went in, or an error: the file tells of which model and which arithmetic
// it is, the stack must end as it began, and the rows must have the hash that they had.

import { type Dataset, hostRows } from '../data/index.ts';
import { LatentkitError } from '../errors.ts';
import type { TrainedVae } from '../models/index.ts';
import type { RowTensor } from '../runtime/index.ts';
import { createSha256 } from '../sha256.ts';
import { Stack } from './ans.ts';
import { arithmeticHash, modelHash } from './arithmetic.ts';
import { BitsBack, batchesOf } from './bits-back.ts';
import { readFile, writeFile } from './file.ts';

/** How a long computation is followed, and ended. */
export interface CodingOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told the share that is done, from 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Rows out of a file. */
export interface Decoded {
  readonly rows: RowTensor<'uint8'>;
  /** What the rows are called, where they had names. */
  readonly names?: readonly string[] | undefined;
}

/** How rows are encoded. */
export interface EncodingOptions extends CodingOptions {
  /** What the rows are called. */
  readonly names?: readonly string[] | undefined;
  /** Decode the file once before it is given. Networks promise no one that they repeat themselves. Default true. */
  readonly verify?: boolean | undefined;
}

/**
 * Compresses rows of bytes, without loss, with a VAE whose codes are N(0, 1) a priori and normal given the data, and whose
 * likelihood is one of levels: as many bits as the bound says, and those of one code.
 *
 * @throws LatentkitError `spec` where the model is another, `data` where the rows are not what its likelihood explains.
 */
export async function encodeRows(
  vae: TrainedVae,
  data: Dataset,
  { names, verify = true, signal, progress }: EncodingOptions = {},
): Promise<Uint8Array> {
  const coder = new BitsBack(vae);
  checkShape(vae, data);
  const stack = new Stack();
  const content = createSha256();
  const encoding = verify ? 0.5 : 1;
  for (const { start, end } of batchesOf(data.size)) {
    signal?.throwIfAborted();
    const rows = (await hostRows(data, start, end)) as RowTensor<'uint8'>;
    content.update(rows.data);
    await coder.push(stack, rows, start);
    progress?.((encoding * end) / data.size);
  }
  const header = {
    rows: data.size,
    shape: data.shape,
    ...(names && { names }),
    model: modelHash(vae),
    arithmetic: await arithmeticHash(vae),
    content: content.hex(),
    drawn: stack.drawn,
  };
  const file = writeFile(header, stack.words());
  if (verify) await decodeRows(vae, file, { signal, progress: share => progress?.(0.5 + 0.5 * share) });
  return file;
}

/**
 * Decodes a file.
 * @throws LatentkitError `data` where the file is damaged or of another model, `runtime` where the model computes other
 * numbers here than where it was compressed.
 */
export async function decodeRows(
  vae: TrainedVae,
  file: Uint8Array,
  { signal, progress }: CodingOptions = {},
): Promise<Decoded> {
  const coder = new BitsBack(vae);
  const { header, words } = readFile(file);
  const { shape, names } = header;
  if (header.model !== modelHash(vae)) {
    throw new LatentkitError(
      'data',
      `the file was compressed with another model (SHA-256 ${header.model.slice(0, 12)}…, this one has ` +
        `${modelHash(vae).slice(0, 12)}…). Name the run that it was compressed with.`,
    );
  }
  if (header.arithmetic !== (await arithmeticHash(vae))) throw otherArithmetic(vae);
  const width = shape.reduce((a, b) => a * b, 1);
  const data = new Uint8Array(header.rows * width);
  const stack = new Stack(words);
  for (const { start, end } of batchesOf(header.rows).toReversed()) {
    signal?.throwIfAborted();
    data.set((await coder.pop(stack, end - start)).data, start * width);
    progress?.(1 - start / header.rows);
  }
  const content = createSha256();
  content.update(data);
  // The probe may have missed a difference; then nothing is handed out either.
  if (!stack.isAsAtFirst(header.drawn) || content.hex() !== header.content) throw otherArithmetic(vae);
  return { rows: { dtype: 'uint8', shape: [header.rows, ...shape], data }, ...(names && { names }) };
}

function checkShape({ model: { spec } }: TrainedVae, { name, shape, dtype }: Dataset): void {
  const { input } = spec;
  if (shape.join() === input.shape.join() && dtype === 'uint8') return;
  throw new LatentkitError(
    'data',
    `${name}: the model takes rows of uint8 [${input.shape.join(', ')}], got ${dtype} [${shape.join(', ')}]. Nothing is ` +
      'resized, as nothing may be lost: use a model that was trained on data of this shape.',
  );
}

function otherArithmetic({ runtime }: TrainedVae): LatentkitError {
  return new LatentkitError(
    'runtime',
    `the file was compressed where the model computes other numbers than it does here, on the device "${runtime.device}". ` +
      'Decode it on a machine, a device and a version of ONNX Runtime like those that it was compressed on.',
  );
}
