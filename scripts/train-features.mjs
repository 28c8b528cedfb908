// Trains the classifier in whose features images are compared (src/evaluate/features) on the training rows of MNIST, and
// writes its parameters into the sources: a byte each, and a scale for each tensor. Takes a minute and runs on what
// `npm run build` made: `npm run features` does both. On one machine the same bytes come out each time; on another, ONNX
// Runtime may add in another order.

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { grad } from '../dist/autodiff/index.js';
import { hostRows, loadData, rowSize } from '../dist/data/index.js';
import { classifier, toDigits } from '../dist/evaluate/features/network.js';
import { graph, input } from '../dist/graph/index.js';
import { createKernels } from '../dist/kernels/index.js';
import { alignedBytes } from '../dist/kernels/memory.js';
import { RootScope } from '../dist/nn/index.js';
import { cast, logSoftmax, mul, neg, oneHot, sum } from '../dist/ops/index.js';
import { createOptimizer, learningRateAt, optimizerSchema, scheduleSchema, stateBytes } from '../dist/optim/index.js';
import { streamOf } from '../dist/random/key.js';
import { permutation } from '../dist/random/permutation.js';
import { float32, initializeParameters, layoutOf, nodeRuntime, viewsOf } from '../dist/runtime/index.js';

const output = fileURLToPath(new URL('../src/evaluate/features/weights.generated.ts', import.meta.url));
const seed = 1;
const epochs = 8;
const batchSize = 128;
const optimizer = optimizerSchema.parse({ type: 'adam', learningRate: 2e-3 });
const schedule = scheduleSchema.parse({ type: 'cosine', warmupSteps: 100 });

const { train, validation, test } = await loadData('mnist');
const scope = new RootScope({ training: true });
const digits = mul(cast(input('x', ['N', ...train.shape], 'uint8'), 'float32'), 1 / 255);
const { logits } = classifier(toDigits(digits), scope);
const truth = oneHot(input('label', ['N'], 'int32'), 10);
const loss = neg(sum(mul(truth, logSoftmax(logits))));
const gradients = grad(loss, scope.tensors);
const named = scope.parameters.map(({ name }, i) => [`gradient/${name}`, gradients[i]]);

const layout = layoutOf(scope.parameters);
const { length } = layout;
const kernels = createKernels(2 * alignedBytes(4 * length) + stateBytes(optimizer, length));
const [parameters, flatGradients] = [kernels.float32(length), kernels.float32(length)];
initializeParameters(layout, parameters, seed);
const update = createOptimizer(kernels, optimizer, parameters, flatGradients);

const runtime = await nodeRuntime({ threads: 1 });
await fit();
const { scales, bytes } = quantize();
const accuracies = { validation: await accuracy(validation), test: await accuracy(test) };
for (const [split, value] of Object.entries(accuracies)) console.log(`${split} accuracy ${(100 * value).toFixed(2)} %`);
write();

/** Minimises the cross-entropy. */
async function fit() {
  const program = await runtime.compile(graph({ loss, ...Object.fromEntries(named) }));
  const x = { dtype: 'uint8', shape: [batchSize, ...train.shape], data: new Uint8Array(batchSize * rowSize(train)) };
  const label = { dtype: 'int32', shape: [batchSize], data: new Int32Array(batchSize) };
  const feeds = { ...viewsOf(layout, parameters), x, label };
  const into = { ...viewsOf(layout, flatGradients, 'gradient/'), loss: float32(new Float32Array(1), []) };
  const perEpoch = Math.floor(train.size / batchSize);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = permutation(train.size, { seed, stream: streamOf('order'), step: epoch });
    let total = 0;
    for (let i = 0; i < perEpoch; i++) {
      const rows = order.subarray(i * batchSize, (i + 1) * batchSize);
      train.read(rows, x.data);
      rows.forEach((row, j) => {
        label.data[j] = train.labels.values[row];
      });
      await program.run(feeds, into);
      const step = epoch * perEpoch + i + 1;
      update.step(learningRateAt(schedule, optimizer.learningRate, step, epochs * perEpoch), step, 1 / batchSize);
      total += into.loss.data[0] / batchSize;
    }
    console.log(`epoch ${epoch + 1}/${epochs}  cross-entropy ${(total / perEpoch).toFixed(4)} nats`);
  }
  await program.dispose();
}

/** The parameters as bytes, and in the buffer what they stand for. */
function quantize() {
  const parts = layout.entries.map(({ offset, size }) => {
    const values = parameters.subarray(offset, offset + size);
    const scale = Math.fround(values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127);
    const bytes = Int8Array.from(values, value => Math.round(value / scale));
    values.forEach((_, i) => {
      values[i] = bytes[i] * scale;
    });
    return { scale, bytes };
  });
  return { scales: parts.map(({ scale }) => scale), bytes: Buffer.concat(parts.map(part => Buffer.from(part.bytes))) };
}

async function accuracy(data) {
  const program = await runtime.compile(graph({ logits }));
  let right = 0;
  for (let start = 0; start < data.size; start += 1000) {
    const x = hostRows(data, start, start + 1000);
    const scores = (await program.run({ ...viewsOf(layout, parameters), x })).logits.data;
    for (let row = 0; row < 1000; row++) {
      const own = scores.subarray(row * 10, (row + 1) * 10);
      if (own.indexOf(Math.max(...own)) === data.labels.values[start + row]) right += 1;
    }
  }
  await program.dispose();
  return right / data.size;
}

function write() {
  const shown = scales.map(scale => `  ${scale},\n`).join('');
  const text = [
    '// Written by scripts/train-features.mjs; not to be edited.\n',
    `// Of MNIST's test digits ${(100 * accuracies.test).toFixed(2)} % are told right.\n\n`,
    '/** What a byte of each parameter is multiplied by, in the order of the parameters. */\n',
    `export const scales: readonly number[] = [\n${shown}];\n\n`,
    `/** All parameters, ${bytes.length} signed bytes in base64. */\n`,
    `export const valuesBase64: string =\n  '${bytes.toString('base64')}';\n`,
  ];
  writeFileSync(output, text.join(''));
  console.log(`${bytes.length} parameters`);
}
