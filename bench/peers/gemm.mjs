// The limit: the matrix products of one training step, forward and backward, and nothing else, on the ONNX Runtime that
// Latentkit runs on. Per layer y = a·w, dw = aᵀ·dy, and for all but the first layer da = dy·wᵀ.

import { createRequire } from 'node:module';
import { graph, input } from '../../dist/graph/index.js';
import { emitOnnx } from '../../dist/onnx/index.js';
import { matmul } from '../../dist/ops/index.js';
import * as h from './harness.mjs';

const require = createRequire(new URL('../../package.json', import.meta.url));
const ort = require('onnxruntime-node');
const { version } = require('onnxruntime-node/package.json');

/** Products as [rows, inner, columns]; a convolution counts as the one product over its patches. */
const products = {
  mlp: Object.values(h.layers).map(([from, to]) => [h.batchSize, from, to]),
  conv: [
    [h.batchSize * 14 * 14, 1 * 16, 32],
    [h.batchSize * 7 * 7, 32 * 16, 64],
    [h.batchSize, 3136, 2 * h.latent],
    [h.batchSize, h.latent, 3136],
    [h.batchSize * 7 * 7, 64, 32 * 16],
    [h.batchSize * 14 * 14, 32, 1 * 16],
  ],
}[h.model];

const outputs = {};
for (const [i, [rows, inner, columns]] of products.entries()) {
  const a = input(`a${i}`, [rows, inner]);
  const w = input(`w${i}`, [inner, columns]);
  const dy = input(`dy${i}`, [rows, columns]);
  outputs[`y${i}`] = matmul(a, w);
  outputs[`dw${i}`] = matmul(a, dy, { transposeA: true });
  if (i > 0) outputs[`da${i}`] = matmul(dy, w, { transposeB: true });
}
const step = graph(outputs);
const session = await ort.InferenceSession.create(emitOnnx(step), {
  graphOptimizationLevel: 'all',
  extra: { session: { set_denormal_as_zero: '1' } },
});
const tensor = ({ shape }, values) => new ort.Tensor('float32', values ?? new Float32Array(size(shape)), shape);
const size = shape => shape.reduce((a, b) => a * b, 1);
const feeds = Object.fromEntries(
  [...step.leaves].map(([name, leaf]) => [name, tensor(leaf, h.normals(size(leaf.shape)))]),
);
const fetches = Object.fromEntries(Object.entries(step.outputs).map(([name, output]) => [name, tensor(output)]));

for (let i = 0; i < 20; i++) await session.run(feeds, fetches);
const steps = h.steps;
const start = performance.now();
for (let i = 0; i < steps; i++) await session.run(feeds, fetches);
h.report(`onnxruntime ${version} GEMMs`, steps, (performance.now() - start) / 1000, null);
