// Fills the noise leaves of a graph: one buffer a leaf in the kernels' memory, fed to the runtime as it lies there.

import { LatentkitError } from '../errors.ts';
import { bindShape, isSymbolic, type NoiseAttributes } from '../graph/index.ts';
import { alignedBytes, type Kernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';
import { float32, type HostTensor } from './host.ts';

/** What the draws of one run depend on. */
export interface NoisePosition {
  readonly seed: number;
  readonly step: number;
  /** The place of this run's first row in the global batch; 0 unless told. */
  readonly firstRow?: number;
}

/** Buffers for the noise of one graph at one batch size. */
export interface NoiseBuffers {
  readonly feeds: Readonly<Record<string, HostTensor<'float32'>>>;
  /** Draws all leaves anew. `purpose` keeps, say, evaluation's noise apart from training's. */
  fill(position: NoisePosition, purpose?: string): void;
}

/** What the buffers take of the kernels' memory, in bytes. */
export function noiseBytes(leaves: readonly NoiseAttributes[], batch: number): number {
  return leaves.reduce((bytes, { shape }) => bytes + alignedBytes(4 * sizeAt(shape, batch)), 0);
}

/** Takes the buffers from the kernels' memory. */
export function noiseBuffers(kernels: Kernels, leaves: readonly NoiseAttributes[], batch: number): NoiseBuffers {
  const slots = leaves.map(leaf => {
    if (leaf.shape.slice(1).some(isSymbolic)) {
      throw new LatentkitError(
        'shape',
        `noise ${leaf.name}: expected N on the first axis only, so that rows can be split`,
      );
    }
    const data = kernels.float32(sizeAt(leaf.shape, batch));
    const perRow = leaf.shape[0] !== undefined && isSymbolic(leaf.shape[0]) ? data.length / batch : 0;
    return { ...leaf, perRow, tensor: float32(data, bindShape(leaf.shape, batch)) };
  });
  return {
    feeds: Object.fromEntries(slots.map(({ name, tensor }) => [name, tensor])),
    fill({ seed, step, firstRow = 0 }, purpose = '') {
      for (const { name, distribution, perRow, tensor } of slots) {
        const key = { seed, step, stream: streamOf(purpose + name), offset: firstRow * perRow };
        if (distribution === 'normal') kernels.fillNormal(tensor.data, key);
        else kernels.fillUniform(tensor.data, key);
      }
    },
  };
}

function sizeAt(shape: NoiseAttributes['shape'], batch: number): number {
  return bindShape(shape, batch).reduce((a, b) => a * b, 1);
}
