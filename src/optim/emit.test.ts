import { beforeAll, describe, expect, test } from 'vitest';
import { verify } from '../graph/index.ts';
import { alignedBytes, createKernels } from '../kernels/index.ts';
import { float32, type HostTensor, nodeRuntime, type Runtime } from '../runtime/index.ts';
import {
  createOptimizer,
  type OptimizerInput,
  optimizerGraph,
  optimizerSchema,
  stateBytes,
  stepScalars,
} from './index.ts';

const tensors = [
  { name: 'weight', shape: [7, 5] },
  { name: 'bias', shape: [5] },
];
const length = 40;
const steps = 60;

const cases: OptimizerInput[] = [
  { type: 'adam' },
  { type: 'adam', clipNorm: 0.05, ema: 0.9, beta1: 0.8 },
  { type: 'adamw', weightDecay: 0.2, clipNorm: 1e6 },
  { type: 'sgd', momentum: 0.7 },
  { type: 'sgd', momentum: 0.7, nesterov: true, clipNorm: 0.05, ema: 0.99 },
];

let runtime: Runtime;
beforeAll(async () => {
  runtime = await nodeRuntime({ threads: 1 });
});

describe('an optimiser emitted as graph', () => {
  test.each(cases)('does what the fused kernel does: %j', async given => {
    const config = optimizerSchema.parse(given);
    const kernels = createKernels(2 * alignedBytes(4 * length) + stateBytes(config, length));
    const [parameters, gradients] = [kernels.float32(length), kernels.float32(length)];
    kernels.fillNormal(parameters, { seed: 3, stream: 0, step: 0 });
    const fused = createOptimizer(kernels, config, parameters, gradients);

    const emitted = optimizerGraph(config, tensors);
    verify(emitted);
    const program = await runtime.compile(emitted);
    let state: Record<string, HostTensor> = slices('parameter', parameters);
    for (const [slot, values] of Object.entries(fused.state)) state = { ...state, ...slices(slot, values) };

    for (let step = 1; step <= steps; step++) {
      kernels.fillNormal(gradients, { seed: 3, stream: 1, step });
      const scalars = Object.entries(stepScalars(config, 0.01, step, 0.25));
      const feeds = Object.fromEntries(scalars.map(([name, value]) => [name, float32(Float32Array.of(value), [])]));
      const next = await program.run({ ...state, ...slices('gradient', gradients), ...feeds });
      state = Object.fromEntries(Object.entries(next).map(([name, value]) => [name.slice('next/'.length), value]));
      fused.step(0.01, step, 0.25);
    }
    for (const [slot, values] of Object.entries({ parameter: parameters, ...fused.state })) {
      for (const [name, { data }] of Object.entries(slices(slot, values))) {
        const largest = Math.max(...data.map(Math.abs));
        data.forEach((value, i) => {
          expect(Math.abs(Number(state[name]!.data[i]) - value)).toBeLessThan(1e-5 * largest);
        });
      }
    }
    await program.dispose();
  });
});

/** A flat buffer as the tensors lie in it, each under `slot/name`. */
function slices(slot: string, buffer: Float32Array): Record<string, HostTensor<'float32'>> {
  let offset = 0;
  return Object.fromEntries(
    tensors.map(({ name, shape }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = buffer.slice(offset, offset + size);
      offset += size;
      return [`${slot}/${name}`, float32(data, shape)];
    }),
  );
}
