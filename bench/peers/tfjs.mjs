// TensorFlow.js on its WebAssembly backend, with SIMD. (It has no threads in Node: its own flag says so.)

import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as h from './harness.mjs';

// The builds for Node are CommonJS, and both have to share one.
const require = createRequire(import.meta.url);
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
if (!(await tf.setBackend('wasm'))) throw new Error('tfjs: no wasm backend');
await tf.ready();

const parameters = Object.fromEntries(
  Object.entries(h.layers).map(([name, [from, to]]) => [
    name,
    {
      weight: tf.variable(tf.tensor2d(h.initial(from, from * to), [from, to])),
      bias: tf.variable(tf.tensor1d(h.initial(from, to))),
    },
  ]),
);
const dense = (x, { weight, bias }) => tf.add(tf.matMul(x, weight), bias);
const optimizer = tf.train.adam(h.learningRate);

/** The bound's negative, in nats per image. */
function loss(x) {
  const heads = dense(tf.relu(dense(x, parameters.encoder)), parameters.heads);
  const [mean, logVar] = tf.split(heads, 2, 1);
  const deviation = tf.exp(tf.mul(logVar, 0.5));
  const z = tf.add(mean, tf.mul(deviation, tf.randomNormal([h.batchSize, h.latent])));
  const logits = dense(tf.relu(dense(z, parameters.decoder)), parameters.output);
  const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x)));
  const kl = tf.mul(tf.sum(tf.sub(tf.add(tf.square(mean), tf.square(deviation)), tf.add(logVar, 1))), 0.5);
  return tf.div(tf.add(reconstruction, kl), h.batchSize);
}

await h.measure(`tfjs-wasm ${tf.version.tfjs}`, batch =>
  tf.tidy(() => {
    const x = tf.tensor2d(batch, [h.batchSize, h.pixels]);
    return optimizer.minimize(() => loss(x), true).dataSync()[0];
  }),
);
