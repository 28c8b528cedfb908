// jax-js on its WebAssembly backend, the one it has in Node: the whole step, with Adam, is one jitted function.

import { createRequire } from 'node:module';
import * as h from './harness.mjs';

globalThis.navigator ??= {}; // Node 20 has none, and jax-js asks it for its user agent
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import('@jax-js/jax');
const { version } = createRequire(import.meta.url)('../node_modules/@jax-js/jax/package.json');
await init('wasm');
defaultDevice('wasm');

const names = Object.keys(h.layers);
const array = (values, shape) => np.array(values).reshape(shape);
const fill = make => Object.fromEntries(names.map(name => [name, make(...h.layers[name])]));
let parameters = fill((from, to) => ({
  weight: array(h.initial(from, from * to), [from, to]),
  bias: array(h.initial(from, to), [to]),
}));
const zeros = () => fill((from, to) => ({ weight: np.zeros([from, to]), bias: np.zeros([to]) }));
let first = zeros();
let second = zeros();
let step = np.array(0);

// Arrays are counted: a use consumes one, and `.ref` is one more.
const dense = (x, { weight, bias }) => np.matmul(x, weight).add(bias);

/** The bound's negative, in nats per image. */
function loss(p, x, noise) {
  const heads = dense(nn.relu(dense(x.ref, p.encoder)), p.heads);
  const [mean, logVar] = np.split(heads, 2, 1);
  const deviation = np.exp(logVar.ref.mul(0.5));
  const z = mean.ref.add(deviation.ref.mul(noise));
  const logits = dense(nn.relu(dense(z, p.decoder)), p.output);
  const reconstruction = nn.softplus(logits.ref).sub(logits.mul(x)).sum();
  const kl = np.square(mean).add(np.square(deviation)).sub(logVar).sub(1).sum().mul(0.5);
  return reconstruction.add(kl).div(h.batchSize);
}

/** Adam (Kingma and Ba 2015, algorithm 1) on the gradient of the loss. */
// Noise from outside is a little faster than drawing it in here.
const update = jit((p, m, v, t, x, noise) => {
  const [value, gradient] = valueAndGrad(loss)(tree.ref(p), x, noise);
  t = t.add(1);
  const first = tree.map((m, g) => m.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradient));
  const second = tree.map((v, g) => v.mul(0.999).add(np.square(g).mul(0.001)), v, gradient);
  const unbiasFirst = np.array(1).sub(np.exp(t.ref.mul(Math.log(0.9))));
  const unbiasSecond = np.array(1).sub(np.exp(t.ref.mul(Math.log(0.999))));
  const next = tree.map(
    (p, m, v) =>
      p.sub(
        m
          .div(unbiasFirst.ref)
          .mul(h.learningRate)
          .div(np.sqrt(v.div(unbiasSecond.ref)).add(1e-8)),
      ),
    p,
    tree.ref(first),
    tree.ref(second),
  );
  unbiasFirst.dispose();
  unbiasSecond.dispose();
  return [next, first, second, t, value];
});

await h.measure(`jax-js ${version}`, async batch => {
  let value;
  const x = array(batch, [h.batchSize, h.pixels]);
  const noise = array(h.normals(h.batchSize * h.latent), [h.batchSize, h.latent]);
  [parameters, first, second, step, value] = update(parameters, first, second, step, x, noise);
  return (await value.data())[0];
});
