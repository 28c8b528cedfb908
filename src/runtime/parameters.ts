// All parameters in one flat buffer, each under its name as a view: one fused kernel updates them, one file saves them,
// and the runtime reads and writes them in place.

import type { ParameterAttributes, ParameterRole } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { streamOf } from '../random/index.ts';
import { float32, type HostTensor } from './host.ts';

/** Where each parameter lies in the flat buffer. Offsets and sizes count elements; gaps between parameters stay zero. */
export interface ParameterLayout {
  readonly entries: readonly (ParameterAttributes & { readonly offset: number; readonly size: number })[];
  /** The length of the flat buffer. */
  readonly length: number;
}

/** Named views of parameters (or of whatever lies like them: gradients, moments). */
export type ParameterViews = Readonly<Record<string, HostTensor<'float32'>>>;

const alignment = 16;

/** Lays parameters out one after another, each at a 64-byte boundary. */
export function layoutOf(parameters: readonly ParameterAttributes[]): ParameterLayout {
  let offset = 0;
  const entries = parameters.map(parameter => {
    const size = parameter.shape.reduce((a, b) => a * b, 1);
    const entry = { ...parameter, offset, size };
    offset += Math.ceil(size / alignment) * alignment;
    return entry;
  });
  return { entries, length: offset };
}

/** The part of a flat buffer in which parameters of a role lie; they follow one another, since `Scope` gives them so. */
export function partOf(layout: ParameterLayout, role: ParameterRole): readonly [start: number, end: number] {
  const first = layout.entries.findIndex(entry => entry.role === role);
  if (first < 0) return [layout.length, layout.length];
  const next = layout.entries.slice(first).find(entry => entry.role !== role);
  return [layout.entries[first]!.offset, next?.offset ?? layout.length];
}

/** Views of a flat buffer by name, with an optional prefix. */
export function viewsOf(layout: ParameterLayout, buffer: Float32Array, prefix = ''): ParameterViews {
  return Object.fromEntries(
    layout.entries.map(({ name, shape, offset, size }) => [
      prefix + name,
      float32(buffer.subarray(offset, offset + size), shape),
    ]),
  );
}

/** Fills parameters with their initial values, a function of the seed and each parameter's name alone. */
export function initializeParameters(layout: ParameterLayout, buffer: Float32Array, seed: number): void {
  const largest = layout.entries.reduce((most, { size }) => Math.max(most, size), 0);
  const kernels = createKernels(alignedBytes(4 * largest));
  const scratch = kernels.float32(largest);
  for (const { name, initial, offset, size } of layout.entries) {
    const target = buffer.subarray(offset, offset + size);
    const draws = scratch.subarray(0, size);
    const key = { seed, stream: streamOf(`initial/${name}`), step: 0 };
    if (initial.type === 'constant') {
      target.fill(initial.value);
    } else if (initial.type === 'uniform') {
      kernels.fillUniform(draws, key);
      for (let i = 0; i < size; i++) target[i] = (2 * draws[i]! - 1) * initial.bound;
    } else {
      kernels.fillNormal(draws, key);
      for (let i = 0; i < size; i++) target[i] = draws[i]! * initial.deviation;
    }
  }
}
