// Corruption outside training: rows as a model of noisy data sees them, to try it out and to measure it.

import { graph, noisesOf } from '../graph/index.ts';
import { createKernels } from '../kernels/index.ts';
import { RootScope } from '../nn/index.ts';
import {
  float32,
  type HostTensor,
  type NoisePosition,
  noiseBuffers,
  noiseBytes,
  type RowTensor,
  type Runtime,
} from '../runtime/index.ts';
import { type Corruption, corrupted } from './corruption.ts';
import { channelsLast, dataInput, toNetwork } from './data-scale.ts';
import type { InputSpec } from './spec.ts';
import { rowRange } from './trained.ts';

const batchRows = 500;

/** Whose noise, on what. */
interface CorruptOptions extends Omit<NoisePosition, 'step'> {
  /** What the rows are. */
  readonly input: InputSpec;
  /** Whether bytes stay between black and white, as they must where they are to be bytes again. Default true. */
  readonly clip?: boolean;
  readonly runtime: Runtime;
}

/**
 * Rows of data, corrupted: on the scale of [0, 1], [n, ...shape], with what belongs to them. It is the same graph that
 * training has; the noise is keyed by the seed and each row's place.
 */
export async function corruptRows(
  rows: RowTensor,
  corruption: Corruption,
  { input, clip = true, runtime, seed, firstRow = 0 }: CorruptOptions,
): Promise<RowTensor<'float32'>> {
  const scope = new RootScope({ training: true });
  const held: InputSpec = clip ? input : { ...input, dtype: 'float32' };
  const whole = graph({ y: channelsLast(corrupted(toNetwork(dataInput(input), input), corruption, held, scope)) });
  const leaves = noisesOf(whole);
  const program = await runtime.compile(whole);
  const [count = 0] = rows.shape;
  const y: HostTensor<'float32'> = float32(new Float32Array(rows.data.length), rows.shape);
  for (let start = 0; start < count; start += batchRows) {
    const end = Math.min(count, start + batchRows);
    const noise = noiseBuffers(createKernels(noiseBytes(leaves, end - start)), leaves, end - start);
    noise.fill({ seed, step: 0, firstRow: firstRow + start }, 'corrupt/');
    await program.run({ x: rowRange(rows, start, end), ...noise.feeds }, { y: rowRange(y, start, end) });
  }
  await program.dispose();
  return { ...rows, ...y };
}
